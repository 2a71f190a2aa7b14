// Escrows: money that the venue keeps until its payer releases it. The guides know how one is made and released;
// completing, disputing, giving back and looking are extensions of the paper venue.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount } from "./money.ts";

/** Longest condition of an escrow or order of a job, in characters. */
export const CONDITION_LENGTH_MAX = 4_000;
/** Longest reason, in characters. */
export const REASON_LENGTH_MAX = 1_000;
/** Longest name of a party, in characters. */
const PARTY_LENGTH_MAX = 200;

const Id = z.string().min(1).max(100);

/** An agent, or the name of somebody who is none. */
export const Party: z.ZodType<string, string> = z
  .string()
  .min(1)
  .max(PARTY_LENGTH_MAX)
  .refine((text) => text.isWellFormed(), { error: "expected well-formed text" });

/** Text of at most so many characters, well-formed. */
export function freeText(max: number): z.ZodType<string, string> {
  return z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed(), { error: "expected well-formed text" });
}

/**
 * Until when money is locked: `timeout_hours` (72 where absent), or a `deadline`, in ISO 8601 or in milliseconds
 * since the epoch. At most 720 hours ahead.
 */
export const TermFields = {
  timeout_hours: z.number().int().min(1).max(720).optional(),
  deadline: z
    .union([
      z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
      z.number().int().min(0),
    ])
    .optional(),
} as const;

const Condition = freeText(CONDITION_LENGTH_MAX).default("");

/** POST /api/v1/escrow/create. */
export const EscrowCreateRequest = z.object({
  amount_usd: RequestAmount,
  counterparty: Party,
  condition: Condition,
  referrer: Party.nullish(),
  ...TermFields,
  ...Carriers.shape,
});

/** POST escrow.…/api/escrow. */
export const EscrowRequest = z.object({
  to: Party,
  amount: RequestAmount,
  description: Condition,
  referrer: Party.nullish(),
  ...TermFields,
  ...Carriers.shape,
});

/** POST /api/v1/escrow/release, complete, refund. */
export const EscrowActionRequest = z.object({ escrow_id: Id, ...Carriers.shape });

/** POST /api/v1/escrow/dispute. */
export const EscrowDisputeRequest = z.object({
  escrow_id: Id,
  reason: freeText(REASON_LENGTH_MAX).default(""),
  ...Carriers.shape,
});

/** The same where the path names the escrow. */
export const EscrowOwnActionRequest = z.object({ ...Carriers.shape });
export const EscrowOwnDisputeRequest = EscrowDisputeRequest.omit({ escrow_id: true });

/**
 * locked: kept. completed: kept, and the payee says that the work is done. disputed: kept until the arbiter
 * decides. released, refunded, split: ended, and never changed again.
 */
export const EscrowStatus = z.enum([
  "locked",
  "completed",
  "disputed",
  "released",
  "refunded",
  "split",
]);

export const EscrowResponse = z.object({
  escrow_id: z.string(),
  /** A venue may have more words than the paper venue has: "funded". */
  status: z.string(),
  /** release, refund, expiry, resolve, cancel; null while it is kept. */
  ended_by: z.string().nullish(),
  payer: z.string().optional(),
  counterparty: z.string().optional(),
  to: z.string().optional(),
  /** True where the counterparty is no agent of this venue. */
  simulated: z.boolean().optional(),
  referrer: z.string().nullish(),
  condition: z.string().optional(),
  description: z.string().optional(),
  amount_micros: Micros,
  amount_usdc: GuideNumber,
  /** While it is kept: what a release would cost. */
  fee_micros: Micros,
  fee_usdc: GuideNumber,
  /** The referrer's part of the fee. */
  referral_micros: Micros,
  referral_usdc: GuideNumber,
  /** What the payee gets. */
  net_micros: Micros,
  net_usdc: GuideNumber,
  refunded_micros: Micros,
  refunded_usdc: GuideNumber,
  /** Of the dispute. */
  reason: z.string().nullish(),
  /** Of the transfers that moved it last. */
  tx_hash: z.string(),
  job_id: z.string().nullish(),
  /** ISO 8601. */
  deadline: z.string(),
  created_at: z.string(),
  updated_at: z.string().optional(),
  ref: z.string().nullish(),
});

/** GET …/api/escrow: newest first; `?status=locked&role=payer&limit=100`. */
export const EscrowsResponse = z.object({ escrows: z.array(EscrowResponse) });

export type EscrowStatus = z.output<typeof EscrowStatus>;
export type EscrowResponse = z.output<typeof EscrowResponse>;
export type EscrowsResponse = z.output<typeof EscrowsResponse>;
