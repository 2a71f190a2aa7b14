// The casino: bets, the seeds behind them, and their proofs. Every game but a fair coin loses on average; `fair`
// says how much.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import type { Side } from "../../fair/bet.ts";
import {
  BetProofResponse,
  BetResponse,
  BetsResponse,
  FairnessSeedResponse,
  RotateResponse,
} from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

/** What is played; what a coin pays is the house's to say. */
export type CasinoGame =
  /** Wins where the crash point is at least this: 1.01 to 10,000. */
  | { readonly game: "crash"; readonly cashOut: number }
  | { readonly game: "coinflip"; readonly side: Side }
  /** Wins above the target (over) or below it: 1 to 99. */
  | { readonly game: "dice"; readonly target: number; readonly over: boolean }
  | { readonly game: "slots" };

export interface CasinoStake {
  readonly amount: Usdc;
}

type Fields<Game extends CasinoGame["game"]> = CasinoStake &
  Omit<Extract<CasinoGame, { readonly game: Game }>, "game">;
type Settled = Promise<z.output<typeof BetResponse>>;

export interface CasinoGroup {
  crash(bet: Fields<"crash">, mark: WriteMark): Settled;
  coinflip(bet: Fields<"coinflip">, mark: WriteMark): Settled;
  dice(bet: Fields<"dice">, mark: WriteMark): Settled;
  slots(bet: CasinoStake, mark: WriteMark): Settled;
  /** Any of them, by the one path of the first guide. */
  bet(bet: CasinoStake & { readonly play: CasinoGame }, mark: WriteMark): Settled;
  /** The published hashes, the client seed, and the nonce of the next bet. */
  seed(mark?: ReadMark): Promise<z.output<typeof FairnessSeedResponse>>;
  /** Reveals the server seed and plays the next one; without a client seed the old one stays. */
  rotate(
    options: { readonly clientSeed?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof RotateResponse>>;
  /** All that it takes to play a bet again, once its server seed is revealed: `fair.verify()` does. */
  proof(betId: string, mark?: ReadMark): Promise<z.output<typeof BetProofResponse>>;
  /** Newest first. */
  bets(
    options?: { readonly limit?: number },
    mark?: ReadMark,
  ): Promise<z.output<typeof BetsResponse>["bets"]>;
}

export function casinoGroup({ read, write, profile: { paths } }: Calls): CasinoGroup {
  function bet(
    path: string,
    { amount }: CasinoStake,
    more: Readonly<Record<string, unknown>>,
    mark: WriteMark,
  ): Settled {
    const body = { amount: formatUsdc(amount), ...more };
    return write({ operation: "bet", what: "place a bet", path, body, answer: BetResponse }, mark);
  }
  return {
    crash: (stake, mark) => bet(paths.crashBet, stake, { auto_cashout: stake.cashOut }, mark),
    coinflip: (stake, mark) => bet(paths.coinFlipBet, stake, { side: stake.side }, mark),
    dice: (stake, mark) => {
      const { target, over } = stake;
      return bet(paths.diceRoll, stake, { target, over }, mark);
    },
    slots: (stake, mark) => bet(paths.slotsSpin, stake, {}, mark),
    bet({ amount, play }, mark) {
      const body = { amount_usd: formatUsdc(amount), game: play.game, params: paramsOf(play) };
      const call = { operation: "bet", what: "place a bet", path: paths.casinoBet, body };
      return write({ ...call, answer: BetResponse }, mark);
    },
    seed: (mark) =>
      read({ operation: "seed", path: paths.fairnessSeed, answer: FairnessSeedResponse }, mark),
    rotate({ clientSeed }, mark) {
      const call = {
        operation: "rotate-seed",
        what: "rotate the seed",
        path: paths.fairnessRotate,
      };
      return write({ ...call, body: { client_seed: clientSeed }, answer: RotateResponse }, mark);
    },
    proof(betId, mark) {
      const path = `${paths.casinoBets}/${encodeURIComponent(betId)}/proof`;
      return read({ operation: "proof", path, answer: BetProofResponse }, mark);
    },
    async bets({ limit = 50 } = {}, mark) {
      const path = `${paths.casinoBets}${query({ limit })}`;
      return (await read({ operation: "bets", path, answer: BetsResponse }, mark)).bets;
    },
  };
}

function paramsOf(play: CasinoGame): Readonly<Record<string, unknown>> {
  switch (play.game) {
    case "crash":
      return { auto_cashout: play.cashOut };
    case "coinflip":
      return { side: play.side };
    case "dice":
      return { target: play.target, over: play.over };
    case "slots":
      return {};
  }
}
