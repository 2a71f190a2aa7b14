// The operations of accounts.

import type { Operations } from "../command/operations.ts";
import { claim } from "./claim.ts";
import type { AccountCommand } from "./command.ts";
import { register } from "./register.ts";

export const accountOperations: Operations<AccountCommand> = {
  register,
  claim: (_command, context) => claim(context),
};
