// GET /api/market/prices: the current price of each pair. GET /api/market/candles: what it was before.

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
  /** What the market follows; `price` is the mark. */
  oracle_micros: Micros.optional(),
  oracle: GuideNumber,
  /** Value within one millionth of the price, on each side of the book. */
  depth_micros: Micros.optional(),
  depth_usdc: GuideNumber,
  /** Milliseconds since the epoch. */
  timestamp_ms: z.number(),
});

export const CandleInterval = z.enum(["1m", "5m", "15m", "1h", "4h", "1d"]);

/** Candles that are over, oldest first; the one that forms now is never among them. */
export const CandlesResponse = z.object({
  symbol: z.string(),
  interval: CandleInterval,
  candles: z.array(
    z.object({
      /** Its first millisecond since the epoch, and the first after it. */
      timestamp_ms: z.number(),
      end_ms: z.number(),
      open_micros: Micros,
      open: GuideNumber,
      high_micros: Micros,
      high: GuideNumber,
      low_micros: Micros,
      low: GuideNumber,
      close_micros: Micros,
      close: GuideNumber,
      /** In units of the asset. */
      volume: z.number(),
      /** True where nothing traded: it is flat at the price before it. */
      synthetic: z.boolean(),
    }),
  ),
});

export const PricesResponse = z.object({ pairs: z.array(Price) });

export type Price = z.output<typeof Price>;
export type PricesResponse = z.output<typeof PricesResponse>;
export type CandleInterval = z.output<typeof CandleInterval>;
export type CandlesResponse = z.output<typeof CandlesResponse>;
