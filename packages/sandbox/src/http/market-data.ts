// Prices and candles in the words of the wire.

import { micros } from "@holdfast/core";
import {
  CandleInterval,
  type CandlesResponse,
  type PricesResponse,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../command/command.ts";
import { type Candle, INTERVALS } from "../market/candle.ts";
import { INSTANT_MAX } from "../clock/clock.ts";
import type { Venue } from "../venue.ts";
import { ProblemError } from "./problem.ts";
import { queried } from "./query.ts";
import { canonicalSymbol } from "./symbol.ts";

/** Candles in one answer: at most, and where the caller does not say. */
const CANDLES_MAX = 1_000;
const CANDLES_DEFAULT = 100;
/** Time that one answer covers, at most: they are made from every second of it. */
const COVERED_MS_MAX = 30 * 86_400_000;

const Instant = z.coerce.number().int().min(0).max(INSTANT_MAX);
export const CandlesQuery = z.object({
  symbol: z.string().min(1).max(40).optional(),
  pair: z.string().min(1).max(40).optional(),
  interval: CandleInterval.default("1m"),
  since: Instant.optional(),
  until: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(CANDLES_MAX).default(CANDLES_DEFAULT),
});

/** Prices of an instant; default: now. */
export function prices(
  { market, clock }: Venue,
  instant?: number,
): z.input<typeof PricesResponse>["pairs"] {
  const at = Math.min(instant ?? Infinity, clock.now());
  return market.pairs.map((pair) => {
    const { oracle, mark, bid, ask, depth } = market.quote(pair, at);
    return {
      pair: pair.symbol,
      symbol: pair.symbol,
      price_micros: toMicros(mark),
      price: toGuideNumber(mark),
      bid_micros: toMicros(bid),
      bid: toGuideNumber(bid),
      ask_micros: toMicros(ask),
      ask: toGuideNumber(ask),
      oracle_micros: toMicros(oracle),
      oracle: toGuideNumber(oracle),
      depth_micros: toMicros(depth),
      depth_usdc: toGuideNumber(depth),
      timestamp_ms: at,
    };
  });
}

/**
 * From `since` on as many as the limit allows; without it the last ones before `until`, or before now. Those of an
 * instant know nothing later.
 */
export function candlesOf({ market, clock }: Venue, url: URL, instant = Infinity): Json {
  const { symbol, pair: named, interval, since, limit, ...query } = queried(CandlesQuery, url);
  const asked = symbol ?? named;
  if (asked === undefined) throw new ProblemError("invalid_request", "symbol: expected a pair");
  const pair = market.pair(canonicalSymbol(asked));
  if (pair === undefined) {
    const known = market.pairs.map((one) => one.symbol).join(", ");
    throw new ProblemError("unknown_symbol", `No pair ${asked}; there are ${known}.`);
  }
  const length = INTERVALS[interval];
  const end = Math.min(query.until ?? Infinity, instant, clock.now());
  const most = Math.min(limit, Math.floor(COVERED_MS_MAX / length)) * length;
  const last = Math.floor(end / length) * length;
  const from = since === undefined ? last - most : Math.ceil(since / length) * length;
  const until = Math.min(last, from + most);
  const made = market.candles(pair, { interval, from: Math.max(0, from), until });
  return {
    symbol: pair.symbol,
    interval,
    candles: made.map((candle) => candleAnswer(candle, length)),
  } satisfies z.input<typeof CandlesResponse>;
}

/** A candle in the words of the wire; its length is in milliseconds. */
export function candleAnswer(
  candle: Candle,
  length: number,
): z.input<typeof CandlesResponse>["candles"][number] {
  const { at, volume, synthetic } = candle;
  const open = micros(candle.open);
  const high = micros(candle.high);
  const low = micros(candle.low);
  const close = micros(candle.close);
  return {
    timestamp_ms: at,
    end_ms: at + length,
    open_micros: toMicros(open),
    open: toGuideNumber(open),
    high_micros: toMicros(high),
    high: toGuideNumber(high),
    low_micros: toMicros(low),
    low: toGuideNumber(low),
    close_micros: toMicros(close),
    close: toGuideNumber(close),
    volume,
    synthetic,
  };
}
