// Carries a command out by the operation of its domain.

import { accountOperations } from "../agent/operations.ts";
import { escrowOperations } from "../escrow/operations.ts";
import { jobOperations } from "../job/operations.ts";
import { casinoOperations } from "../casino/operations.ts";
import { domainOperations } from "../domain/operations.ts";
import { tradeOperations } from "../trade/operations.ts";
import { walletOperations } from "../wallet/operations.ts";
import { webhookOperations } from "../webhook/operations.ts";
import type { Command, Operation } from "./command.ts";
import type { Context } from "./context.ts";
import type { Operations } from "./operations.ts";
import type { Outcome } from "./outcome.ts";

const OPERATIONS: Operations<Command> = {
  ...accountOperations,
  ...escrowOperations,
  ...jobOperations,
  ...casinoOperations,
  ...domainOperations,
  ...tradeOperations,
  ...walletOperations,
  ...webhookOperations,
};

/** Every operation that writes, by name. */
export const OPERATION_NAMES: readonly Operation[] = Object.keys(OPERATIONS) as Operation[];

export function perform(command: Command, context: Context): Outcome {
  const carryOut = OPERATIONS[command.operation] as (command: Command, context: Context) => Outcome;
  return carryOut(command, context);
}
