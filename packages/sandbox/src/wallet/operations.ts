// The operations of wallets.

import type { Operations } from "../command/operations.ts";
import type { WalletCommand } from "./command.ts";
import { setLowBalanceThreshold } from "./low-balance.ts";
import { deposit, withdraw } from "./transfer.ts";

export const walletOperations: Operations<WalletCommand> = {
  deposit,
  withdraw,
  "set-low-balance-threshold": setLowBalanceThreshold,
};
