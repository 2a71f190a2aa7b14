// Plans that several proofs run.

/** A year of weekly purchases. */
export const weekly = {
  symbol: "BTC-PERP",
  amountUsd: "25.00",
  every: "1w",
  periods: 52,
} as const;
