// While the stream is down, prices can be asked for instead: each answer becomes a tick of its own making, with
// an id that says so and that is no place to resume from.

import type { PricesResponse, EventEnvelope } from "../wire/index.ts";

/** Gives the current prices: `client.market.prices`. */
export type PriceSource = (mark: {
  readonly signal: AbortSignal;
}) => Promise<PricesResponse["pairs"]>;

const SECOND_MS = 1_000;

/** Ids of ticks that did not come from the stream begin with this. */
export const FILL_PREFIX = "rest-gap-";

/** The ticks that prices stand for; `at` is the moment they were asked for, in milliseconds since the epoch. */
export function ticksOf(prices: PricesResponse["pairs"], at: number): readonly EventEnvelope[] {
  return prices.map(({ pair, price, price_micros, bid, bid_micros, ask, ask_micros, ...more }) => ({
    eventId: `${FILL_PREFIX}${pair}-${Math.floor(at / SECOND_MS)}`,
    type: "market.tick",
    payload: {
      pair,
      price,
      price_micros: price_micros.toString(),
      bid,
      bid_micros: bid_micros.toString(),
      ask,
      ask_micros: ask_micros.toString(),
      timestamp_ms: more.timestamp_ms,
    },
    ts: more.timestamp_ms,
  }));
}
