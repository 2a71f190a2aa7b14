// Simulated workers: they take jobs and finish them, or fail, after a while. What one does with a job depends on
// the job's id alone.

import { createHash } from "node:crypto";
import { type Stream, streamOf, uniform } from "../market/noise.ts";
import type { Job } from "./job.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** From the shortest to the longest, in milliseconds; short ones are more likely. */
type Span = readonly [number, number];

export interface WorkerProfile {
  /** From 0 to 1. */
  readonly successRate: number;
  /** Until it takes a job. */
  readonly take: Span;
  /** From then until it delivers, or fails. */
  readonly work: Span;
}

/** By name. A slow one misses the default deadline now and then. */
export const WORKERS: Readonly<Record<string, WorkerProfile>> = {
  "worker:reliable": {
    successRate: 0.98,
    take: [MINUTE_MS, 5 * MINUTE_MS],
    work: [10 * MINUTE_MS, HOUR_MS],
  },
  "worker:slow": {
    successRate: 0.95,
    take: [HOUR_MS, 12 * HOUR_MS],
    work: [6 * HOUR_MS, 96 * HOUR_MS],
  },
  "worker:flaky": {
    successRate: 0.6,
    take: [MINUTE_MS, 30 * MINUTE_MS],
    work: [5 * MINUTE_MS, 6 * HOUR_MS],
  },
};

/** What a worker will do with a job. */
export interface WorkPlan {
  readonly takeMs: number;
  readonly workMs: number;
  readonly succeeds: boolean;
}

/** Undefined where the worker is no simulated one. */
export function planOf({ id, worker }: Pick<Job, "id" | "worker">): WorkPlan | undefined {
  const profile = WORKERS[worker];
  if (profile === undefined) return undefined;
  const stream = streamOf(id, worker);
  return {
    takeMs: drawn(profile.take, stream, 0),
    workMs: drawn(profile.work, stream, 1),
    succeeds: uniform(stream, 2, 0) < profile.successRate,
  };
}

function drawn([shortest, longest]: Span, stream: Stream, level: number): number {
  const draw = uniform(stream, level, 0);
  return Math.round(shortest + (longest - shortest) * draw * draw);
}

/** What a simulated worker delivers: the hash of nothing but the order, at an address that leads nowhere. */
export function deliveryOf({ id, spec }: Pick<Job, "id" | "spec">): {
  readonly resultHash: string;
  readonly deliveryUri: string;
} {
  const text = JSON.stringify([id, spec]);
  const resultHash = `0x${createHash("sha256").update(text).digest("hex")}`;
  return { resultHash, deliveryUri: `urn:holdfast:venue:delivery:${id}` };
}
