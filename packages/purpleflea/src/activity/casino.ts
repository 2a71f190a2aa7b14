// The activity that bets. It is money like any other, and loses on average: an agent that bets should say why.

import { type Activity, activity, micros } from "@holdfast/core";
import { z } from "zod";
import { InsufficientFunds } from "../client/failure.ts";
import { CASH_OUT_MAX, CASH_OUT_MIN, TARGET_MAX, TARGET_MIN } from "../fair/bet.ts";
import { oddsOf } from "../fair/odds.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { BetResponse } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const Stake = z.object({
  amount: money(),
  play: z.discriminatedUnion("game", [
    z.object({ game: z.literal("crash"), cashOut: z.number().min(CASH_OUT_MIN).max(CASH_OUT_MAX) }),
    z.object({ game: z.literal("coinflip"), side: z.enum(["heads", "tails"]) }),
    z.object({
      game: z.literal("dice"),
      target: z.number().min(TARGET_MIN).max(TARGET_MAX),
      over: z.boolean(),
    }),
    z.object({ game: z.literal("slots") }),
  ]),
});

/** The receipt of a settled bet. Profit and payout are the venue's, never reckoned here. */
export const BetReceipt = z.object({
  betId: z.string(),
  game: z.string(),
  outcome: z.enum(["win", "loss"]),
  result: z.string(),
  stake: money(),
  payout: money(),
  profit: money(),
  balance: money(),
  proof: z.object({ serverSeedHash: z.string(), clientSeed: z.string(), nonce: z.number() }),
});

/** Places one bet, once, and waits for it. `total` (default 5 min) says how late it may still be placed. */
export const casinoBet: Activity<
  z.input<typeof Stake>,
  z.output<typeof BetReceipt>,
  typeof InsufficientFunds
> = activity({
  name: "purpleflea.casinoBet",
  input: Stake,
  output: BetReceipt,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "casino",
  timeouts: { total: "5m", attempt: "20s" },
  failures: [InsufficientFunds],
  guard: ({ amount, play }) => ({
    operation: "casino.bet",
    kind: "open",
    detail: play.game,
    amount,
    edge: edgeOf(play),
  }),
  // A loss costs the stake, a win nothing.
  cost: ({ profit }) => (profit < 0n ? micros(-profit) : micros(0)),
  observe: ({ balance }) => [{ kind: "available", available: balance }],
  run: async (stake, a) => receipt(await a.use(purpleFlea).casino.bet(stake)),
  reconcile: (_stake, a) => byKey(a, BetResponse, receipt),
});

/** What a unit staked brings on average, by the exact odds; a coin's are those of a house that keeps something. */
function edgeOf(play: z.output<typeof Stake>["play"]): number {
  const bet = play.game === "coinflip" ? { ...play, pays: "house" as const } : play;
  const { rtp } = oddsOf(bet);
  return Number(rtp.numerator - rtp.denominator) / Number(rtp.denominator);
}

function receipt(answer: z.output<typeof BetResponse>): z.input<typeof BetReceipt> {
  const { server_seed_hash, client_seed, nonce } = answer.proof;
  return {
    betId: answer.bet_id,
    game: answer.game,
    outcome: answer.outcome,
    result: answer.result,
    stake: answer.amount_micros,
    payout: answer.payout_micros,
    profit: answer.pnl_micros,
    balance: answer.balance_micros,
    proof: { serverSeedHash: server_seed_hash, clientSeed: client_seed, nonce },
  };
}
