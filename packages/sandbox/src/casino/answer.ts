// How bets and seeds are shown. A server seed is shown from here only, and only once it is revealed.

import { type Usdc, micros } from "@holdfast/core";
import type { Bet } from "@holdfast/purpleflea/fair";
import {
  type BetProofResponse,
  type BetResponse,
  type FairnessSeedResponse,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { StoredBet } from "../store/casino-table.ts";
import type { SeedPair } from "./seed.ts";

type BetAnswer = z.input<typeof BetResponse>;

/** A bet that was just settled, in the words of all guides. */
export function betAnswer(settled: StoredBet, balance: Usdc): BetAnswer {
  const { id, bet, stake, payout, round, seed, nonce, at } = settled;
  const pnl = micros(payout - stake);
  return {
    bet_id: id,
    trade_id: id,
    game: bet.game,
    outcome: round.outcome,
    result: round.result,
    ...drawn(settled),
    payout_multiplier: multiplierNumber(round.multiplier),
    amount_micros: toMicros(stake),
    amount: toGuideNumber(stake),
    payout_micros: toMicros(payout),
    payout: toGuideNumber(payout),
    pnl_micros: toMicros(pnl),
    pnl_usdc: toGuideNumber(pnl),
    balance_micros: toMicros(balance),
    balance_usdc: toGuideNumber(balance),
    new_balance: toGuideNumber(balance),
    proof: { server_seed_hash: seed.serverSeedHash, client_seed: seed.clientSeed, nonce },
    ts: at,
  };
}

/** All that it takes to play a bet again; the server seed is null until it is revealed. */
export function proofAnswer(settled: StoredBet): BetProofResponse {
  const { id, bet, stake, payout, round, seed, nonce, at, ref } = settled;
  return {
    bet_id: id,
    game: bet.game,
    params: paramsOf(bet),
    outcome: round.outcome,
    result: round.result,
    payout_multiplier: multiplierNumber(round.multiplier),
    amount_micros: toMicros(stake),
    payout_micros: toMicros(payout),
    server_seed: seed.state === "revealed" ? seed.serverSeed : null,
    server_seed_hash: seed.serverSeedHash,
    client_seed: seed.clientSeed,
    nonce,
    date: new Date(at).toISOString(),
    ref,
  };
}

export function seedAnswer({ active, next }: SeedPair): FairnessSeedResponse {
  return {
    server_seed_hash: active.serverSeedHash,
    next_server_seed_hash: next.serverSeedHash,
    client_seed: active.clientSeed,
    nonce: active.nonce,
  };
}

/** At most four decimals: exact as a number. */
export function multiplierNumber(multiplier: bigint): number {
  return Number(multiplier) / 10_000;
}

function drawn({ bet, round }: StoredBet): Partial<BetAnswer> {
  switch (bet.game) {
    case "crash":
      return { crash_at: Number(round.result) };
    case "dice":
      return { roll: Number(round.result) };
    case "slots":
      return { reels: round.result.split(" ") };
    case "coinflip":
      return {};
  }
}

function paramsOf(bet: Bet): Readonly<Record<string, unknown>> {
  switch (bet.game) {
    case "crash":
      return { auto_cashout: bet.cashOut };
    case "dice":
      return { target: bet.target, over: bet.over };
    case "coinflip":
      return { side: bet.side, pays: bet.pays };
    case "slots":
      return {};
  }
}
