// The operations of domains.

import type { Operations } from "../command/operations.ts";
import type { DomainCommand } from "./command.ts";
import { registerDomain } from "./register-domain.ts";
import { renewDomain } from "./renew-domain.ts";

export const domainOperations: Operations<DomainCommand> = {
  "register-domain": registerDomain,
  "renew-domain": renewDomain,
};
