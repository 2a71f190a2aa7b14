// A bet: the stake goes out, the round is played on the next nonce, what it pays comes back. All in one
// transaction: there is no moment at which a bet is open.

import { type Usdc, micros } from "@holdfast/core";
import { type Bet, multiplierMax, payoutOf, play } from "@holdfast/purpleflea/fair";
import { toMicros } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { type Transfer, VENUE, agentAccount } from "../ledger/ledger.ts";
import type { NewBet } from "../store/casino-table.ts";
import { betAnswer } from "./answer.ts";
import type { CasinoCommand, WantedBet } from "./command.ts";
import { roundDigest } from "./digest.ts";
import type { CasinoRules } from "./rules.ts";
import { seedsOf } from "./seed.ts";

type BetCommand = Extract<CasinoCommand, { operation: "bet" }>;

export function bet({ amount, bet: wanted }: BetCommand, context: Context): Outcome {
  const { store, ledger, terms, agent, at, command, ref } = context;
  const placed = betOf(wanted, terms.casino);
  const flaw = refusal(placed, amount, context);
  if (flaw !== undefined) return flaw;
  const { active } = seedsOf(context);
  const { nonce } = active;
  const round = play(placed, roundDigest(active.serverSeed, active.clientSeed, nonce));
  const settled: NewBet = {
    id: context.identities.id("bet", command),
    command,
    agent,
    seed: active,
    nonce,
    bet: placed,
    stake: amount,
    payout: micros(payoutOf(amount, round)),
    round,
    at,
    ref: ref ?? null,
  };
  store.casino.insertBet(settled);
  ledger.post(transfersOf(settled));
  const answer = betAnswer(settled, ledger.balance(agentAccount(agent)));
  return {
    kind: "done",
    status: 200,
    body: answer,
    agent,
    amount,
    event: { type: "casino.bet_settled", payload: answer },
  };
}

/** With what the house decides. */
function betOf(wanted: WantedBet, { coinPays }: CasinoRules): Bet {
  return wanted.game === "coinflip" ? { ...wanted, pays: coinPays } : wanted;
}

function refusal(placed: Bet, amount: Usdc, context: Context): Outcome | undefined {
  const { stakeMin, stakeMax, payoutMax } = context.terms.casino;
  if (amount < stakeMin) {
    const more = { stake_min_micros: toMicros(stakeMin) };
    return refused("stake_too_small", "The stake is below the least of one bet.", more);
  }
  if (amount > stakeMax) {
    const more = { stake_max_micros: toMicros(stakeMax) };
    return refused("stake_too_large", "The stake is above the most of one bet.", more);
  }
  const most = micros(
    payoutOf(amount, { outcome: "win", result: "", multiplier: multiplierMax(placed) }),
  );
  if (most > payoutMax) {
    return refused("payout_too_large", "The bet could pay more than the bank pays for one bet.", {
      payout_micros: toMicros(most),
      payout_max_micros: toMicros(payoutMax),
    });
  }
  const available = context.ledger.balance(agentAccount(context.agent));
  if (available >= amount) return undefined;
  return refused("insufficient_funds", "The stake is more than is available.", {
    needed_micros: toMicros(amount),
    available_micros: toMicros(available),
  });
}

/**
 * A lost stake is one posting with the whole loss. A won bet is three: the stake goes out and comes back, and
 * what is won beyond it stands alone, so that it is the profit of the bet.
 */
function transfersOf({
  id,
  agent,
  stake,
  payout,
  round,
  at,
  command,
}: NewBet): readonly Transfer[] {
  const own = agentAccount(agent);
  const common = { agent, subject: id, at, command };
  const out = { debit: own, credit: VENUE.bank, amount: stake, ...common };
  if (round.outcome === "loss") return [{ ...out, kind: "bet-loss" }];
  const back = { debit: VENUE.bank, credit: own, ...common };
  return [
    { ...out, kind: "stake" },
    { ...back, amount: stake, kind: "stake-return" },
    { ...back, amount: micros(payout - stake), kind: "bet-win" },
  ];
}
