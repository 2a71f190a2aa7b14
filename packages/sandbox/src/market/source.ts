// What the prices of one pair come from: a generator, a path written by hand, or a recording. Each can be asked
// about any instant in any order, and answers the same for ever.

import type { Regime } from "./regime.ts";

export interface Source {
  readonly kind: "generated" | "script" | "recording";
  /** Rows of a recording that came late and were left out. */
  readonly late: number;
  /** The oracle's price in micro-USDC, a whole number: exact, since prices stay far below 2^53. */
  oracle(at: number): number;
  /** Prices that the oracle certainly stays between from one instant to another, both included. */
  range(from: number, to: number): Range;
  regime(at: number): Regime;
  /** Units traded from an instant on, before another; undefined where nothing is known to have traded. */
  volume(from: number, to: number): number | undefined;
  /** How far the market trades beside the oracle; absent where it trades at the oracle. */
  readonly premium?: Premium;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** In millionths of the oracle's price. */
export interface Premium {
  at(instant: number): number;
  /** Its exponential moving average over 150 s. */
  average(instant: number): number;
  /** Its average over the hour that ends at `hour` × 3,600,000 ms. */
  hourly(hour: number): number;
}
