// C17. A published guide sizes its crash bets by "Kelly, 2 % edge, even odds" and always bets. Crash pays 0.99 of
// each stake on average: the edge is the casino's, Kelly's share is negative, and the right stake is nothing.
//
//   node examples/seed-bugs/kelly.ts

import { fair } from "holdfast/purpleflea";

/** The guide's own numbers, in floating-point dollars: a quarter of edge / odds, from 0.10 to 50. */
export function guideStake(walletUsdc: number): number {
  const edge = 0.02;
  const odds = 1;
  const bet = Math.round(walletUsdc * (edge / odds / 4) * 100) / 100;
  return Math.max(0.1, Math.min(bet, 50));
}

/** The same decision from the game's exact odds. */
export function rightStake(
  walletUsdc: number,
  cashOut: number,
): fair.KellyAdvice & { stake: number } {
  const advice = fair.kellyForCrash(cashOut);
  return { ...advice, stake: walletUsdc * advice.bet };
}

if (import.meta.main) {
  const wallet = 10_000;
  const stake = guideStake(wallet);
  const { kelly, expectedLoss, refused } = rightStake(wallet, 1.5);
  console.log(`The guide stakes ${stake} USDC of ${wallet} at a cash-out of 1.5.`);
  console.log(`Kelly's share is ${kelly.toFixed(4)}. ${refused ?? ""}`);
  console.log(`Each such bet costs ${(stake * expectedLoss).toFixed(2)} USDC on average.`);
}
