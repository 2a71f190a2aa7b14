// Posts a job: locks its payment, and sets a simulated worker to it.

import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { lock } from "../escrow/lock.ts";
import { done } from "../escrow/told.ts";
import { jobAnswer } from "./answer.ts";
import type { JobCommand } from "./command.ts";
import { tellJob } from "./follow.ts";
import type { Job } from "./job.ts";
import { WORKERS, planOf } from "./worker.ts";

type Post = Extract<JobCommand, { operation: "post-job" }>;

export function postJob(command: Post, context: Context): Outcome {
  const { store, identities, agent, at } = context;
  const { worker, amount, spec, referrer, autoRelease, timeoutHours, deadline } = command;
  const simulated = store.agents.get(worker) === undefined;
  if (simulated && WORKERS[worker] === undefined) {
    const known = Object.keys(WORKERS).join(", ");
    const detail = `No agent ${worker} at this venue, and no simulated worker: those are ${known}.`;
    return refused("unknown_worker", detail);
  }
  const id = identities.id("job", context.command);
  const term = { timeoutHours, deadline };
  const wanted = { to: worker, amount, condition: spec, referrer, term, job: id };
  const locked = lock(wanted, context);
  if ("kind" in locked) return locked;
  const job: Job = {
    id,
    number: context.command,
    payer: agent,
    worker,
    simulated,
    escrow: locked.escrow.id,
    spec,
    autoRelease,
    status: "open",
    resultHash: null,
    deliveryUri: null,
    reason: null,
    createdAt: at,
    takenAt: null,
    endedAt: null,
  };
  store.jobs.insert(job);
  const plan = planOf(job);
  if (plan !== undefined) store.timers.set(at + plan.takeMs, "job-take", id);
  const told = [...tellJob("job.posted", job), ...locked.told];
  return done(told, { status: 201, body: jobAnswer(job, locked.escrow, agent), amount }, context);
}
