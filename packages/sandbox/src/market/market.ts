// The market: mark, bid and ask of a pair at any instant, generated from a seed or written by hand. It keeps no
// state, so that a year costs nothing until it is looked at, and a restart changes nothing.

import { type Usdc, micros } from "@holdfast/core";
import { type Stream, streamOf } from "./noise.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { type Regime, pathPrice, regimeAt } from "./path.ts";
import { type ScriptedPath, compileScript } from "./script.ts";

export interface Quote {
  readonly mark: Usdc;
  readonly bid: Usdc;
  readonly ask: Usdc;
}

export interface Market {
  readonly pairs: readonly Pair[];
  /** The pair of a canonical symbol. */
  pair(symbol: string): Pair | undefined;
  /** Prices at an instant, in milliseconds since the epoch. */
  quote(pair: Pair, at: number): Quote;
}

export interface MarketOptions {
  readonly seed: string;
  /** Default: BTC, ETH and SOL. */
  readonly pairs?: readonly Pair[] | undefined;
  /** Take the place of the generator for their pairs. */
  readonly scripts?: readonly ScriptedPath[] | undefined;
}

/** Half of the spread by regime, in millionths of the price. */
const HALF_SPREAD_PPM: Readonly<Record<Regime, bigint>> = {
  calm: 50n,
  normal: 100n,
  chop: 150n,
  storm: 400n,
};

const PPM = 1_000_000n;

export function createMarket({ seed, pairs = PAIRS, scripts = [] }: MarketOptions): Market {
  const scripted = new Map(scripts.map((script) => [script.symbol, compileScript(script)]));
  const streams = new Map(pairs.map(({ symbol }) => [symbol, streamOf(seed, symbol)]));
  const bySymbol = new Map(pairs.map((pair) => [pair.symbol, pair]));
  // Many positions of one agent ask for the same instant.
  const latest = new Map<string, { readonly at: number; readonly quote: Quote }>();

  function quote(pair: Pair, at: number): Quote {
    const script = scripted.get(pair.symbol);
    if (script !== undefined) return around(script(at), HALF_SPREAD_PPM.normal);
    const stream = streams.get(pair.symbol);
    if (stream === undefined) throw new Error(`The market has no pair ${pair.symbol}.`);
    return around(generated(stream, pair, at), HALF_SPREAD_PPM[regimeAt(stream, at)]);
  }

  return {
    pairs,
    pair: (symbol) => bySymbol.get(symbol),
    quote(pair, at) {
      const known = latest.get(pair.symbol);
      if (known?.at === at) return known.quote;
      const fresh = quote(pair, at);
      latest.set(pair.symbol, { at, quote: fresh });
      return fresh;
    },
  };
}

function generated(stream: Stream, pair: Pair, at: number): Usdc {
  return micros(Math.max(1, Math.round(pathPrice(stream, pair, at) * 1_000_000)));
}

function around(mark: Usdc, halfSpreadPpm: bigint): Quote {
  const half = (mark * halfSpreadPpm) / PPM;
  return { mark, bid: micros(mark - half), ask: micros(mark + half) };
}
