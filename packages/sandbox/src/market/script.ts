// Price paths written by hand, for tests and demonstrations: straight lines from point to point, the first
// price before them and the last one after them.

import { HoldfastError, type Usdc, micros, usdc } from "@holdfast/core";

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

/** Highest price of a script, in USD. */
const PRICE_MAX: Usdc = usdc("10000000");

interface Point {
  readonly at: number;
  readonly price: Usdc;
}

/** Checks a path once and returns it as a function of time. @throws HF-VENUE-SCRIPT-INVALID */
export function compileScript({ symbol, points }: ScriptedPath): (at: number) => Usdc {
  const path = points.map(({ at, price }): Point => ({ at, price: usdc(price) }));
  const [first] = path;
  if (first === undefined) throw invalid(symbol, "it has no points");
  for (const [index, { at, price }] of path.entries()) {
    if (price <= 0n || price > PRICE_MAX) throw invalid(symbol, `price ${points[index]?.price}`);
    if (at < (path[index - 1]?.at ?? 0)) throw invalid(symbol, `point ${index} is out of order`);
  }
  return (at) => {
    let before = first;
    for (const point of path) {
      if (point.at > at) return between(before, point, at);
      before = point;
    }
    return before.price;
  };
}

function between(before: Point, after: Point, at: number): Usdc {
  if (at <= before.at) return before.price;
  const passed = BigInt(Math.floor(at) - before.at);
  const whole = BigInt(after.at - before.at);
  return micros(before.price + ((after.price - before.price) * passed) / whole);
}

function invalid(symbol: string, why: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-SCRIPT-INVALID",
    `Cannot use the price path of ${symbol}: ${why}.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
