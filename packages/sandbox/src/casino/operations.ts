// The operations of the casino.

import type { Operations } from "../command/operations.ts";
import { bet } from "./bet.ts";
import type { CasinoCommand } from "./command.ts";
import { rotate } from "./rotate.ts";

export const casinoOperations: Operations<CasinoCommand> = { bet, "rotate-seed": rotate };
