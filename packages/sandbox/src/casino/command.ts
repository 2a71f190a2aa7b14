// What an agent wants of the casino: a bet, or another seed.

import type { Usdc } from "@holdfast/core";
import type { Bet } from "@holdfast/purpleflea/fair";

/** A bet without what the house decides. */
export type WantedBet = Bet extends infer One
  ? One extends { readonly game: "coinflip" }
    ? Omit<One, "pays">
    : One
  : never;

export type CasinoCommand =
  | { readonly operation: "bet"; readonly amount: Usdc; readonly bet: WantedBet }
  | {
      readonly operation: "rotate-seed";
      /** Undefined: as before. */
      readonly clientSeed: string | undefined;
    };
