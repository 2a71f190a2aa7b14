// The intents of money effects in one SQLite file, which several processes of one machine may share.

import { DatabaseSync, type StatementSync } from "node:sqlite";
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
import {
  type Carry,
  GUARD_TABLES,
  type Steps,
  adoptBook,
  carrierOf,
  carryOut,
  observe,
  outcomeOf,
} from "@holdfast/guard";
import { intentsFailed } from "../failed.ts";
import { doubting, recording, sending, settling } from "../guarded.ts";
import { INTENT_COLUMNS, columnsOf, intentOf, listLimit } from "../row.ts";
import { openGuard } from "../store-guard.ts";
import { BREAKER_TABLES, sqliteBreakers } from "./breakers.ts";

/** How long one process waits for another's transaction, in milliseconds. */
const BUSY_MS = 5_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS intent (
    key TEXT PRIMARY KEY,
    ref TEXT NOT NULL,
    account TEXT NOT NULL,
    activity TEXT NOT NULL,
    venue TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    run TEXT NOT NULL,
    owner TEXT NOT NULL,
    lane TEXT,
    state TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    settled_at INTEGER,
    sent_at INTEGER,
    last_send_at INTEGER,
    sends INTEGER NOT NULL DEFAULT 0,
    asks INTEGER NOT NULL DEFAULT 0,
    reconcile_tries INTEGER NOT NULL DEFAULT 0,
    last_failure TEXT,
    details TEXT,
    output TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS intent_by_run ON intent (run) WHERE state IN ('open', 'in-doubt');
  CREATE INDEX IF NOT EXISTS intent_by_lane ON intent (lane) WHERE state = 'open';
  CREATE TABLE IF NOT EXISTS lane (
    lane TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lane_place (
    lane TEXT NOT NULL,
    since INTEGER NOT NULL,
    key TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (lane, since, key)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens or creates a store of intents.
 *
 * @throws HF-INTENTS-FAILED where the file cannot be used
 * @example
 * await using intents = openSqliteIntents(".holdfast/intents.sqlite");
 */
export function openSqliteIntents(path: string): IntentStore {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(TABLES);
    database.exec(GUARD_TABLES);
    database.exec(BREAKER_TABLES);
    return new SqliteIntents(database, path);
  } catch (cause) {
    database?.close();
    throw intentsFailed(path, cause, "terminal");
  }
}

class SqliteIntents implements IntentStore {
  readonly breakers: BreakerStore;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements: Statements;
  readonly #carry: Carry;
  #policy: GuardPolicy | undefined;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#statements = prepare(database);
    this.#carry = carrierOf(database);
    this.breakers = sqliteBreakers(database, (step) => this.#write(step));
  }

  async record(intent: NewIntent, effect?: IntentEffect): Promise<Recorded> {
    return this.#carryOut(() => recording(this.#policy, intent, effect));
  }

  async sending(key: string, owner: string, at: number, effect?: IntentEffect): Promise<Sending> {
    return this.#carryOut(() => sending({ key, owner, at, effect }));
  }

  async note(key: string, note: IntentNote): Promise<void> {
    const { lastFailure, unsent, asks, reconcileTries } = note;
    const values = [encode(lastFailure), Number(asks), reconcileTries, Number(unsent)] as const;
    this.#write(() => this.#statements.note.run(...values, key));
  }

  async keep(key: string, details: Encoded): Promise<void> {
    this.#write(() => this.#statements.keep.run(details, key));
  }

  async settle(key: string, settlement: Settlement, at: number): Promise<boolean> {
    return this.#carryOut(() => settling(this.#policy, key, settlement, at));
  }

  async doubt(run: string, failure: Failure, at: number): Promise<number> {
    return this.#carryOut(() => doubting(run, failure, at));
  }

  async find(key: string): Promise<StoredIntent | undefined> {
    const found = this.#statements.get.get(key);
    return found === undefined ? undefined : intentOf(found);
  }

  async adopt(intents: readonly StoredIntent[]): Promise<number> {
    return this.#write(() => {
      let added = 0;
      for (const intent of intents) {
        const values = columnsOf(intent).map((value) =>
          typeof value === "boolean" ? Number(value) : value,
        );
        added += Number(this.#statements.bring.run(...values).changes);
      }
      return added;
    });
  }

  async adoptBook(book: MovedBook, at: number): Promise<number> {
    return this.#carryOut(() => adoptBook(book, at));
  }

  async list(filter: IntentFilter = {}): Promise<readonly StoredIntent[]> {
    const { state = null, account = null, run = null, after = "" } = filter;
    const limit = listLimit(filter.limit);
    const found = this.#statements.list.all(after, state, state, account, account, run, run, limit);
    return found.map(intentOf);
  }

  async enterLane(request: LaneRequest): Promise<boolean> {
    const { lane, key, place } = request;
    return this.#write(() => {
      const isEntered = this.#enter(request);
      if (place === undefined) return isEntered;
      if (isEntered) this.#statements.leaveLine.run(lane, place.since, key);
      else this.#statements.stand.run(lane, place.since, key, place.until);
      return isEntered;
    });
  }

  #enter({ lane, key, holder, now, until, place }: LaneRequest): boolean {
    const { blocked, enter, outdated, earlier } = this.#statements;
    if (blocked.get(lane, key) !== undefined) return false;
    if (place !== undefined) {
      outdated.run(lane, now);
      if (earlier.get(lane, place.since, key) !== undefined) return false;
    }
    return enter.run(lane, key, holder, until, now).changes > 0;
  }

  async leaveLane(lane: string, holder: string): Promise<void> {
    this.#write(() => this.#statements.leave.run(lane, holder));
  }

  async observe(
    of: Pick<Intent, "account" | "venue">,
    observations: readonly Observation[],
    at: number,
  ): Promise<void> {
    const policy = this.#policy;
    if (policy !== undefined) this.#carryOut(() => observe(policy, of, observations, at));
  }

  async guardBy(request: GuardRequest): Promise<StoreGuard> {
    this.#policy = request.policy;
    return openGuard({ write: async (steps) => this.#carryOut(steps) }, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  /** A procedure in one transaction. What it refuses leaves nothing, and is told as it is. */
  #carryOut<Value>(steps: () => Steps<Value>): Value {
    const ended = this.#write(() => {
      const outcome = carryOut(outcomeOf(steps()), this.#carry);
      if ("error" in outcome) this.#database.exec("ROLLBACK; BEGIN");
      return outcome;
    });
    if ("error" in ended) throw ended.error;
    return ended.value;
  }

  /** One transaction, taken for writing at once, so that no other process writes between its steps. */
  #write<Value>(step: () => Value): Value {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const value = step();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw intentsFailed(this.#path, error, "retry");
    }
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    bring: sql(
      `INSERT INTO intent (${INTENT_COLUMNS}) VALUES (${INTENT_COLUMNS.replaceAll(/\w+/gu, "?")})
       ON CONFLICT (key) DO NOTHING`,
    ),
    note: sql(
      `UPDATE intent SET last_failure = ?, asks = ?, reconcile_tries = ?, sent_at = CASE WHEN ? THEN NULL ELSE sent_at END
       WHERE key = ? AND state IN ('open', 'in-doubt')`,
    ),
    keep: sql("UPDATE intent SET details = ? WHERE key = ?"),
    get: sql(`SELECT ${INTENT_COLUMNS} FROM intent WHERE key = ?`),
    list: sql(
      `SELECT ${INTENT_COLUMNS} FROM intent WHERE key > ? AND (? IS NULL OR state = ?)
         AND (? IS NULL OR account = ?) AND (? IS NULL OR run = ?) ORDER BY key LIMIT ?`,
    ),
    blocked: sql(
      "SELECT 1 FROM intent WHERE lane = ? AND state = 'open' AND sent_at IS NOT NULL AND key <> ? LIMIT 1",
    ),
    enter: sql(
      `INSERT INTO lane (lane, key, holder, until) VALUES (?, ?, ?, ?)
       ON CONFLICT (lane) DO UPDATE SET key = excluded.key, holder = excluded.holder, until = excluded.until
       WHERE lane.holder = excluded.holder OR lane.until <= ?`,
    ),
    leave: sql("DELETE FROM lane WHERE lane = ? AND holder = ?"),
    outdated: sql("DELETE FROM lane_place WHERE lane = ? AND until <= ?"),
    earlier: sql("SELECT 1 FROM lane_place WHERE lane = ? AND (since, key) < (?, ?) LIMIT 1"),
    stand: sql(
      `INSERT INTO lane_place (lane, since, key, until) VALUES (?, ?, ?, ?)
       ON CONFLICT (lane, since, key) DO UPDATE SET until = excluded.until`,
    ),
    leaveLine: sql("DELETE FROM lane_place WHERE lane = ? AND since = ? AND key = ?"),
  };
}
