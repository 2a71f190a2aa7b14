// What simulated workers do by themselves: take a job, then finish it or fail.

import type { Context, OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import type { Escrow } from "../escrow/escrow.ts";
import { byItself } from "../escrow/timers.ts";
import type { Change } from "../escrow/told.ts";
import { type Job, isUndone } from "./job.ts";
import { deliver, giveUp, take } from "./work.ts";
import { type WorkPlan, deliveryOf, planOf } from "./worker.ts";

/** What a simulated worker says when it fails. */
const FAILED = "worker_failed";

export const jobTimers = {
  "job-take"(id: string, own: OwnContext, journal: Journal): void {
    work(id, "take-job", own, journal, (job, escrow, plan, context) => {
      if (job.status !== "open") return undefined;
      own.store.timers.set(own.at + plan.workMs, "job-end", id);
      return take(job, escrow, context);
    });
  },
  "job-end"(id: string, own: OwnContext, journal: Journal): void {
    work(id, "end-job", own, journal, (job, escrow, { succeeds }, context) => {
      if (!isUndone(job)) return undefined;
      if (!succeeds) return giveUp(job, escrow, FAILED, context);
      return deliver(job, escrow, deliveryOf(job), context);
    });
  },
} as const;

function work(
  id: string,
  operation: string,
  own: OwnContext,
  journal: Journal,
  act: (job: Job, escrow: Escrow, plan: WorkPlan, context: Context) => Change | undefined,
): void {
  const job = own.store.jobs.get(id);
  const plan = job === undefined ? undefined : planOf(job);
  if (job === undefined || plan === undefined) return;
  byItself(job.escrow, operation, own, journal, (escrow, context) =>
    act(job, escrow, plan, context),
  );
}
