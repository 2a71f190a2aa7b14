// GET and POST /api/wallet/low-balance-threshold: below which spendable balance an agent is told (an extension
// of the paper venue). Told once when the balance falls below it, and again only after it has recovered.

import { type Usdc, micros } from "@holdfast/core";
import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount } from "./money.ts";

/** Zero, in the spellings of a request. */
const Off = z
  .union([z.literal(0), z.string().regex(/^0(?:\.0{1,6})?$/u)])
  .transform((): Usdc => micros(0n));

/** 0 switches it off. */
export const LowBalanceThresholdRequest = z.object({
  threshold_usdc: z.union([Off, RequestAmount]),
  ...Carriers.shape,
});

export const LowBalanceThresholdResponse = z.object({
  /** "0" where it is off. */
  threshold_micros: Micros,
  threshold_usdc: GuideNumber,
  /** The balance that must be there again before the next fall is told. */
  rearm_micros: Micros,
  rearm_usdc: GuideNumber,
  /** True from the fall until the balance has recovered. */
  is_low: z.boolean(),
});

export type LowBalanceThresholdRequest = z.output<typeof LowBalanceThresholdRequest>;
export type LowBalanceThresholdResponse = z.output<typeof LowBalanceThresholdResponse>;
