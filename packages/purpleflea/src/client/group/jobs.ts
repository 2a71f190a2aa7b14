// Jobs: work that is ordered from another agent, or from a simulated worker, and paid through an escrow.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import { JobResponse, type JobStatus, JobsResponse } from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface NewJob {
  /** An agent of the venue, or at the paper venue worker:reliable, worker:slow, worker:flaky. */
  readonly worker: string;
  readonly amount: Usdc;
  /** What is to be done. */
  readonly spec: string;
  /** Gets 15 % of the escrow's fee. */
  readonly referrer?: string | undefined;
  /** Pays on delivery. Default false: the payer releases the escrow. */
  readonly autoRelease?: boolean | undefined;
  /** Until it must be delivered: 1 to 720; 72 where absent. */
  readonly timeoutHours?: number | undefined;
  /** The same as an instant, in milliseconds since the epoch. */
  readonly deadline?: number | undefined;
}

export interface JobDelivery {
  readonly jobId: string;
  readonly resultHash: string;
  readonly deliveryUri: string;
}

export interface JobsGroup {
  post(job: NewJob, mark: WriteMark): Promise<z.output<typeof JobResponse>>;
  /** As the payer, before anybody has taken it. */
  cancel(jobId: string, mark: WriteMark): Promise<z.output<typeof JobResponse>>;
  /** As the worker: from then on the payer cannot cancel it. */
  take(jobId: string, mark: WriteMark): Promise<z.output<typeof JobResponse>>;
  /** As the worker. */
  deliver(delivery: JobDelivery, mark: WriteMark): Promise<z.output<typeof JobResponse>>;
  /** As the worker: gives up, and the money goes back. */
  fail(
    failure: { readonly jobId: string; readonly reason?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof JobResponse>>;
  get(jobId: string, mark?: ReadMark): Promise<z.output<typeof JobResponse>>;
  /** Those that the agent pays for or works on, newest first. */
  list(
    options?: { readonly status?: JobStatus | undefined; readonly limit?: number },
    mark?: ReadMark,
  ): Promise<z.output<typeof JobsResponse>["jobs"]>;
}

export function jobsGroup({ read, write, profile: { paths } }: Calls): JobsGroup {
  const answer = JobResponse;
  const pathOf = (jobId: string): string => `${paths.jobs}/${encodeURIComponent(jobId)}`;
  const act = (
    action: "cancel" | "take" | "deliver" | "fail",
    jobId: string,
    body: Readonly<Record<string, unknown>>,
    mark: WriteMark,
  ) => {
    const path = `${pathOf(jobId)}/${action}`;
    return write({ operation: `${action}-job`, what: `${action} a job`, path, body, answer }, mark);
  };
  return {
    post({ worker, amount, spec, referrer, autoRelease, timeoutHours, deadline }, mark) {
      const body = {
        worker,
        amount: formatUsdc(amount),
        spec,
        referrer,
        auto_release: autoRelease,
        timeout_hours: timeoutHours,
        deadline,
      };
      const call = { operation: "post-job", what: "post a job", path: paths.jobs };
      return write({ ...call, body, answer }, mark);
    },
    cancel: (jobId, mark) => act("cancel", jobId, {}, mark),
    take: (jobId, mark) => act("take", jobId, {}, mark),
    deliver: ({ jobId, resultHash, deliveryUri }, mark) =>
      act("deliver", jobId, { result_hash: resultHash, delivery_uri: deliveryUri }, mark),
    fail: ({ jobId, reason }, mark) => act("fail", jobId, { reason }, mark),
    get: (jobId, mark) => read({ operation: "job", path: pathOf(jobId), answer }, mark),
    async list(options = {}, mark) {
      const path = `${paths.jobs}${query(options)}`;
      return (await read({ operation: "jobs", path, answer: JobsResponse }, mark)).jobs;
    },
  };
}
