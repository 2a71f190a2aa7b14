// Coin flip: heads where the first bit of the digest is 0.

import type { CoinPays, Side } from "./bet.ts";
import { SPACE } from "./digest.ts";

/** What a win pays, in ten-thousandths. */
export const COIN_MULTIPLIERS: Readonly<Record<CoinPays, bigint>> = {
  seed: 20_000n,
  house: 19_600n,
};

export function coinSide(bits: bigint): Side {
  return bits < SPACE / 2n ? "heads" : "tails";
}
