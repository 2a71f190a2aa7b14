// GET …/market/prices.

import { z } from "zod";
import { Micros } from "./money.ts";

export const Price = z.object({
  pair: z.string(),
  symbol: z.string(),
  price: z.number(),
  price_micros: Micros,
  bid_micros: Micros,
  ask_micros: Micros,
  timestamp_ms: z.number(),
});

export const PricesResponse = z.object({ pairs: z.array(Price) });
