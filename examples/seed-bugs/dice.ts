// C19. A published guide rolls "over 50" as "approximately 49 %" at 1.96, which would lose almost 4 % of each
// stake. The game has 10,000 faces and a win is strictly above the target: 49.99 % at 1.9603, which loses 2.0046 %.
// Where the answer lacks the multiplier, the guide's own 1.96 books less than was paid.
//
//   node examples/seed-bugs/dice.ts

import type { Usdc } from "holdfast";
import { fair } from "holdfast/purpleflea";

const over50: fair.Bet = { game: "dice", target: 50, over: true };

/** What the guide's numbers say that a bet returns. */
export function guideReturn(): number {
  const chance = 0.49;
  const multiplier = 1.96;
  return chance * multiplier;
}

/** What it returns, counted over all draws. */
export function exactReturn(): fair.Odds {
  return fair.oddsOf(over50);
}

/** What the guide books for a win, in dollars, by the multiplier that it takes for granted. */
export function guideProfit(stakeUsdc: number, multiplier = 1.96): number {
  return stakeUsdc * (multiplier - 1);
}

/** What a win pays beyond the stake: whole micro-USDC, rounded down. */
export function exactProfit(stake: Usdc): Usdc {
  const multiplier = fair.multiplierMax(over50);
  const payout = fair.payoutOf(stake, { outcome: "win", result: "", multiplier });
  return (payout - stake) as Usdc;
}

if (import.meta.main) {
  const { chance, rtp } = exactReturn();
  console.log(`The guide: 0.49 x 1.96 = ${guideReturn().toFixed(6)}`);
  console.log(`Counted: ${fair.toDecimal(chance, 4)} x 1.9603 = ${fair.toDecimal(rtp, 6)}`);
  console.log(fair.kellyFor(over50).refused);
}
