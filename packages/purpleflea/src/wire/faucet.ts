// POST faucet …/api/claim: 1 USDC per agent and day.

import { z } from "zod";
import { Micros } from "./money.ts";

export const ClaimResponse = z.object({
  amount: z.number(),
  amount_micros: Micros,
  tx_hash: z.string(),
});
