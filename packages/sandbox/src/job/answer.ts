// A job in the words of the wire, with how its payment stands.

import { type JobResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Escrow } from "../escrow/escrow.ts";
import type { Job } from "./job.ts";

export type JobAnswer = z.input<typeof JobResponse>;

export function jobAnswer(job: Job, escrow: Escrow, agent: string): JobAnswer {
  const shown = (at: number | null): string | null =>
    at === null ? null : new Date(at).toISOString();
  return {
    job_id: job.id,
    status: job.status,
    payer: job.payer,
    worker: job.worker,
    to: job.worker,
    simulated: job.simulated,
    spec: job.spec,
    amount_micros: toMicros(escrow.amount),
    amount_usdc: toGuideNumber(escrow.amount),
    escrow_id: escrow.id,
    escrow_status: escrow.status,
    auto_release: job.autoRelease,
    result_hash: job.resultHash,
    delivery_uri: job.deliveryUri,
    reason: job.reason,
    deadline: new Date(escrow.deadline).toISOString(),
    created_at: new Date(job.createdAt).toISOString(),
    taken_at: shown(job.takenAt),
    ended_at: shown(job.endedAt),
    ref: agent === escrow.payer ? escrow.ref : null,
  };
}
