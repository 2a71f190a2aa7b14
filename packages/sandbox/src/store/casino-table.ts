// Seeds and settled bets of the casino as rows.

import { type Usdc, micros } from "@holdfast/core";
import type { Bet, Round } from "@holdfast/purpleflea/fair";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

export type SeedState = "next" | "active" | "revealed";

export interface Seed {
  readonly id: number;
  /** Only shown once it is revealed. */
  readonly serverSeed: string;
  readonly serverSeedHash: string;
  /** Empty while it is next. */
  readonly clientSeed: string;
  /** That of the next bet. */
  readonly nonce: number;
  readonly state: SeedState;
}

export interface NewSeed {
  readonly agent: string;
  readonly serverSeed: string;
  readonly serverSeedHash: string;
  readonly at: number;
}

export interface StoredBet {
  readonly id: string;
  readonly agent: string;
  readonly seed: Seed;
  readonly nonce: number;
  readonly bet: Bet;
  readonly stake: Usdc;
  readonly payout: Usdc;
  readonly round: Round;
  readonly at: number;
  readonly ref: string | null;
}

export interface NewBet extends StoredBet {
  readonly command: number;
}

export interface CasinoTable {
  /** How many seeds an agent has had. */
  countSeeds(agent: string): number;
  seed(agent: string, state: "next" | "active"): Seed | undefined;
  insertSeed(seed: NewSeed): void;
  activate(seed: number, clientSeed: string, at: number): void;
  reveal(seed: number, at: number): void;
  /** Keeps a settled bet and moves its seed's nonce on. */
  insertBet(bet: NewBet): void;
  bet(id: string): StoredBet | undefined;
  /** An agent's bets, newest first. */
  bets(agent: string, limit: number): readonly StoredBet[];
}

const SEED = "id, server_seed, server_seed_hash, client_seed, nonce, state";
const BET = `b.id AS bet_id, b.agent, b.nonce AS bet_nonce, b.bet, b.stake, b.payout, b.multiplier,
  b.outcome, b.result, b.at, b.ref, s.id, s.server_seed, s.server_seed_hash, s.client_seed, s.nonce,
  s.state FROM casino_bet b JOIN casino_seed s ON s.id = b.seed`;

export function casinoTable({ raw }: Database): CasinoTable {
  const count = prepared(raw, "SELECT count(*) AS count FROM casino_seed WHERE agent = ?");
  const seed = prepared(raw, `SELECT ${SEED} FROM casino_seed WHERE agent = ? AND state = ?`);
  const insertSeed = raw.prepare(
    `INSERT INTO casino_seed (agent, server_seed, server_seed_hash, state, at)
     VALUES (?, ?, ?, 'next', ?)`,
  );
  const activate = raw.prepare(
    "UPDATE casino_seed SET state = 'active', client_seed = ?, at = ? WHERE id = ?",
  );
  const reveal = raw.prepare("UPDATE casino_seed SET state = 'revealed', at = ? WHERE id = ?");
  const insertBet = raw.prepare(
    `INSERT INTO casino_bet (id, command, agent, seed, nonce, bet, stake, payout, multiplier, outcome,
     result, at, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const advance = raw.prepare("UPDATE casino_seed SET nonce = nonce + 1 WHERE id = ?");
  const bet = prepared(raw, `SELECT ${BET} WHERE b.id = ?`);
  const bets = prepared(raw, `SELECT ${BET} WHERE b.agent = ? ORDER BY b.command DESC LIMIT ?`);
  return {
    countSeeds(agent) {
      const row = count.get(agent);
      return row === undefined ? 0 : integer(row, "count");
    },
    seed(agent, state) {
      const row = seed.get(agent, state);
      return row === undefined ? undefined : seedOf(row);
    },
    insertSeed({ agent, serverSeed, serverSeedHash, at }) {
      insertSeed.run(agent, serverSeed, serverSeedHash, at);
    },
    activate(id, clientSeed, at) {
      activate.run(clientSeed, at, id);
    },
    reveal(id, at) {
      reveal.run(at, id);
    },
    insertBet({ id, command, agent, seed, nonce, bet, stake, payout, round, at, ref }) {
      const { multiplier, outcome, result } = round;
      const played = [JSON.stringify(bet), stake, payout, multiplier, outcome, result] as const;
      insertBet.run(id, command, agent, seed.id, nonce, ...played, at, ref);
      advance.run(seed.id);
    },
    bet(id) {
      const row = bet.get(id);
      return row === undefined ? undefined : betOf(row);
    },
    bets: (agent, limit) => bets.all(agent, limit).map(betOf),
  };
}

function seedOf(row: Row): Seed {
  return {
    id: integer(row, "id"),
    serverSeed: text(row, "server_seed"),
    serverSeedHash: text(row, "server_seed_hash"),
    clientSeed: optionalText(row, "client_seed") ?? "",
    nonce: integer(row, "nonce"),
    state: text(row, "state") as SeedState,
  };
}

function betOf(row: Row): StoredBet {
  return {
    id: text(row, "bet_id"),
    agent: text(row, "agent"),
    seed: seedOf(row),
    nonce: integer(row, "bet_nonce"),
    bet: JSON.parse(text(row, "bet")) as Bet,
    stake: micros(big(row, "stake")),
    payout: micros(big(row, "payout")),
    round: {
      outcome: text(row, "outcome") as Round["outcome"],
      result: text(row, "result"),
      multiplier: big(row, "multiplier"),
    },
    at: integer(row, "at"),
    ref: optionalText(row, "ref"),
  };
}
