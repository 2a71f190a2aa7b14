// The generated price path, by random access. Anchors lie 2^16 minutes (45 days) apart around the base price;
// between them the path is a Brownian bridge, halved sixteen times down to the one-minute grid and six times
// more below it (to 0.94 s), then straight. Any instant of any year costs the same 22 draws.

import { type Stream, exp, normal, uniform } from "./noise.ts";
import type { Pair } from "./pair.ts";

/** What a stretch of 512 minutes is like; it scales everything finer. */
export type Regime = "calm" | "normal" | "chop" | "storm";

const SCALE: Readonly<Record<Regime, number>> = { calm: 0.6, normal: 1, chop: 1.4, storm: 2.5 };

/** The finest points lie 60,000 / 64 = 937.5 ms apart; doubled, that is a whole number. */
const HALF_MS_PER_POINT = 1_875;
/** Levels of halving; a point of level n lies 2^n finest points from the next of its level. */
const TOP_LEVEL = 22;
const REGIME_LEVEL = 15;
const JUMP_LEVEL = 18;
/** Streams of draws that are not points of the bridge. */
const REGIME_DRAW = 40;
const JUMP_DRAW = 41;
const JUMP_TIME_DRAW = 42;
const JUMP_SIZE_DRAW = 43;

/** Standard deviation of an anchor's distance from the base: the market never drifts away for good. */
const ANCHOR_DEVIATION = 0.12;
/** Of the middle of the widest bridge, per unit of yearly volatility: √(2^14 min / 525,960 min). */
const TOP_DEVIATION = 0.176495;
// Written out rather than taken from Math: the path must not depend on the runtime.
// oxlint-disable-next-line oxc/approx-constant
const SQRT_HALF = 0.7071067811865476;
/** Share of the stretches of 2.8 days that begin to jump somewhere, and the jump's deviation. */
const JUMP_SHARE = 0.25;
const JUMP_DEVIATION = 0.03;

/** The price in USD at an instant (milliseconds since the epoch). */
export function pathPrice(stream: Stream, pair: Pair, at: number): number {
  return pair.base * exp(bridge(stream, pair, at) + jump(stream, at));
}

export function regimeAt(stream: Stream, at: number): Regime {
  const stretch = Math.floor(pointOf(at) / 2 ** REGIME_LEVEL);
  const draw = uniform(stream, REGIME_DRAW, stretch);
  if (draw < 0.4) return "calm";
  if (draw < 0.75) return "normal";
  return draw < 0.92 ? "chop" : "storm";
}

function bridge(stream: Stream, pair: Pair, at: number): number {
  const point = pointOf(at);
  const anchor = Math.floor(point / 2 ** TOP_LEVEL);
  let low = anchor * 2 ** TOP_LEVEL;
  let atLow = normal(stream, TOP_LEVEL, anchor) * ANCHOR_DEVIATION;
  let atHigh = normal(stream, TOP_LEVEL, anchor + 1) * ANCHOR_DEVIATION;
  let deviation = pair.volatility * TOP_DEVIATION;
  for (let level = TOP_LEVEL - 1; level >= 0; level -= 1) {
    if (level === REGIME_LEVEL - 1) deviation *= SCALE[regimeAt(stream, at)];
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
  }
  const share = (at * 2 - point * HALF_MS_PER_POINT) / HALF_MS_PER_POINT;
  return atLow + (atHigh - atLow) * share;
}

/** In some stretches the price jumps at one minute and drifts back until the stretch ends. */
function jump(stream: Stream, at: number): number {
  const point = pointOf(at);
  const width = 2 ** JUMP_LEVEL;
  const stretch = Math.floor(point / width);
  if (uniform(stream, JUMP_DRAW, stretch) >= JUMP_SHARE) return 0;
  const start = stretch * width;
  // On a whole minute: 64 points.
  const time = Math.floor((uniform(stream, JUMP_TIME_DRAW, stretch) * width) / 64) * 64;
  if (point < start + time) return 0;
  const left = (start + width - point) / (width - time);
  return normal(stream, JUMP_SIZE_DRAW, stretch) * JUMP_DEVIATION * left;
}

function pointOf(at: number): number {
  return Math.floor((at * 2) / HALF_MS_PER_POINT);
}
