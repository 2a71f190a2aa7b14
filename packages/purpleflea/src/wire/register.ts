// POST /@faucet/api/register: a new agent. Needs no API key. The answer contains the agent's API key, once:
// only a repetition under the same idempotency key shows it again.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

export const RegisterRequest = z.object({
  name: z.string().min(1).max(200),
  description: z.string().max(2_000).default(""),
});

export const RegisterResponse = z.object({
  agent_id: z.string(),
  /** `pf_test_…` at the paper venue. */
  api_key: z.string(),
  /** What the paper venue gives to begin with; absent elsewhere. */
  grant_micros: Micros.optional(),
  grant_usdc: GuideNumber,
});

export type RegisterRequest = z.output<typeof RegisterRequest>;
export type RegisterResponse = z.output<typeof RegisterResponse>;
