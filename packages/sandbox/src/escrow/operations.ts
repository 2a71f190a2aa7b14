// What the sides of an escrow may do with it. A repetition of what has ended it, or of what has brought it where it
// is, changes nothing and is answered as then; anything else that does not fit its state is refused.

import { micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import type { Operations } from "../command/operations.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import { escrowAnswer } from "./answer.ts";
import type { EscrowCommand } from "./command.ts";
import { end } from "./end.ts";
import type { Escrow } from "./escrow.ts";
import { lock } from "./lock.ts";
import { type Change, done, unchanged } from "./told.ts";
import { complete, dispute } from "./transition.ts";

export const escrowOperations: Operations<EscrowCommand> = {
  "create-escrow"({ to, amount, condition, referrer, timeoutHours, deadline }, context) {
    const term = { timeoutHours, deadline };
    const locked = lock({ to, amount, condition, referrer, term, job: null }, context);
    return "kind" in locked ? locked : changed(locked, 201, context);
  },
  "release-escrow": ({ escrowId }, context) =>
    withEscrow(escrowId, "payer", context, (escrow) => {
      if (escrow.endedBy === "release") return unchanged(escrowAnswer(escrow, context.agent));
      if (!isUndecided(escrow)) return wrongState(escrow, "release");
      return changed(end(escrow, escrow.amount, "release", context), 200, context);
    }),
  "complete-escrow": ({ escrowId }, context) =>
    withEscrow(escrowId, "payee", context, (escrow) => {
      if (escrow.status === "completed") return unchanged(escrowAnswer(escrow, context.agent));
      if (escrow.status !== "locked") return wrongState(escrow, "complete");
      if (escrow.job !== null) {
        const detail = `Escrow ${escrowId} is that of job ${escrow.job}: deliver the job instead.`;
        return refused("escrow_state", detail, { escrow_status: escrow.status });
      }
      return changed(complete(escrow, context), 200, context);
    }),
  "dispute-escrow": ({ escrowId, reason }, context) =>
    withEscrow(escrowId, "either", context, (escrow) => {
      if (escrow.status === "disputed") return unchanged(escrowAnswer(escrow, context.agent));
      if (!isUndecided(escrow)) return wrongState(escrow, "dispute");
      return changed(dispute(escrow, reason, context), 200, context);
    }),
  "refund-escrow": ({ escrowId }, context) =>
    withEscrow(escrowId, "payee", context, (escrow) => {
      if (escrow.endedBy === "refund") return unchanged(escrowAnswer(escrow, context.agent));
      if (!isUndecided(escrow)) return wrongState(escrow, "refund");
      return changed(end(escrow, micros(0n), "refund", context), 200, context);
    }),
};

/** In a dispute, only the arbiter decides. */
function isUndecided({ status }: Escrow): boolean {
  return status === "locked" || status === "completed";
}

function changed({ escrow, told }: Change, status: 200 | 201, context: Context): Outcome {
  return done(
    told,
    { status, body: escrowAnswer(escrow, context.agent), amount: escrow.amount },
    context,
  );
}

/** Does something with an escrow of the caller's, where it is the caller's to do. */
function withEscrow(
  id: string,
  role: "payer" | "payee" | "either",
  { store, agent }: Context,
  act: (escrow: Escrow) => Outcome,
): Outcome {
  const escrow = escrowOf(agent, store.escrows.get(id));
  if (escrow === undefined) return refused("unknown_escrow", `No escrow ${id} of this agent.`);
  const own = agent === escrow.payer ? "payer" : "payee";
  if (role === "either" || role === own) return act(escrow);
  return refused("escrow_role", `Only the ${role} may do this; this agent is the ${own}.`);
}

/** The escrow where the agent is one of its sides. */
export function escrowOf(agent: string, escrow: Escrow | undefined): Escrow | undefined {
  if (escrow === undefined) return undefined;
  const isPayee = !escrow.simulated && escrow.payee === agent;
  return isPayee || escrow.payer === agent ? escrow : undefined;
}

function wrongState({ id, status, endedBy }: Escrow, action: string): Refused {
  const how = endedBy === null ? "" : ` (${endedBy})`;
  const detail = `Cannot ${action} escrow ${id}: it is ${status}${how}.`;
  return refused("escrow_state", detail, { escrow_status: status, ended_by: endedBy });
}
