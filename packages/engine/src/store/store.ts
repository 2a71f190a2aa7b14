// Everything that is on disk, behind one value. Only the writer changes it, and only inside `transaction`.

import type { DatabaseSync } from "node:sqlite";
import { type Carry, audit, carrierOf, carryOut } from "@holdfast/guard";
import { type CallTable, callTable } from "./calls.ts";
import { optionalNumber } from "./column.ts";
import { type StoreOptions, openDatabase, storeFailure } from "./database.ts";
import { type DeadLetterTable, deadLetterTable } from "./dead-letters.ts";
import { type Health, health } from "./health.ts";
import { type IntentTable, intentTable } from "./intents.ts";
import { type LeavingTable, leavingTable } from "./leaving.ts";
import { type JournalTable, journalTable } from "./journal.ts";
import { type RunTable, runTable } from "./runs.ts";
import { type TagTable, tagTable } from "./tags.ts";

export interface AuditRow {
  readonly at: number;
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  readonly subject: string;
}

export interface Store extends Disposable {
  readonly runs: RunTable;
  readonly journal: JournalTable;
  readonly calls: CallTable;
  readonly intents: IntentTable;
  readonly letters: DeadLetterTable;
  readonly tags: TagTable;
  readonly leaving: LeavingTable;
  readonly health: Health;
  /** Carries out the guard's procedures. */
  readonly guard: Carry;
  /** Runs `write` in one transaction that is on disk when this returns. Throws with nothing written. */
  transaction(write: () => void): void;
  meta(name: string): string | undefined;
  setMeta(name: string, value: string): void;
  cursor(name: string): string | undefined;
  setCursor(name: string, value: string): void;
  delivered(request: string): boolean;
  /** The row of the run that a message was delivered to. */
  deliveredTo(request: string): number | undefined;
  setDelivered(request: string, run: number): void;
  audit(row: AuditRow): void;
}

/** @param onCommit told after each transaction */
export function openStore(path: string, options: StoreOptions, onCommit?: () => void): Store {
  const database = openDatabase(path, options);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const delivered = database.prepare("SELECT run FROM delivery WHERE request = ?");
  const setDelivered = database.prepare("INSERT INTO delivery (request, run) VALUES (?, ?)");
  const meta = nameValue(database, "meta");
  const cursor = nameValue(database, "cursor");
  const journal = journalTable(database);
  const guard = carrierOf(database);
  return {
    runs: runTable(database),
    journal,
    calls: callTable(database),
    intents: intentTable(database),
    letters: deadLetterTable(database),
    tags: tagTable(database),
    leaving: leavingTable(database),
    health: health(database),
    guard,
    transaction(write) {
      try {
        begin.run();
        write();
        journal.flush();
        commit.run();
      } catch (error) {
        journal.forget();
        if (database.isTransaction) database.exec("ROLLBACK");
        throw storeFailure(error, path);
      }
      onCommit?.();
    },
    meta: meta.get,
    setMeta: meta.set,
    cursor: cursor.get,
    setCursor: cursor.set,
    delivered: (request) => delivered.get(request) !== undefined,
    deliveredTo: (request) => optionalNumber(delivered.get(request)?.["run"]),
    setDelivered(request, run) {
      setDelivered.run(request, run);
    },
    audit(row) {
      carryOut(audit([{ ...row, detail: "" }]), guard);
    },
    [Symbol.dispose]() {
      database.close();
    },
  };
}

function nameValue(
  database: DatabaseSync,
  table: "meta" | "cursor",
): { get: (name: string) => string | undefined; set: (name: string, value: string) => void } {
  const get = database.prepare(`SELECT value FROM ${table} WHERE name = ?`);
  const set = database.prepare(`INSERT OR REPLACE INTO ${table} (name, value) VALUES (?, ?)`);
  return {
    get(name) {
      const value = get.get(name)?.["value"];
      return typeof value === "string" ? value : undefined;
    },
    set(name, value) {
      set.run(name, value);
    },
  };
}
