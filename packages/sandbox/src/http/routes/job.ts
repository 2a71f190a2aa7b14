// Paths of jobs: all of them are extensions of the paper venue.

import {
  DeliverJobRequest,
  FailJobRequest,
  JobActionRequest,
  JobStatus,
  PostJobRequest,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import { jobAnswer } from "../../job/answer.ts";
import { jobOf } from "../../job/operations.ts";
import { ProblemError } from "../problem.ts";
import { lastPart, limitOf, partBeforeLast, queried } from "../query.ts";
import { type Asked, type Route, type WriteOptions, read, write } from "../route.ts";

const post: WriteOptions<typeof PostJobRequest> = {
  schema: PostJobRequest,
  aliases: { worker: ["to", "counterparty"], amount: ["amount_usd", "amount_usdc"] },
  command: ({ worker, amount, spec, auto_release: autoRelease = false, ...more }) => ({
    operation: "post-job",
    worker,
    amount,
    spec,
    autoRelease,
    referrer: more.referrer ?? undefined,
    timeoutHours: more.timeout_hours,
    deadline: more.deadline,
  }),
};

function own(operation: "cancel-job" | "take-job"): WriteOptions<typeof JobActionRequest> {
  return {
    schema: JobActionRequest,
    command: (_body, path) => ({ operation, jobId: partBeforeLast(path) }),
  };
}

const deliver: WriteOptions<typeof DeliverJobRequest> = {
  schema: DeliverJobRequest,
  command: ({ result_hash: resultHash, delivery_uri: deliveryUri }, path) => ({
    operation: "deliver-job",
    jobId: partBeforeLast(path),
    resultHash,
    deliveryUri,
  }),
};

const fail: WriteOptions<typeof FailJobRequest> = {
  schema: FailJobRequest,
  command: ({ reason }, path) => ({ operation: "fail-job", jobId: partBeforeLast(path), reason }),
};

const JobsQuery = z.object({ status: JobStatus.optional() });

export const jobRoutes: readonly Route[] = [
  write("main", "/api/jobs", "post-job", post),
  write("main", "/api/jobs/:id/cancel", "cancel-job", own("cancel-job")),
  write("main", "/api/jobs/:id/take", "take-job", own("take-job")),
  write("main", "/api/jobs/:id/deliver", "deliver-job", deliver),
  write("main", "/api/jobs/:id/fail", "fail-job", fail),
  read("main", "/api/jobs", "jobs", { answer: jobs }),
  read("main", "/api/jobs/:id", "job", { answer: job }),
];

function job({ venue, agent, path }: Asked): Json {
  const id = lastPart(path);
  const found = venue.look(agent, (context) => jobOf(agent, id, context));
  if (found !== undefined) return { ...jobAnswer(found.job, found.escrow, agent) };
  throw new ProblemError("unknown_job", `No job ${id} of this agent.`);
}

function jobs({ venue, agent, url }: Asked): Json {
  const { status } = queried(JobsQuery, url);
  const limit = limitOf(url);
  const found = venue.look(agent, (context) =>
    context.store.jobs
      .list(agent, limit, status)
      .flatMap(({ id }) => jobOf(agent, id, context) ?? []),
  );
  return { jobs: found.map((one) => jobAnswer(one.job, one.escrow, agent)) };
}
