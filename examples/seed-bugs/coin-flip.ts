// C18. Two published guides book a coin flip as plus or minus the stake, whatever the venue answers. A house pays
// 1.96, not 2.00: the agent's books and its wallet drift apart with each win. What was won is the venue's to say.
//
//   node examples/seed-bugs/coin-flip.ts

import { type Usdc, formatUsdc, usdc } from "holdfast";
import type { PurpleFlea } from "holdfast/purpleflea";
import { testProject } from "holdfast/testing";

export interface Books {
  /** As the guides reckon it. */
  readonly guide: Usdc;
  /** As the venue says it. */
  readonly venue: Usdc;
  /** What the wallet has more, or less, than before. */
  readonly wallet: Usdc;
  readonly wins: number;
}

/** Flips so many coins and keeps both books. */
export async function flip(client: PurpleFlea, stake: Usdc, times: number): Promise<Books> {
  const before = (await client.wallet.balance()).usdc_micros;
  let guide = usdc("0");
  let venue = usdc("0");
  let wins = 0;
  for (let done = 0; done < times; done += 1) {
    const bet = { amount: stake, side: "heads" } as const;
    const answer = await client.casino.coinflip(bet, { key: `flip/${done}` });
    const won = answer.outcome === "win";
    guide = (guide + (won ? stake : -stake)) as Usdc;
    venue = (venue + answer.pnl_micros) as Usdc;
    if (won) wins += 1;
  }
  const after = (await client.wallet.balance()).usdc_micros;
  return { guide, venue, wallet: (after - before) as Usdc, wins };
}

if (import.meta.main) {
  await using t = await testProject({ definitions: [], venue: { casino: { coinPays: "house" } } });
  const { guide, venue, wallet, wins } = await flip(t.venue.client(), usdc("10"), 100);
  console.log(`100 flips of 10 USDC, ${wins} of them won.`);
  console.log(`The guides' books: ${formatUsdc(guide)}. The venue's: ${formatUsdc(venue)}.`);
  console.log(`The wallet has changed by ${formatUsdc(wallet)}.`);
}
