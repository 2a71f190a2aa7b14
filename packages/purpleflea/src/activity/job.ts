// Activities around jobs, for the one that pays.

import { type Activity, activity, micros } from "@holdfast/core";
import { z } from "zod";
import { InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { JobResponse, JobStatus } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const NewJob = z.object({
  /** An agent of the venue, or at the paper venue worker:reliable, worker:slow, worker:flaky. */
  worker: z.string().min(1).max(200),
  amountUsd: money(),
  /** What is to be done. */
  spec: z.string().max(4_000),
  /** Gets 15 % of the escrow's fee. */
  referrer: z.string().min(1).max(200).optional(),
  /** Pays on delivery. Default false: `releaseEscrow` pays. */
  autoRelease: z.boolean().optional(),
  /** Hours until it must be delivered; 72 where absent. Not together with `deadline`. */
  timeoutHours: z.number().int().min(1).max(720).optional(),
  /** The same as an instant, in milliseconds since the epoch. */
  deadline: z.number().int().min(0).optional(),
});

/** How a job stands. */
export const JobReceipt = z.object({
  jobId: z.string(),
  /** How the work stands. */
  status: JobStatus,
  escrowId: z.string(),
  /** How the payment stands. */
  escrowStatus: z.string(),
  worker: z.string(),
  amount: money(),
  resultHash: z.string().nullable(),
  deliveryUri: z.string().nullable(),
  /** Why it failed. */
  reason: z.string().nullable(),
  /** Milliseconds since the epoch. */
  deadline: z.number(),
});

type Receipt = z.output<typeof JobReceipt>;

function receipt(answer: z.output<typeof JobResponse>): z.input<typeof JobReceipt> {
  return {
    jobId: answer.job_id,
    status: answer.status,
    escrowId: answer.escrow_id,
    escrowStatus: answer.escrow_status,
    worker: answer.worker,
    amount: answer.amount_micros,
    resultHash: answer.result_hash,
    deliveryUri: answer.delivery_uri,
    reason: answer.reason,
    deadline: Date.parse(answer.deadline),
  };
}

/** Orders work and locks its payment. `total` (default 5 min) says how late it may still be ordered. */
export const postJob: Activity<
  z.input<typeof NewJob>,
  Receipt,
  typeof InsufficientFunds
> = activity({
  name: "purpleflea.postJob",
  input: NewJob,
  output: JobReceipt,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "escrow",
  timeouts: { total: "5m", attempt: "45s" },
  failures: [InsufficientFunds],
  guard: ({ amountUsd: amount, ...job }) => ({
    operation: "job.post",
    kind: "open",
    detail: job.spec,
    amount,
    counterparty: job.worker,
  }),
  observe: ({ amount }) => [{ kind: "flow", amount: micros(-amount) }],
  run: async ({ amountUsd: amount, ...job }, a) =>
    receipt(await a.use(purpleFlea).jobs.post({ ...job, amount })),
  reconcile: (_input, a) => byKey(a, JobResponse, receipt),
});

/** How a job stands now. */
export const getJob: Activity<{ jobId: string }, Receipt> = activity({
  name: "purpleflea.getJob",
  input: z.object({ jobId: z.string().min(1).max(100) }),
  output: JobReceipt,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async ({ jobId }, a) => receipt(await a.use(purpleFlea).jobs.get(jobId)),
});
