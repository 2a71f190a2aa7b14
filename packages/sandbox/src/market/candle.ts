// Candles by the clock: from the prices at whole seconds, never of a stretch that is not over. A stretch in
// which nothing traded is flat at the price before it, and marked as synthetic.

const SECOND_MS = 1_000;

/** Lengths of a candle by name, in milliseconds. */
export const INTERVALS = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "4h": 14_400_000,
  "1d": 86_400_000,
} as const;

export type Interval = keyof typeof INTERVALS;

/** Prices are whole micro-USDC. */
export interface Candle {
  /** Its first instant; it ends where the next one begins. */
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In units of the asset. */
  readonly volume: number;
  readonly synthetic: boolean;
}

export interface CandleQuery {
  readonly interval: Interval;
  /** First instant of the first candle: a multiple of the interval. */
  readonly from: number;
  /** None reaches beyond this instant. */
  readonly until: number;
}

export interface Traded {
  price(at: number): number;
  volume(from: number, to: number): number | undefined;
}

export function candles(traded: Traded, { interval, from, until }: CandleQuery): readonly Candle[] {
  const length = INTERVALS[interval];
  const made: Candle[] = [];
  for (let at = from; at + length <= until; at += length) made.push(candle(traded, at, length));
  return made;
}

function candle(market: Traded, at: number, length: number): Candle {
  const traded = market.volume(at, at + length);
  if (traded === undefined) {
    const flat = market.price(Math.max(0, at - 1));
    return { at, open: flat, high: flat, low: flat, close: flat, volume: 0, synthetic: true };
  }
  const open = market.price(at);
  let high = open;
  let low = open;
  let close = open;
  for (let second = at + SECOND_MS; second < at + length; second += SECOND_MS) {
    close = market.price(second);
    if (close > high) high = close;
    if (close < low) low = close;
  }
  return { at, open, high, low, close, volume: traded, synthetic: false };
}
