// Opens the venue's file: one owner, settings, format version, and what goes wrong in words that help.

import { DatabaseSync } from "node:sqlite";
import { HoldfastError } from "@holdfast/core";
import { APPLICATION_ID, CREATE_TABLES, FORMAT_VERSION } from "./schema.ts";

export type Durability = "full" | "relaxed";

/** The venue's store: statements and transactions on one file that nobody else has open. */
export class Database implements Disposable {
  readonly raw: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;

  /** @throws HF-VENUE-STATE-LOCKED, HF-VENUE-STATE-NEWER, HF-VENUE-STATE-UNUSABLE */
  constructor(path: string, durability: Durability = "full") {
    this.#lock = path === ":memory:" ? undefined : lock(path);
    try {
      this.raw = new DatabaseSync(path);
      this.raw.exec(
        `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}; PRAGMA wal_autocheckpoint = 4096;`,
      );
      prepare(this.raw, path);
    } catch (error) {
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

  meta(name: string): string | undefined {
    const value = this.raw.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.["value"];
    return typeof value === "string" ? value : undefined;
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
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;");
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof Error && /locked|busy/u.test(cause.message)) {
      throw new HoldfastError(
        "HF-VENUE-STATE-LOCKED",
        `Cannot open the paper venue's ${path}: another process owns it. Stop that process first.`,
        { class: "state", cause },
      );
    }
    throw unusable(cause, path);
  }
}

function prepare(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version === 0) {
    database.exec(
      `BEGIN; ${CREATE_TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; COMMIT;`,
    );
  } else if (version > FORMAT_VERSION) {
    throw new HoldfastError(
      "HF-VENUE-STATE-NEWER",
      `Cannot open the paper venue's ${path}: it is in format ${version}, this version knows formats up to ${FORMAT_VERSION}. Upgrade Holdfast; nothing was changed.`,
      { class: "state" },
    );
  }
}

function unusable(error: unknown, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HoldfastError(
    "HF-VENUE-STATE-UNUSABLE",
    `Cannot open the paper venue's ${path}: ${message}. The folder must exist and be writable, and the file must be the venue's own.`,
    { class: "state", cause: error },
  );
}
