// Recorded markets: ticks, or candles that are taken apart into four ticks each. The price stands at the latest
// tick; before the first one at that one. A row that is older than the one before it came late: it is left out
// and counted.

import { HoldfastError } from "@holdfast/core";
import { PRICE_MAX } from "./script.ts";
import type { Range, Source } from "./source.ts";

export interface Recording {
  /** "BTC-PERP". */
  readonly symbol: string;
  /** In the order of the file. */
  readonly ticks: readonly Tick[];
}

export interface Tick {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** In whole micro-USDC. */
  readonly price: number;
  /** In units of the asset. */
  readonly volume: number;
}

/** Ticks summed up at once. */
const BLOCK = 256;

/** @throws HF-VENUE-REPLAY-INVALID */
export function recordedSource({ symbol, ticks }: Recording): Source {
  const kept = inOrder(ticks);
  const [first] = kept;
  if (first === undefined) throw invalid(symbol, "it has no rows");
  const bad = kept.find(({ price }) => !(price > 0 && price <= PRICE_MAX));
  if (bad !== undefined)
    throw invalid(symbol, `a price at ${bad.at} is not above 0 and at most 10 million`);
  const blocks = Array.from({ length: Math.ceil(kept.length / BLOCK) }, (_, block) =>
    rangeOf(kept.slice(block * BLOCK, (block + 1) * BLOCK)),
  );
  /** Number of ticks up to an instant, itself included. */
  const countUntil = (at: number): number => {
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((kept[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    kind: "recording",
    late: ticks.length - kept.length,
    oracle: (at) => (kept[Math.max(0, countUntil(at) - 1)] ?? first).price,
    range(from, to) {
      const start = Math.max(0, countUntil(from) - 1);
      const end = Math.max(start + 1, countUntil(to));
      const ranges: Range[] = [];
      for (let index = start; index < end;) {
        const block = blocks[index / BLOCK];
        const isWhole = block !== undefined && index + BLOCK <= end;
        const { price } = kept[index] ?? first;
        ranges.push(isWhole ? block : { low: price, high: price });
        index += isWhole ? BLOCK : 1;
      }
      return {
        low: Math.min(...ranges.map(({ low }) => low)),
        high: Math.max(...ranges.map(({ high }) => high)),
      };
    },
    regime: () => "normal",
    volume(from, to) {
      const inside = kept.slice(countUntil(from - 1), countUntil(to - 1));
      if (inside.length === 0) return undefined;
      return inside.reduce((sum, { volume }) => sum + volume, 0);
    },
  };
}

function inOrder(ticks: readonly Tick[]): readonly Tick[] {
  let latest = -Infinity;
  return ticks.filter(({ at }) => {
    const isInOrder = at >= latest;
    if (isInOrder) latest = at;
    return isInOrder;
  });
}

function rangeOf(ticks: readonly Tick[]): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const { price } of ticks) {
    low = Math.min(low, price);
    high = Math.max(high, price);
  }
  return { low, high };
}

export function invalid(symbol: string, why: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-REPLAY-INVALID",
    `Cannot replay the recording of ${symbol}: ${why}.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
