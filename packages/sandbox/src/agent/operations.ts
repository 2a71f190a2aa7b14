// The operations of accounts.

import type { Operations } from "../command/operations.ts";
import { claim } from "./claim.ts";
import type { AccountCommand } from "./command.ts";
import { createKey, revokeKey } from "./key.ts";
import { register } from "./register.ts";

export const accountOperations: Operations<AccountCommand> = {
  register,
  claim: (_command, context) => claim(context),
  "create-api-key": createKey,
  "revoke-api-key": ({ keyId }, context) => revokeKey(keyId, context),
};
