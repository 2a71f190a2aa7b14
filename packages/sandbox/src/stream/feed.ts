// Prices as events: a candle for each minute that is over, a tick for an instant. They are made from the market
// when somebody listens, not kept: the same instant always gives the same event.

import { type Usdc, micros } from "@holdfast/core";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import { eventId } from "../command/identity.ts";
import { candleAnswer } from "../http/market-data.ts";
import { INTERVALS } from "../market/candle.ts";
import type { Market, Quote } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import type { Told } from "./event.ts";

export const MINUTE_MS: number = INTERVALS["1m"];
const SECOND_MS = 1_000;

/** Candles are numbered from here in the ids of their instant, ticks from there, what is kept after both. */
export const CANDLE_NUMBER = 0;
export const TICK_NUMBER = 512;

/** Candles and ticks that are remembered, for others who ask for the same. */
const REMEMBERED = 2_048;

export interface Feed {
  readonly pairs: number;
  /** Of the minute that ends at an instant. */
  candle(index: number, at: number): Told;
  tick(index: number, at: number): Told;
  /** One of each pair. */
  ticks(at: number): readonly Told[];
}

export function createFeed(market: Market): Feed {
  const running = market.pairs.map((pair) => runningMinute(market, pair));
  const known = new Map<string, Told>();

  function remember(id: string, make: () => Told): Told {
    const found = known.get(id);
    if (found !== undefined) return found;
    const made = make();
    known.set(id, made);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? id);
    return made;
  }

  function pairAt(index: number): Pair {
    const pair = market.pairs[index];
    if (pair === undefined) throw new Error(`The market has no pair number ${index}.`);
    return pair;
  }

  const feed: Feed = {
    pairs: market.pairs.length,
    candle(index, at) {
      const id = eventId(at, CANDLE_NUMBER + index);
      return remember(id, () => {
        const pair = pairAt(index);
        const query = { interval: "1m", from: at - MINUTE_MS, until: at } as const;
        const [candle] = market.candles(pair, query);
        if (candle === undefined) throw new Error(`No candle of ${pair.symbol} ends at ${at}.`);
        const { symbol } = pair;
        const body = { pair: symbol, symbol, interval: "1m", ...candleAnswer(candle, MINUTE_MS) };
        return { eventId: id, type: "market.candle", payload: JSON.stringify(body), at };
      });
    },
    tick(index, at) {
      const id = eventId(at, TICK_NUMBER + index);
      return remember(id, () => {
        const pair = pairAt(index);
        const payload = tickText(market, pair, at, running[index]?.(at));
        return { eventId: id, type: "market.tick", payload, at };
      });
    },
    ticks: (at) => market.pairs.map((_pair, index) => feed.tick(index, at)),
  };
  return feed;
}

/** Whole micro-USDC. */
interface Running {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
}

function tickText(market: Market, pair: Pair, at: number, running: Running | undefined): string {
  const { mark, bid, ask } = market.quote(pair, at);
  const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const number = (price: number | undefined): number | undefined =>
    price === undefined ? undefined : toGuideNumber(micros(price));
  const amount = (name: string, value: Usdc): object => ({
    [name]: toGuideNumber(value),
    [`${name}_micros`]: toMicros(value),
  });
  return JSON.stringify({
    pair: pair.symbol,
    symbol: pair.symbol,
    ...amount("price", mark),
    ...amount("bid", bid),
    ...amount("ask", ask),
    timestamp_ms: at,
    o: number(running?.open),
    h: number(running?.high),
    l: number(running?.low),
    c: number(running?.last),
    v: market.volume(pair, start, Math.max(at, start + 1)) ?? 0,
  });
}

/** What the running minute has seen, from the prices at whole seconds; goes on from the second asked last. */
function runningMinute(market: Market, pair: Pair): (at: number) => Running {
  let minute = -1;
  let second = 0;
  let open = 0;
  let high = 0;
  let low = 0;
  const see = (price: number): void => {
    high = Math.max(high, price);
    low = Math.min(low, price);
  };
  return (at) => {
    const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    if (start !== minute || at < second) {
      minute = start;
      second = start;
      open = middleOf(market.quote(pair, start));
      high = open;
      low = open;
    }
    for (let next = second + SECOND_MS; next <= at; next += SECOND_MS) {
      see(middleOf(market.quote(pair, next)));
      second = next;
    }
    const last = middleOf(market.quote(pair, at));
    return { open, high: Math.max(high, last), low: Math.min(low, last), last };
  };
}

/** Candles are made of the middle of the book. */
function middleOf({ bid, ask }: Quote): number {
  return Number((bid + ask) / 2n);
}
