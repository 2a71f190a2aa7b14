// POST faucet …/api/register: a new agent. The answer contains its API key, once.

import { z } from "zod";
import { Micros } from "./money.ts";

export const RegisterRequest = z.object({
  name: z.string().min(1).max(200),
  description: z.string().max(2_000).default(""),
});

export const RegisterResponse = z.object({
  agent_id: z.string(),
  api_key: z.string(),
  /** What the paper venue gives to begin with; zero elsewhere. */
  grant_micros: Micros.optional(),
});
