// Jobs: work that one agent orders from another, paid through an escrow. The guides know their events only; the
// paths are an extension of the paper venue.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { CONDITION_LENGTH_MAX, Party, REASON_LENGTH_MAX, TermFields, freeText } from "./escrow.ts";
import { GuideNumber, Micros, RequestAmount } from "./money.ts";

/** Longest hash of a result and longest address of a delivery, in characters. */
const HASH_LENGTH_MAX = 200;
const URI_LENGTH_MAX = 2_000;

/** POST /api/jobs. The worker is an agent of the venue or a simulated one: worker:reliable, worker:slow, worker:flaky. */
export const PostJobRequest = z.object({
  worker: Party,
  amount: RequestAmount,
  spec: freeText(CONDITION_LENGTH_MAX),
  referrer: Party.nullish(),
  /** Pays on delivery. False where absent: the payer releases. */
  auto_release: z.boolean().optional(),
  ...TermFields,
  ...Carriers.shape,
});

/** POST /api/jobs/:id/cancel and /take. */
export const JobActionRequest = z.object({ ...Carriers.shape });

/** POST /api/jobs/:id/deliver. */
export const DeliverJobRequest = z.object({
  result_hash: freeText(HASH_LENGTH_MAX),
  delivery_uri: freeText(URI_LENGTH_MAX),
  ...Carriers.shape,
});

/** POST /api/jobs/:id/fail. */
export const FailJobRequest = z.object({
  reason: freeText(REASON_LENGTH_MAX).default("worker_failed"),
  ...Carriers.shape,
});

/** How the work stands; how the payment stands says `escrow_status`. */
export const JobStatus = z.enum(["open", "taken", "completed", "failed", "cancelled"]);

export const JobResponse = z.object({
  job_id: z.string(),
  status: JobStatus,
  payer: z.string(),
  worker: z.string(),
  to: z.string().optional(),
  /** True for a worker of the paper venue's own. */
  simulated: z.boolean().optional(),
  spec: z.string(),
  amount_micros: Micros,
  amount_usdc: GuideNumber,
  escrow_id: z.string(),
  escrow_status: z.string(),
  auto_release: z.boolean(),
  result_hash: z.string().nullable(),
  delivery_uri: z.string().nullable(),
  /** Why it failed: deadline, worker_failed, given_back, arbiter, or the worker's own words. */
  reason: z.string().nullable(),
  /** ISO 8601. */
  deadline: z.string(),
  created_at: z.string(),
  taken_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  ref: z.string().nullish(),
});

/** GET /api/jobs: those that the agent pays for or works on, newest first; `?status=open&limit=100`. */
export const JobsResponse = z.object({ jobs: z.array(JobResponse) });

export type JobStatus = z.output<typeof JobStatus>;
export type JobResponse = z.output<typeof JobResponse>;
export type JobsResponse = z.output<typeof JobsResponse>;
