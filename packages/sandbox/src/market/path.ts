// The generated price path, by random access. Anchors lie 2^16 minutes (45 days) apart around the base price;
// between them the path is a Brownian bridge, halved sixteen times down to the one-minute grid and six times
// more below it (to 0.94 s), then straight. Any instant of any year costs at most 22 draws; one near the last
// costs fewer, because the descent to it is remembered. Nothing else is: the path has no state.

import { jump, jumpRange } from "./jump.ts";
import { NORMAL_MAX, type Stream, exp, normal } from "./noise.ts";
import type { Pair } from "./pair.ts";
import { REGIME_LEVEL, type Regime, regimeAtPoint } from "./regime.ts";
import type { Range } from "./source.ts";

const SCALE: Readonly<Record<Regime, number>> = { calm: 0.6, normal: 1, chop: 1.4, storm: 2.5 };

/** The finest points lie 60,000 / 64 = 937.5 ms apart; doubled, that is a whole number. */
const HALF_MS_PER_POINT = 1_875;
/** Levels of halving; a point of level n lies 2^n finest points from the next of its level. */
const TOP_LEVEL = 22;

/** Standard deviation of an anchor's distance from the base: the market never drifts away for good. */
const ANCHOR_DEVIATION = 0.12;
/** Of the middle of the widest bridge, per unit of yearly volatility: √(2^14 min / 525,960 min). */
const TOP_DEVIATION = 0.176495;
// Written out rather than taken from Math: the path must not depend on the runtime.
// oxlint-disable-next-line oxc/approx-constant
const SQRT_HALF = 0.7071067811865476;

export interface PricePath {
  /** The price in USD at an instant (milliseconds since the epoch). */
  price(at: number): number;
  /** Between which prices the path certainly stays from one instant to another, both included. */
  range(from: number, to: number): Range;
  regime(at: number): Regime;
}

export function createPath(stream: Stream, pair: Pair): PricePath {
  const bridge = createBridge(stream, pair);

  function range(from: number, to: number): Range {
    const first = pointOf(from);
    const last = pointOf(to) + 1;
    let level = 0;
    while (level < TOP_LEVEL && 2 ** level < last - first) level += 1;
    const width = 2 ** level;
    if (width < last - first) return { low: 0, high: Infinity };
    let low = Infinity;
    let high = -Infinity;
    let scale = 0;
    for (let node = Math.floor(first / width); node <= Math.ceil(last / width); node += 1) {
      const value = bridge(node * width);
      low = Math.min(low, value);
      high = Math.max(high, value);
      scale = Math.max(scale, scaleWithin(stream, node * width, level));
    }
    const slack = pair.volatility * (COARSE_SLACK[level] ?? 0) + scaled(pair, level, scale);
    const jumps = jumpRange(stream, first, last);
    return {
      low: pair.base * exp(low - slack + jumps.low),
      high: pair.base * exp(high + slack + jumps.high),
    };
  }

  return {
    price(at) {
      const point = pointOf(at);
      const share = (at * 2 - point * HALF_MS_PER_POINT) / HALF_MS_PER_POINT;
      return pair.base * exp(bridge(point, share) + jump(stream, point));
    },
    range,
    regime: (at) => regimeAtPoint(stream, pointOf(at)),
  };
}

/** The bridge's value at a point, or so far on the way to the next one. */
function createBridge(
  stream: Stream,
  { volatility }: Pair,
): (point: number, share?: number) => number {
  // The descent to the latest point: of each level, the interval that held it.
  const starts = new Float64Array(TOP_LEVEL + 1);
  const lows = new Float64Array(TOP_LEVEL + 1);
  const highs = new Float64Array(TOP_LEVEL + 1);
  const deviations = new Float64Array(TOP_LEVEL + 1);
  let deepest = TOP_LEVEL + 1;

  /** The finest known level whose interval holds the point; the top one is drawn where none does. */
  function begin(point: number): number {
    for (let level = deepest; level <= TOP_LEVEL; level += 1) {
      const start = starts[level] ?? 0;
      if (point >= start && point < start + 2 ** level) return level;
    }
    const anchor = Math.floor(point / 2 ** TOP_LEVEL);
    starts[TOP_LEVEL] = anchor * 2 ** TOP_LEVEL;
    lows[TOP_LEVEL] = normal(stream, TOP_LEVEL, anchor) * ANCHOR_DEVIATION;
    highs[TOP_LEVEL] = normal(stream, TOP_LEVEL, anchor + 1) * ANCHOR_DEVIATION;
    deviations[TOP_LEVEL] = volatility * TOP_DEVIATION;
    return TOP_LEVEL;
  }

  return (point, share) => {
    const known = begin(point);
    let low = starts[known] ?? 0;
    let atLow = lows[known] ?? 0;
    let atHigh = highs[known] ?? 0;
    let deviation = deviations[known] ?? 0;
    let level = known;
    // A point at the beginning of an interval needs no finer one, unless it is the way to the next.
    const isPoint = (): boolean => low === point && share === undefined;
    while (level > 0 && !isPoint()) {
      level -= 1;
      if (level === REGIME_LEVEL - 1) deviation *= SCALE[regimeAtPoint(stream, point)];
      const half = 2 ** level;
      const middle = low + half;
      const atMiddle = (atLow + atHigh) / 2 + deviation * normal(stream, level, middle / half);
      if (point < middle) {
        atHigh = atMiddle;
      } else {
        low = middle;
        atLow = atMiddle;
      }
      deviation *= SQRT_HALF;
      starts[level] = low;
      lows[level] = atLow;
      highs[level] = atHigh;
      deviations[level] = deviation;
    }
    deepest = level;
    return share === undefined ? atLow : atLow + (atHigh - atLow) * share;
  };
}

/**
 * How far all finer draws together can carry the path beyond the ends of an interval of each level, per unit of
 * volatility: the part above the level of regimes, and the part below it, which the regime scales.
 */
const [COARSE_SLACK, FINE_SLACK] = slacks();

function slacks(): readonly [readonly number[], readonly number[]] {
  const coarse: number[] = [];
  const fine: number[] = [];
  for (let level = 0; level <= TOP_LEVEL; level += 1) {
    const sums: [number, number] = [0, 0];
    for (let finer = 0; finer < level; finer += 1) {
      const deviation = TOP_DEVIATION * SQRT_HALF ** (TOP_LEVEL - 1 - finer);
      sums[finer < REGIME_LEVEL ? 1 : 0] += deviation * NORMAL_MAX;
    }
    coarse.push(sums[0]);
    fine.push(sums[1]);
  }
  return [coarse, fine];
}

function scaled({ volatility }: Pair, level: number, scale: number): number {
  return volatility * (FINE_SLACK[level] ?? 0) * scale;
}

function scaleWithin(stream: Stream, point: number, level: number): number {
  return level > REGIME_LEVEL ? SCALE.storm : SCALE[regimeAtPoint(stream, point)];
}

function pointOf(at: number): number {
  return Math.floor((at * 2) / HALF_MS_PER_POINT);
}
