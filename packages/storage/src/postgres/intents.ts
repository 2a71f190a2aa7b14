// The intents of money effects in PostgreSQL, for workers on several machines.

import {
  type BreakerStore,
  type Encoded,
  type Failure,
  type GuardPolicy,
  type GuardRequest,
  type Intent,
  type IntentEffect,
  type IntentFilter,
  type IntentNote,
  type IntentStore,
  type LaneRequest,
  type MovedBook,
  type NewIntent,
  type Observation,
  type Recorded,
  type Sending,
  type Settlement,
  type StoreGuard,
  type StoredIntent,
  encode,
} from "@holdfast/core";
import { GUARD_TABLES, type Steps, adoptBook, first, observe } from "@holdfast/guard";
import type { PoolClient } from "pg";
import { doubting, recording, sending, settling } from "../guarded.ts";
import { INTENT_COLUMNS, columnsOf, intentOf, listLimit } from "../row.ts";
import { openGuard } from "../store-guard.ts";
import { BREAKER_TABLES, postgresBreakers } from "./breakers.ts";
import { PostgresDatabase, type PostgresOptions } from "./database.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS intent (
    key TEXT COLLATE "C" PRIMARY KEY,
    ref TEXT NOT NULL,
    account TEXT NOT NULL,
    activity TEXT NOT NULL,
    venue TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    run TEXT NOT NULL,
    owner TEXT NOT NULL,
    lane TEXT,
    state TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    settled_at BIGINT,
    sent_at BIGINT,
    last_send_at BIGINT,
    sends INTEGER NOT NULL DEFAULT 0,
    asks BOOLEAN NOT NULL DEFAULT FALSE,
    reconcile_tries INTEGER NOT NULL DEFAULT 0,
    last_failure TEXT,
    details TEXT,
    output TEXT
  );
  CREATE INDEX IF NOT EXISTS intent_by_run ON intent (run) WHERE state IN ('open', 'in-doubt');
  CREATE INDEX IF NOT EXISTS intent_by_lane ON intent (lane) WHERE state = 'open';
  CREATE TABLE IF NOT EXISTS lane (
    lane TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS lane_place (
    lane TEXT NOT NULL,
    since BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (lane, since, key)
  );
`;

const SQL = {
  adopt: `
    INSERT INTO intent (${INTENT_COLUMNS})
    VALUES (${INTENT_COLUMNS.split(", ")
      .map((_, index) => `$${index + 1}`)
      .join(", ")})
    ON CONFLICT (key) DO NOTHING RETURNING key`,
  /** Shares the lock of its lane's row: who takes the lane from it sees this send, or this one finds it taken. */
  holdLane: `
    SELECT lane.lane FROM lane JOIN intent ON intent.lane = lane.lane AND intent.key = lane.key
    WHERE intent.key = ? FOR SHARE OF lane`,
  note: `
    UPDATE intent SET last_failure = $2, asks = $3, reconcile_tries = $4,
      sent_at = CASE WHEN $5 THEN NULL ELSE sent_at END
    WHERE key = $1 AND state IN ('open', 'in-doubt')`,
  keep: "UPDATE intent SET details = $2 WHERE key = $1",
  find: `SELECT ${INTENT_COLUMNS} FROM intent WHERE key = $1`,
  list: `
    SELECT ${INTENT_COLUMNS} FROM intent
    WHERE key > $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR account = $3)
      AND ($4::text IS NULL OR run = $4)
    ORDER BY key LIMIT $5`,
  /** Nobody who holds the lane sends from here on, and what was sent before can be seen. */
  lock: "SELECT 1 FROM lane WHERE lane = $1 FOR UPDATE",
  enter: `
    INSERT INTO lane (lane, key, holder, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (lane) DO UPDATE SET key = excluded.key, holder = excluded.holder, until = excluded.until
    WHERE lane.holder = excluded.holder OR lane.until <= $5 RETURNING lane`,
  blocked:
    "SELECT 1 FROM intent WHERE lane = $1 AND state = 'open' AND sent_at IS NOT NULL AND key <> $2 LIMIT 1",
  leave: "DELETE FROM lane WHERE lane = $1 AND holder = $2",
  outdated: "DELETE FROM lane_place WHERE lane = $1 AND until <= $2",
  earlier: "SELECT 1 FROM lane_place WHERE lane = $1 AND (since, key) < ($2, $3) LIMIT 1",
  stand: `
    INSERT INTO lane_place (lane, since, key, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (lane, since, key) DO UPDATE SET until = excluded.until`,
  leaveLine: "DELETE FROM lane_place WHERE lane = $1 AND since = $2 AND key = $3",
} as const;

/**
 * Opens a store of intents in a PostgreSQL database, and makes its tables where they are missing. A write is
 * fulfilled when the server has synchronised it; a server with `fsync` off keeps no promise.
 *
 * @throws HF-INTENTS-FAILED where the database cannot be reached or used
 * @example
 * await using intents = await openPostgresIntents({ url: process.env.DATABASE_URL });
 */
export async function openPostgresIntents(options: PostgresOptions): Promise<IntentStore> {
  const tables = `${TABLES}${BREAKER_TABLES}${GUARD_TABLES}`;
  return new PostgresIntents(await PostgresDatabase.open(options, tables));
}

class PostgresIntents implements IntentStore {
  readonly breakers: BreakerStore;
  readonly #database: PostgresDatabase;
  #policy: GuardPolicy | undefined;

  constructor(database: PostgresDatabase) {
    this.#database = database;
    this.breakers = postgresBreakers(database);
  }

  record(intent: NewIntent, effect?: IntentEffect): Promise<Recorded> {
    return this.#judged(() => recording(this.#policy, intent, effect));
  }

  /** Beside others that send, and never beside somebody who changes a mode: that one waits, or is seen. */
  sending(key: string, owner: string, at: number, effect?: IntentEffect): Promise<Sending> {
    const steps = function* (): Steps<Sending> {
      yield* first(SQL.holdLane, key);
      return yield* sending({ key, owner, at, effect });
    };
    return this.#database.carryOut(steps, "shared");
  }

  async note(key: string, note: IntentNote): Promise<void> {
    const { lastFailure, unsent, asks, reconcileTries } = note;
    await this.#database.rows(SQL.note, [key, encode(lastFailure), asks, reconcileTries, unsent]);
  }

  async keep(key: string, details: Encoded): Promise<void> {
    await this.#database.rows(SQL.keep, [key, details]);
  }

  settle(key: string, settlement: Settlement, at: number): Promise<boolean> {
    return this.#judged(() => settling(this.#policy, key, settlement, at));
  }

  doubt(run: string, failure: Failure, at: number): Promise<number> {
    return this.#judged(() => doubting(run, failure, at));
  }

  async find(key: string): Promise<StoredIntent | undefined> {
    return (await this.#database.rows(SQL.find, [key])).map(intentOf).at(0);
  }

  async adopt(intents: readonly StoredIntent[]): Promise<number> {
    return this.#database.write(async (client) => {
      let added = 0;
      for (const intent of intents) {
        added += (await client.query(SQL.adopt, columnsOf(intent))).rows.length;
      }
      return added;
    });
  }

  adoptBook(book: MovedBook, at: number): Promise<number> {
    return this.#alone(() => adoptBook(book, at));
  }

  async list(filter: IntentFilter = {}): Promise<readonly StoredIntent[]> {
    const { state = null, account = null, run = null, after = "" } = filter;
    const limit = listLimit(filter.limit);
    const found = await this.#database.rows(SQL.list, [after, state, account, run, limit]);
    return found.map(intentOf);
  }

  async enterLane(request: LaneRequest): Promise<boolean> {
    const { lane, key, place } = request;
    return this.#database.write(async (client) => {
      const isEntered = await enter(client, request);
      if (place === undefined) return isEntered;
      if (isEntered) await client.query(SQL.leaveLine, [lane, place.since, key]);
      else await client.query(SQL.stand, [lane, place.since, key, place.until]);
      return isEntered;
    });
  }

  async leaveLane(lane: string, holder: string): Promise<void> {
    await this.#database.rows(SQL.leave, [lane, holder]);
  }

  async observe(
    of: Pick<Intent, "account" | "venue">,
    observations: readonly Observation[],
    at: number,
  ): Promise<void> {
    const policy = this.#policy;
    if (policy !== undefined) await this.#alone(() => observe(policy, of, observations, at));
  }

  async guardBy(request: GuardRequest): Promise<StoreGuard> {
    this.#policy = request.policy;
    return openGuard({ write: (steps) => this.#alone(steps) }, request);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#database[Symbol.asyncDispose]();
  }

  /**
   * Whoever judges does so alone. Without a policy nothing is judged, and what is written of the book is of one key,
   * whose intent is locked, or is added to a counter; two that add to the audit log at once are told apart by its key.
   */
  #judged<Value>(steps: () => Steps<Value>): Promise<Value> {
    return this.#database.carryOut(steps, this.#policy === undefined ? "shared" : "alone");
  }

  #alone<Value>(steps: () => Steps<Value>): Promise<Value> {
    return this.#database.carryOut(steps, "alone");
  }
}

async function enter(client: PoolClient, request: LaneRequest): Promise<boolean> {
  const { lane, key, holder, now, until, place } = request;
  await client.query(SQL.lock, [lane]);
  const blocked = await client.query(SQL.blocked, [lane, key]);
  if (blocked.rows.length > 0) return false;
  if (place !== undefined) {
    await client.query(SQL.outdated, [lane, now]);
    const earlier = await client.query(SQL.earlier, [lane, place.since, key]);
    if (earlier.rows.length > 0) return false;
  }
  const entered = await client.query(SQL.enter, [lane, key, holder, until, now]);
  return entered.rows.length > 0;
}
