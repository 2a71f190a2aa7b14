// How likely a bet wins and what it returns on average, counted over all draws: exact fractions, no simulation.

import { type Bet, MULTIPLIER_UNIT, hundredths } from "./bet.ts";
import { crashWins } from "./crash.ts";
import { diceWins } from "./dice.ts";
import { SPACE } from "./digest.ts";
import { multiplierMax } from "./play.ts";
import { type Ratio, ratio, times } from "./ratio.ts";
import { REEL, type Reels, slotPay } from "./slots.ts";

export interface Odds {
  /** How likely it wins anything. */
  readonly chance: Ratio;
  /** What comes back on average for each unit staked ("return to player"). One is a fair game. */
  readonly rtp: Ratio;
}

/** @throws RangeError where a number has more than two decimals */
export function oddsOf(bet: Bet): Odds {
  if (bet.game === "slots") return slotOdds();
  const chance = ratio(winsOf(bet), SPACE);
  return { chance, rtp: times(chance, ratio(multiplierMax(bet), MULTIPLIER_UNIT)) };
}

/** How many of the 2^52 draws win. */
function winsOf(bet: Exclude<Bet, { readonly game: "slots" }>): bigint {
  switch (bet.game) {
    case "crash":
      return crashWins(hundredths(bet.cashOut));
    case "dice":
      return diceWins(hundredths(bet.target), bet.over);
    case "coinflip":
      return SPACE / 2n;
  }
}

/** Counts through all 32 x 32 x 32 stops. */
function slotOdds(): Odds {
  let hits = 0n;
  let paid = 0n;
  for (const first of REEL) {
    for (const second of REEL) {
      for (const third of REEL) {
        const reels: Reels = [first, second, third];
        const pay = slotPay(reels);
        paid += pay;
        if (pay > 0n) hits += 1n;
      }
    }
  }
  const draws = BigInt(REEL.length) ** 3n;
  return { chance: ratio(hits, draws), rtp: ratio(paid, draws) };
}
