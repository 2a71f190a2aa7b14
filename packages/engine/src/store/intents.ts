// The intent table: every decided effect with money, recorded in the commit of its command, kept for ever.

import type { DatabaseSync } from "node:sqlite";
import type { Encoded, Intent, IntentState } from "@holdfast/core";
import { optionalNumber } from "./column.ts";

export interface IntentRow extends Intent {
  readonly run: number;
  readonly call: number;
  /**
   * When it was first sent in a way whose outcome may be unknown. Before it was recorded: in a time that a restore
   * has lost, if at all.
   */
  readonly sentAt: number | undefined;
  readonly output: Encoded | undefined;
}

export interface IntentTable {
  insert(intent: IntentRow): void;
  get(key: string): IntentRow | undefined;
  /** A later call takes over an intent that was recorded before, under the same key. */
  adopt(key: string, run: number, call: number): void;
  sent(key: string, at: number): void;
  /** It was not sent in the time that was lost, somebody says, and now it is. */
  sentAnew(key: string, at: number): void;
  settle(
    key: string,
    state: IntentState,
    at: number | undefined,
    output: Encoded | undefined,
  ): void;
  /** Nobody knows of the open ones of a run what became of them; true where there are such. */
  doubt(run: number): boolean;
  all(): readonly IntentRow[];
  /** By key, behind one of them; of the runs with one workflow id, or of all. */
  page(filter: IntentPage): readonly IntentOfRun[];
}

interface IntentPage {
  readonly after: string;
  readonly id: string | undefined;
  readonly limit: number;
}

export interface IntentOfRun extends IntentRow {
  readonly runId: string;
  /** Its workflow id. */
  readonly id: string;
}

const COLUMNS =
  "key, ref, account, activity, venue, fingerprint, run, call, state, recorded_at, sent_at, settled_at, output";

export function intentTable(database: DatabaseSync): IntentTable {
  const insert = database.prepare(
    `INSERT INTO intent (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const get = database.prepare(`SELECT ${COLUMNS} FROM intent WHERE key = ?`);
  const adopt = database.prepare(
    "UPDATE intent SET run = ?, call = ?, state = 'open', settled_at = NULL WHERE key = ? AND state <> 'done'",
  );
  const sent = database.prepare("UPDATE intent SET sent_at = ? WHERE key = ? AND sent_at IS NULL");
  const sentAnew = database.prepare("UPDATE intent SET sent_at = ? WHERE key = ?");
  const settle = database.prepare(
    "UPDATE intent SET state = ?, settled_at = ?, output = ? WHERE key = ?",
  );
  const doubt = database.prepare(
    "UPDATE intent SET state = 'in-doubt' WHERE run = ? AND state IN ('open', 'in-doubt')",
  );
  const all = database.prepare(`SELECT ${COLUMNS} FROM intent ORDER BY recorded_at, key`);
  const page = database.prepare(
    `SELECT ${COLUMNS.replaceAll(/\w+/gu, "intent.$&")}, run.run_id, run.id AS run_name
     FROM intent JOIN run ON run.row = intent.run
     WHERE intent.key > ? AND (? IS NULL OR run.id = ?) ORDER BY intent.key LIMIT ?`,
  );
  return {
    insert(intent) {
      insert.run(
        intent.key,
        intent.ref,
        intent.account,
        intent.activity,
        intent.venue,
        intent.fingerprint,
        intent.run,
        intent.call,
        intent.state,
        intent.recordedAt,
        intent.sentAt ?? null,
        intent.settledAt ?? null,
        intent.output ?? null,
      );
    },
    get(key) {
      const found = get.get(key);
      return found === undefined ? undefined : read(found);
    },
    adopt(key, run, call) {
      adopt.run(run, call, key);
    },
    sent(key, at) {
      sent.run(at, key);
    },
    sentAnew(key, at) {
      sentAnew.run(at, key);
    },
    settle(key, state, at, output) {
      settle.run(state, at ?? null, output ?? null, key);
    },
    doubt: (run) => doubt.run(run).changes > 0,
    all: () => all.all().map(read),
    page: ({ after, id = null, limit }) =>
      page.all(after, id, id, limit).map((found) => ({
        ...read(found),
        runId: String(found["run_id"]),
        id: String(found["run_name"]),
      })),
  };
}

function read(found: Record<string, unknown>): IntentRow {
  const output = found["output"];
  return {
    key: String(found["key"]),
    ref: String(found["ref"]),
    account: String(found["account"]),
    activity: String(found["activity"]),
    venue: String(found["venue"]),
    fingerprint: String(found["fingerprint"]),
    run: Number(found["run"]),
    call: Number(found["call"]),
    state: found["state"] as IntentState,
    recordedAt: Number(found["recorded_at"]),
    sentAt: optionalNumber(found["sent_at"]),
    settledAt: optionalNumber(found["settled_at"]),
    output: typeof output === "string" ? output : undefined,
  };
}
