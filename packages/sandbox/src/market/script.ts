// Price paths written by hand, for tests and demonstrations: straight lines from point to point, the first
// price before them and the last one after them. The market trades at the oracle's price.

import { HoldfastError, type Usdc, usdc } from "@holdfast/core";
import type { Source } from "./source.ts";

export interface ScriptedPath {
  /** "BTC-PERP". */
  readonly symbol: string;
  /** In order of time; at least one. */
  readonly points: readonly ScriptedPoint[];
}

export interface ScriptedPoint {
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly at: number;
  /** In USD, a decimal of at most 6 places: "60000.50". At most 10 million. */
  readonly price: string;
}

/** Highest price of a script or a recording, in USD. */
export const PRICE_MAX: Usdc = usdc("10000000");

interface Point {
  readonly at: number;
  readonly price: number;
}

/** Checks a path once. @throws HF-VENUE-SCRIPT-INVALID */
export function scriptedSource({ symbol, points }: ScriptedPath): Source {
  const path = points.map(({ at, price }): Point => ({ at, price: Number(usdc(price)) }));
  const [first] = path;
  const last = path.at(-1);
  if (first === undefined || last === undefined) throw invalid(symbol, "it has no points");
  for (const [index, { at, price }] of path.entries()) {
    if (price <= 0 || price > PRICE_MAX) throw invalid(symbol, `price ${points[index]?.price}`);
    if (at < (path[index - 1]?.at ?? 0)) throw invalid(symbol, `point ${index} is out of order`);
  }
  const oracle = (at: number): number => {
    let before = first;
    for (const point of path) {
      if (point.at > at) return between(before, point, at);
      before = point;
    }
    return before.price;
  };
  return {
    kind: "script",
    late: 0,
    oracle,
    range(from, to) {
      const inside = path.filter(({ at }) => at > from && at <= to).map(({ price }) => price);
      const prices = [oracle(from), oracle(to), ...inside];
      return { low: Math.min(...prices), high: Math.max(...prices) };
    },
    regime: () => "normal",
    volume: (from, to) => (to > first.at && from <= last.at ? 0 : undefined),
  };
}

function between(before: Point, after: Point, at: number): number {
  if (at <= before.at) return before.price;
  const passed = BigInt(Math.floor(at) - before.at);
  const whole = BigInt(after.at - before.at);
  return before.price + Number((BigInt(after.price - before.price) * passed) / whole);
}

function invalid(symbol: string, why: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-SCRIPT-INVALID",
    `Cannot use the price path of ${symbol}: ${why}.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
