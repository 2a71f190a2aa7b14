// Opens the venue's file: one owner, settings, format version, and what goes wrong in words that help. The
// owner holds an operating-system lock for life: a kill frees it at once, a copy of the file does not carry it.

import { DatabaseSync } from "node:sqlite";
import { HoldfastError } from "@holdfast/core";
import { prepared, text } from "./row.ts";
import { APPLICATION_ID, CREATE_TABLES, FORMAT_VERSION } from "./schema.ts";

/** "full" is on disk before it is answered; "relaxed" may lose the last moments of a power failure. */
export type Durability = "full" | "relaxed";

/** WAL pages between checkpoints. */
const CHECKPOINT_PAGES = 4_096;

/** The venue's file: transactions on one database that nobody else has open. */
export class Database implements Disposable {
  readonly raw: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;

  /**
   * @throws HF-VENUE-STATE-LOCKED, HF-VENUE-STATE-OLDER, HF-VENUE-STATE-NEWER, HF-VENUE-STATE-FOREIGN,
   *   HF-VENUE-STATE-UNUSABLE
   */
  constructor(path: string, durability: Durability = "full") {
    this.#lock = path === ":memory:" ? undefined : lock(path);
    let raw: DatabaseSync | undefined;
    try {
      raw = new DatabaseSync(path);
      check(raw, path);
      raw.exec(`PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"};
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
      prepare(raw);
      this.raw = raw;
    } catch (error) {
      raw?.close();
      this.#lock?.close();
      throw unusable(error, path);
    }
  }

  /** Runs `work` in one transaction; nothing of it remains when it throws. */
  transaction<Value>(work: () => Value): Value {
    this.raw.exec("BEGIN IMMEDIATE");
    try {
      const value = work();
      this.raw.exec("COMMIT");
      return value;
    } catch (error) {
      if (this.raw.isTransaction) this.raw.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs `work` as a part of the open transaction; nothing of it remains when it throws. */
  part<Value>(work: () => Value): Value {
    this.raw.exec("SAVEPOINT part");
    try {
      const value = work();
      this.raw.exec("RELEASE part");
      return value;
    } catch (error) {
      // A full disk, for one, has ended the whole transaction already.
      if (this.raw.isTransaction) this.raw.exec("ROLLBACK TO part; RELEASE part");
      throw error;
    }
  }

  meta(name: string): string | undefined {
    const found = prepared(this.raw, "SELECT value FROM meta WHERE name = ?").get(name);
    return found === undefined ? undefined : text(found, "value");
  }

  setMeta(name: string, value: string): void {
    this.raw.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)").run(name, value);
  }

  [Symbol.dispose](): void {
    this.raw.close();
    this.#lock?.close();
  }
}

function lock(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(`${path}.lock`);
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;");
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof Error && /locked|busy/u.test(cause.message)) {
      const message = `another process owns it. Stop that process, or use another file.`;
      throw stateError("HF-VENUE-STATE-LOCKED", path, message, cause);
    }
    throw unusable(cause, path);
  }
}

/** Refuses files that are not ours to write, before anything is written. */
function check(raw: DatabaseSync, path: string): void {
  const version = pragma(raw, "user_version");
  const tables = Number(
    raw.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"],
  );
  const isOurs = pragma(raw, "application_id") === APPLICATION_ID;
  if (tables > 0 && !isOurs) {
    const message = "it is a database of another program. Nothing was changed; name another file.";
    throw stateError("HF-VENUE-STATE-FOREIGN", path, message);
  }
  if (isOurs && version < FORMAT_VERSION) {
    const found = `it is in format ${version}, and this version keeps format ${FORMAT_VERSION}`;
    const message = `${found}. Nothing was changed; the money in it is paper: name another file, or move this one away to begin anew.`;
    throw stateError("HF-VENUE-STATE-OLDER", path, message);
  }
  if (version > FORMAT_VERSION) {
    const found = `it is in format ${version}, and this version knows formats up to ${FORMAT_VERSION}`;
    const message = `${found}. Nothing was changed; upgrade Holdfast.`;
    throw stateError("HF-VENUE-STATE-NEWER", path, message);
  }
}

function prepare(raw: DatabaseSync): void {
  if (pragma(raw, "user_version") > 0) return;
  raw.exec(`BEGIN; ${CREATE_TABLES} PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT_VERSION}; COMMIT;`);
}

function pragma(raw: DatabaseSync, name: string): number {
  return Number(raw.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function unusable(error: unknown, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${reason}. Its folder must exist, and both must be readable and writable.`;
  return stateError("HF-VENUE-STATE-UNUSABLE", path, message, error);
}

function stateError(code: string, path: string, message: string, cause?: unknown): HoldfastError {
  return new HoldfastError(code, `Cannot open the paper venue's state ${path}: ${message}`, {
    class: "state",
    disposition: "terminal",
    outcome: "not-sent",
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
