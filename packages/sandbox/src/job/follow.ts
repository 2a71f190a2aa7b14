// What becomes of a job when its money goes back before it is done: it fails, and says why.

import type { Context } from "../command/context.ts";
import type { Told } from "../command/outcome.ts";
import type { EndedBy, Escrow } from "../escrow/escrow.ts";
import { type Job, isUndone } from "./job.ts";

const REASONS: Readonly<Record<EndedBy, string>> = {
  expiry: "deadline",
  refund: "given_back",
  resolve: "arbiter",
  release: "released",
  cancel: "cancelled",
};

/** Ends an escrow's job where there is one to end; a payment alone ends none. */
export function endJob(escrow: Escrow, context: Context): readonly Told[] {
  const { job: id, status, endedBy } = escrow;
  if (id === null || status === "released" || endedBy === null) return [];
  const job = context.store.jobs.get(id);
  if (job === undefined || !isUndone(job)) return [];
  const isCancelled = endedBy === "cancel";
  return endWork(job, isCancelled ? "cancelled" : "failed", REASONS[endedBy], context);
}

/** Ends a job that is not done, and says so to both sides. */
export function endWork(
  job: Job,
  status: "failed" | "cancelled",
  reason: string,
  { store, at }: Context,
): readonly Told[] {
  const ended: Job = { ...job, status, reason, endedAt: at };
  store.jobs.update(ended);
  clearTimers(job, { store });
  return tellJob(`job.${status}`, ended);
}

export function clearTimers({ id, simulated }: Job, { store }: Pick<Context, "store">): void {
  if (!simulated) return;
  store.timers.clear("job-take", id);
  store.timers.clear("job-end", id);
}

/** The same to both sides, where they are agents of this venue. */
export function tellJob(type: string, job: Job): readonly Told[] {
  const payload = {
    job_id: job.id,
    escrow_id: job.escrow,
    status: job.status,
    worker: job.worker,
    result_hash: job.resultHash,
    delivery_uri: job.deliveryUri,
    reason: job.reason,
  };
  const agents = job.simulated ? [job.payer] : [job.payer, job.worker];
  return agents.map((agent) => ({ type, agent, payload }));
}
