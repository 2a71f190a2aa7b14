// What the sides of a job may do with it. A repetition of what has brought it where it is changes nothing and is
// answered as then.

import type { Context } from "../command/context.ts";
import type { Operations } from "../command/operations.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import type { Escrow } from "../escrow/escrow.ts";
import { type Change, done, unchanged } from "../escrow/told.ts";
import { jobAnswer } from "./answer.ts";
import type { JobCommand } from "./command.ts";
import { type Job, isUndone } from "./job.ts";
import { postJob } from "./post.ts";
import { callOff, deliver, giveUp, take } from "./work.ts";

export const jobOperations: Operations<JobCommand> = {
  "post-job": postJob,
  "cancel-job": ({ jobId }, context) =>
    withJob(jobId, "payer", context, (job, escrow) => {
      if (job.status === "cancelled") return same(job, escrow, context);
      const isOpen = job.status === "open" && escrow.status === "locked";
      if (!isOpen) return wrongState("cancel", job, escrow);
      return changed(job, callOff(job, escrow, context), context);
    }),
  "take-job": ({ jobId }, context) =>
    withJob(jobId, "worker", context, (job, escrow) => {
      if (job.status === "taken") return same(job, escrow, context);
      if (job.status !== "open") return wrongState("take", job, escrow);
      return changed(job, take(job, escrow, context), context);
    }),
  "deliver-job": ({ jobId, resultHash, deliveryUri }, context) =>
    withJob(jobId, "worker", context, (job, escrow) => {
      const isSame = job.resultHash === resultHash && job.deliveryUri === deliveryUri;
      if (job.status === "completed" && isSame) return same(job, escrow, context);
      if (!isUndone(job)) return wrongState("deliver", job, escrow);
      return changed(job, deliver(job, escrow, { resultHash, deliveryUri }, context), context);
    }),
  "fail-job": ({ jobId, reason }, context) =>
    withJob(jobId, "worker", context, (job, escrow) => {
      if (job.status === "failed" && job.reason === reason) return same(job, escrow, context);
      if (!isUndone(job)) return wrongState("fail", job, escrow);
      return changed(job, giveUp(job, escrow, reason, context), context);
    }),
};

/** The job and its escrow where the agent is one of its sides. */
export function jobOf(
  agent: string,
  id: string,
  { store }: Pick<Context, "store">,
): { readonly job: Job; readonly escrow: Escrow } | undefined {
  const job = store.jobs.get(id);
  const escrow = job === undefined ? undefined : store.escrows.get(job.escrow);
  if (job === undefined || escrow === undefined) return undefined;
  const isWorker = !job.simulated && job.worker === agent;
  return isWorker || job.payer === agent ? { job, escrow } : undefined;
}

/** Does something with a job of the caller's, where it is the caller's to do. */
function withJob(
  id: string,
  role: "payer" | "worker",
  context: Context,
  act: (job: Job, escrow: Escrow) => Outcome,
): Outcome {
  const found = jobOf(context.agent, id, context);
  if (found === undefined) return refused("unknown_job", `No job ${id} of this agent.`);
  const { job, escrow } = found;
  const own = context.agent === job.payer ? "payer" : "worker";
  if (role === own) return act(job, escrow);
  return refused("job_role", `Only the ${role} may do this; this agent is the ${own}.`);
}

function changed({ id }: Job, change: Change, context: Context): Outcome {
  const { escrow, told } = change;
  const job = context.store.jobs.get(id);
  if (job === undefined) throw new Error(`Job ${id} is gone.`);
  const body = jobAnswer(job, escrow, context.agent);
  return done(told, { status: 200, body, amount: escrow.amount }, context);
}

function same(job: Job, escrow: Escrow, { agent }: Context): Outcome {
  return unchanged(jobAnswer(job, escrow, agent));
}

function wrongState(action: string, { id, status }: Job, escrow: Escrow): Refused {
  const detail = `Cannot ${action} job ${id}: it is ${status}, its payment ${escrow.status}.`;
  return refused("job_state", detail, { job_status: status, escrow_status: escrow.status });
}
