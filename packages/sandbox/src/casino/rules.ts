// What the casino takes and pays: limits with their names, and the coin's profile.

import { type Usdc, micros } from "@holdfast/core";
import type { CoinPays } from "@holdfast/purpleflea/fair";

export interface CasinoRules {
  /** "seed": a coin pays 2.00, as the guides' clients reckon it. "house": 1.96. */
  readonly coinPays: CoinPays;
  /** Least and most that is staked on one bet. */
  readonly stakeMin: Usdc;
  readonly stakeMax: Usdc;
  /** Most that one bet may pay out: a bet that could pay more is refused before it is played. */
  readonly payoutMax: Usdc;
}

export const DEFAULT_CASINO: CasinoRules = {
  coinPays: "seed",
  stakeMin: micros(10_000n),
  stakeMax: micros(10_000_000_000n),
  payoutMax: micros(1_000_000_000_000n),
};
