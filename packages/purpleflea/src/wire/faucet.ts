// POST /@faucet/api/claim: 1 USDC per agent and 24 hours. A second claim is a 429 problem with `Retry-After`
// and `next_claim_at`; a repetition of the first under its key is answered as the first was.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

export const ClaimRequest = z.object({});

export const ClaimResponse = z.object({
  amount_micros: Micros,
  amount: GuideNumber,
  tx_hash: z.string(),
  balance_micros: Micros.optional(),
  balance_usdc: GuideNumber,
  /** ISO 8601. */
  next_claim_at: z.string().optional(),
});

export type ClaimRequest = z.output<typeof ClaimRequest>;
export type ClaimResponse = z.output<typeof ClaimResponse>;
