// GET /api/market/prices: the current price of each pair.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

export const Price = z.object({
  pair: z.string(),
  symbol: z.string(),
  price: z.number(),
  price_micros: Micros,
  bid_micros: Micros,
  bid: GuideNumber,
  ask_micros: Micros,
  ask: GuideNumber,
  /** Milliseconds since the epoch. */
  timestamp_ms: z.number(),
});

export const PricesResponse = z.object({ pairs: z.array(Price) });

export type Price = z.output<typeof Price>;
export type PricesResponse = z.output<typeof PricesResponse>;
