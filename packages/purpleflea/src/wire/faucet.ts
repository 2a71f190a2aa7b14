// POST /@faucet/api/claim: 1 USDC per agent and 24 hours. A second claim is a 429 problem with `Retry-After`
// and `next_claim_at`, or a 409 where the venue gives once only; a repetition of the first under its key is
// answered as the first was.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

export const ClaimRequest = z.object({});

export const ClaimResponse = z.object({
  amount_micros: Micros,
  amount: GuideNumber,
  tx_hash: z.string(),
  balance_micros: Micros.optional(),
  balance_usdc: GuideNumber,
  /** ISO 8601; null where there will be none. */
  next_claim_at: z.string().nullable().optional(),
});

/** GET /@faucet/api/status: what the faucet gives the caller, and when. */
export const FaucetStatusResponse = z.object({
  agent_id: z.string(),
  /** What a claim gives. */
  amount_micros: Micros,
  amount: GuideNumber,
  /** How long an agent waits after a claim, in milliseconds; null where it may claim once only. */
  window_ms: z.number().int().nullable(),
  /** True where a claim would be granted now. */
  claimable: z.boolean(),
  /** The last claim, ISO 8601; null before the first. */
  claimed_at: z.string().nullable(),
  /** When the next claim is granted, ISO 8601: now or later; null where none will be. */
  next_claim_at: z.string().nullable(),
});

export type FaucetStatusResponse = z.output<typeof FaucetStatusResponse>;
export type ClaimRequest = z.output<typeof ClaimRequest>;
export type ClaimResponse = z.output<typeof ClaimResponse>;
