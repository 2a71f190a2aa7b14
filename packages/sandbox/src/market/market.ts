// Prices by random access: price(pair, at) costs the same for any instant of any year. Anchors lie 50 days
// apart; between them the path is a bridge, halved again and again down to about a second.

import { createHash } from "node:crypto";
import { type Usdc, micros } from "@holdfast/core";
import { exp, normal } from "./noise.ts";

export interface Pair {
  readonly symbol: string;
  /** Price around which the market moves, in USD. */
  readonly base: number;
  /** Standard deviation of a year's return. */
  readonly volatility: number;
  readonly leverageMax: number;
}

export const PAIRS: readonly Pair[] = [
  { symbol: "BTC-PERP", base: 60_000, volatility: 0.6, leverageMax: 50 },
  { symbol: "ETH-PERP", base: 3_000, volatility: 0.75, leverageMax: 50 },
  { symbol: "SOL-PERP", base: 150, volatility: 0.95, leverageMax: 20 },
];

/** A price path written by hand: from each instant on, straight to the next. */
export interface ScriptedPath {
  readonly symbol: string;
  readonly points: readonly { readonly at: number; readonly price: string }[];
}

export interface Quote {
  readonly mark: Usdc;
  readonly bid: Usdc;
  readonly ask: Usdc;
}

export interface Market {
  readonly pairs: readonly Pair[];
  pair(symbol: string): Pair | undefined;
  quote(pair: Pair, at: number): Quote;
}

/** Half of the spread, in parts per million. */
const HALF_SPREAD_PPM = 100n;
const MS_PER_YEAR = 31_557_600_000;
/** Anchors lie 2^32 ms apart, the finest points 2^10 ms. */
const TOP_LEVEL = 32;
const BOTTOM_LEVEL = 10;
/** Standard deviation of an anchor's distance from the base: the market never drifts away. */
const ANCHOR_DEVIATION = 0.12;

export function createMarket(seed: string, scripts: readonly ScriptedPath[] = [], pairs: readonly Pair[] = PAIRS): Market {
  const seeds = new Map(pairs.map(({ symbol }) => [symbol, pairSeed(seed, symbol)]));
  const scripted = new Map(scripts.map((script) => [script.symbol, script]));
  return {
    pairs,
    pair: (symbol) => pairs.find((pair) => pair.symbol === symbol),
    quote(pair, at) {
      const script = scripted.get(pair.symbol);
      const usd = script === undefined ? generated(seeds.get(pair.symbol) ?? 0, pair, at) : onPath(script, at);
      const mark = micros(Math.max(1, Math.round(usd * 1_000_000)));
      const half = (mark * HALF_SPREAD_PPM) / 1_000_000n;
      return { mark, bid: micros(mark - half), ask: micros(mark + half) };
    },
  };
}

/** Each pair has a stream of its own, so that adding one never changes another. */
function pairSeed(seed: string, symbol: string): number {
  return createHash("sha256").update(`${seed}\n${symbol}`).digest().readInt32LE(0);
}

function generated(seed: number, pair: Pair, at: number): number {
  const span = 2 ** TOP_LEVEL;
  let low = Math.floor(at / span) * span;
  let atLow = normal(seed, TOP_LEVEL, low / span) * ANCHOR_DEVIATION;
  let atHigh = normal(seed, TOP_LEVEL, low / span + 1) * ANCHOR_DEVIATION;
  for (let level = TOP_LEVEL - 1; level >= BOTTOM_LEVEL; level -= 1) {
    const half = 2 ** level;
    const middle = low + half;
    // The middle of a bridge over 2·half has variance σ²·half/2.
    const deviation = pair.volatility * Math.sqrt(half / 2 / MS_PER_YEAR);
    const atMiddle = (atLow + atHigh) / 2 + deviation * normal(seed, level, middle / half);
    if (at < middle) atHigh = atMiddle;
    else {
      low = middle;
      atLow = atMiddle;
    }
  }
  const share = (at - low) / 2 ** BOTTOM_LEVEL;
  return pair.base * exp(atLow + (atHigh - atLow) * share);
}

function onPath(script: ScriptedPath, at: number): number {
  const { points } = script;
  let before = points[0];
  for (const point of points) {
    if (point.at > at) {
      if (before === undefined || before === point) return Number(point.price);
      const share = (at - before.at) / (point.at - before.at);
      return Number(before.price) + (Number(point.price) - Number(before.price)) * share;
    }
    before = point;
  }
  return Number(before?.price ?? 1);
}
