// The market: oracle, mark, bid, ask and depth of a pair at any instant, generated from a seed, recorded, or
// written by hand. It keeps no state, so that a year costs nothing until it is looked at, and a restart changes
// nothing.

import { type Usdc, micros } from "@holdfast/core";
import { type Candle, type CandleQuery, candles } from "./candle.ts";
import { generatedSource } from "./generated.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { PREMIUM_PPM_MAX } from "./premium.ts";
import type { Regime } from "./regime.ts";
import { type Recording, recordedSource } from "./replay.ts";
import { type ScriptedPath, scriptedSource } from "./script.ts";
import type { Range, Source } from "./source.ts";

export interface Quote {
  /** The price that the market follows; funding is paid on it. */
  readonly oracle: Usdc;
  /** What positions are valued, stopped and liquidated at. */
  readonly mark: Usdc;
  readonly bid: Usdc;
  readonly ask: Usdc;
  /** Value of the orders within one millionth of the price, on each side of the book. */
  readonly depth: Usdc;
}

export interface Hourly {
  readonly oracle: Usdc;
  /** The hour's average premium of the market over the oracle, in millionths. */
  readonly premiumPpm: number;
}

export interface Market {
  readonly pairs: readonly Pair[];
  /** The pair of a canonical symbol. */
  pair(symbol: string): Pair | undefined;
  /** Prices at an instant, in milliseconds since the epoch. */
  quote(pair: Pair, at: number): Quote;
  /** Prices in micro-USDC that mark, bid and ask certainly stay between, both instants included. */
  range(pair: Pair, from: number, to: number): Range;
  /** What funding is computed from, at the end of an hour since the epoch. */
  hourly(pair: Pair, hour: number): Hourly;
  candles(pair: Pair, query: CandleQuery): readonly Candle[];
  /** Units traded from an instant on, before another; undefined where nothing is known to have traded. */
  volume(pair: Pair, from: number, to: number): number | undefined;
  /** Where a pair's prices come from, and how many rows of a recording came late. */
  origin(pair: Pair): Pick<Source, "kind" | "late">;
}

export interface MarketOptions {
  readonly seed: string;
  /** Default: BTC, ETH and SOL. */
  readonly pairs?: readonly Pair[] | undefined;
  /** Take the place of the generator for their pairs. */
  readonly scripts?: readonly ScriptedPath[] | undefined;
  /** Take the place of generator and script for their pairs. */
  readonly recordings?: readonly Recording[] | undefined;
}

/** Half of the spread by regime, in millionths of the price. */
const HALF_SPREAD_PPM: Readonly<Record<Regime, bigint>> = {
  calm: 50n,
  normal: 100n,
  chop: 150n,
  storm: 400n,
};

/** Value within one millionth of the price by regime, in micro-USDC. */
const DEPTH: Readonly<Record<Regime, Usdc>> = {
  calm: micros(20_000_000_000n),
  normal: micros(10_000_000_000n),
  chop: micros(6_000_000_000n),
  storm: micros(2_500_000_000n),
};

const PPM = 1_000_000;
const HOUR_MS = 3_600_000;
/** Samples of the moving average over 30 s in the mark price: every 15 s, and how its weight fades. */
const MARK_SAMPLE_MS = 15_000;
const MARK_SAMPLE_FADE = 0.60653066;
const MARK_SAMPLES = 6;

export function createMarket(options: MarketOptions): Market {
  const { pairs = PAIRS } = options;
  const bySymbol = new Map(pairs.map((pair) => [pair.symbol, pair]));
  const sources = new Map(pairs.map((pair) => [pair.symbol, sourceOf(pair, options)]));
  // Many positions of one agent ask for the same instant.
  const latest = new Map<string, { readonly at: number; readonly quote: Quote }>();

  function source({ symbol }: Pair): Source {
    const found = sources.get(symbol);
    if (found === undefined) throw new Error(`The market has no pair ${symbol}.`);
    return found;
  }

  return {
    pairs,
    pair: (symbol) => bySymbol.get(symbol),
    quote(pair, at) {
      const known = latest.get(pair.symbol);
      if (known?.at === at) return known.quote;
      const fresh = quoteOf(source(pair), at);
      latest.set(pair.symbol, { at, quote: fresh });
      return fresh;
    },
    range(pair, from, to) {
      const one = source(pair);
      const { low, high } = one.range(from, to);
      const premium = one.premium === undefined ? 0 : PREMIUM_PPM_MAX;
      // The mark looks back over its samples, but lies between two prices of the instant itself.
      const reach = (premium + Number(HALF_SPREAD_PPM.storm)) / PPM;
      return { low: Math.floor(low * (1 - reach)) - 1, high: Math.ceil(high * (1 + reach)) + 1 };
    },
    hourly(pair, hour) {
      const { premium, ...one } = source(pair);
      return { oracle: micros(one.oracle(hour * HOUR_MS)), premiumPpm: premium?.hourly(hour) ?? 0 };
    },
    origin(pair) {
      const { kind, late } = source(pair);
      return { kind, late };
    },
    volume: (pair, from, to) => source(pair).volume(from, to),
    candles(pair, query) {
      const one = source(pair);
      const volume = (from: number, to: number): number | undefined => one.volume(from, to);
      return candles({ price: (at) => midOf(one, at), volume }, query);
    },
  };
}

function sourceOf(pair: Pair, { seed, scripts, recordings }: MarketOptions): Source {
  const isOfPair = ({ symbol }: { readonly symbol: string }): boolean => symbol === pair.symbol;
  const recording = recordings?.find(isOfPair);
  if (recording !== undefined) return recordedSource(recording);
  const script = scripts?.find(isOfPair);
  return script === undefined ? generatedSource(seed, pair) : scriptedSource(script);
}

function quoteOf(source: Source, at: number): Quote {
  const oracle = source.oracle(at);
  const regime = source.regime(at);
  const mid = midOf(source, at);
  const half = (BigInt(mid) * HALF_SPREAD_PPM[regime]) / BigInt(PPM);
  return {
    oracle: micros(oracle),
    mark: micros(markOf(source, at, oracle, mid)),
    bid: micros(BigInt(mid) - half),
    ask: micros(BigInt(mid) + half),
    depth: DEPTH[regime],
  };
}

function midOf(source: Source, at: number): number {
  const oracle = source.oracle(at);
  return source.premium === undefined ? oracle : beside(oracle, source.premium.at(at));
}

/**
 * The median of the oracle with the premium's average over 150 s, the middle of the book, and the middle's
 * average over 30 s: nobody moves it in a moment.
 */
function markOf(source: Source, at: number, oracle: number, mid: number): number {
  if (source.premium === undefined) return oracle;
  const slow = beside(oracle, source.premium.average(at));
  let sum = 0;
  let weights = 0;
  let weight = 1;
  for (let sample = 0; sample < MARK_SAMPLES; sample += 1) {
    sum += weight * midOf(source, at - sample * MARK_SAMPLE_MS);
    weights += weight;
    weight *= MARK_SAMPLE_FADE;
  }
  const recent = Math.round(sum / weights);
  return Math.max(Math.min(slow, mid), Math.min(Math.max(slow, mid), recent));
}

function beside(oracle: number, ppm: number): number {
  return Math.max(1, Math.round(oracle * (1 + ppm / PPM)));
}
