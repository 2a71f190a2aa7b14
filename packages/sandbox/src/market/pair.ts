// The pairs of the paper venue.

export interface Pair {
  /** "BTC-PERP". */
  readonly symbol: string;
  /** Price around which the market moves, in USD. */
  readonly base: number;
  /** Standard deviation of a year's return: 0.6 is 60 %. */
  readonly volatility: number;
  readonly leverageMax: number;
}

export const PAIRS: readonly Pair[] = [
  { symbol: "BTC-PERP", base: 60_000, volatility: 0.6, leverageMax: 50 },
  { symbol: "ETH-PERP", base: 3_000, volatility: 0.75, leverageMax: 50 },
  { symbol: "SOL-PERP", base: 150, volatility: 0.95, leverageMax: 20 },
];
