// How a job goes from one state to the next, with the payment in its escrow. Who may do it is decided before.

import { micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import type { Told } from "../command/outcome.ts";
import { end } from "../escrow/end.ts";
import type { Escrow } from "../escrow/escrow.ts";
import type { Change } from "../escrow/told.ts";
import { complete } from "../escrow/transition.ts";
import { clearTimers, endWork, tellJob } from "./follow.ts";
import type { Job } from "./job.ts";

/** From now on the payer cannot cancel it. */
export function take(job: Job, escrow: Escrow, { store, at }: Context): Change {
  const taken: Job = { ...job, status: "taken", takenAt: at };
  store.jobs.update(taken);
  return { escrow, told: tellJob("job.taken", taken) };
}

export interface Delivery {
  readonly resultHash: string;
  readonly deliveryUri: string;
}

/** Delivers it; pays at once where the order says so. */
export function deliver(job: Job, escrow: Escrow, delivery: Delivery, context: Context): Change {
  const { store, at } = context;
  const delivered: Job = {
    ...job,
    ...delivery,
    status: "completed",
    takenAt: job.takenAt ?? at,
    endedAt: at,
  };
  store.jobs.update(delivered);
  clearTimers(job, context);
  const told = tellJob("job.completed", delivered);
  const after = completed(escrow, context);
  if (!job.autoRelease || after.escrow.status !== "completed") {
    return { escrow: after.escrow, told: [...told, ...after.told] };
  }
  const paid = end(after.escrow, escrow.amount, "release", context);
  return { escrow: paid.escrow, told: [...told, ...after.told, ...paid.told] };
}

/** Paid or disputed already, it stays so; the arbiter hears that there was a delivery. */
function completed(escrow: Escrow, context: Context): Change {
  if (escrow.status === "locked") return complete(escrow, context);
  if (escrow.status !== "disputed") return { escrow, told: [] };
  const changed: Escrow = { ...escrow, wasDone: true };
  context.store.escrows.update(changed);
  return { escrow: changed, told: [] };
}

/** The worker gives up: what is still locked goes back. */
export function giveUp(job: Job, escrow: Escrow, reason: string, context: Context): Change {
  return withRefund(endWork(job, "failed", reason, context), escrow, "refund", context);
}

/** The payer calls it off before anybody has taken it. */
export function callOff(job: Job, escrow: Escrow, context: Context): Change {
  return withRefund(endWork(job, "cancelled", "cancelled", context), escrow, "cancel", context);
}

function withRefund(
  told: readonly Told[],
  escrow: Escrow,
  endedBy: "refund" | "cancel",
  context: Context,
): Change {
  if (escrow.status !== "locked") return { escrow, told };
  const refunded = end(escrow, micros(0n), endedBy, context);
  return { escrow: refunded.escrow, told: [...told, ...refunded.told] };
}
