// Opens the journal file: settings, format version, and what goes wrong in words that help.

import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { HoldfastError, meaningOf } from "@holdfast/core";
import {
  APPLICATION_ID,
  CREATE_INDEXES,
  CREATE_TABLES,
  FORMAT_VERSION,
  AFTER_MIGRATION,
  MIGRATIONS,
} from "./schema.ts";

/** `full`: each commit is on disk before it is acknowledged. `relaxed`: a power cut may lose the last ones. */
export type Durability = "full" | "relaxed";

/**
 * Pages in the write-ahead log after which it is written back and begun again: 1 MiB. A log that grows makes
 * each sync write the file's length too; one that is overwritten does not, and commits in half the time
 * (1,000 steps one after the other: 2,900/s at 4,096 pages, 5,000/s at 256).
 */
const CHECKPOINT_PAGES = 256;

export interface StoreOptions {
  /** Default "full". */
  readonly durability?: Durability | undefined;
  /** Largest size of the file in pages of 4 KiB. Default: the disk. */
  readonly pagesMax?: number | undefined;
  /**
   * Only looks: makes no journal, takes no lock, and may look while the owner works. SQLite keeps two files of
   * its own beside a journal that is read; the owner removes them.
   */
  readonly readOnly?: boolean;
}

/** How long a reader waits for the moment in which an owner opens or closes the file, in milliseconds. */
const READER_WAIT_MS = 5_000;

/**
 * Opens or creates a journal.
 *
 * @throws HF-STATE-NEWER, HF-STATE-FOREIGN, HF-STATE-READONLY, HF-STORE-FAILED; a reader HF-STATE-MISSING, HF-STATE-OLDER
 */
export function openDatabase(path: string, options: StoreOptions): DatabaseSync {
  const { durability = "full", pagesMax, readOnly = false } = options;
  let database: DatabaseSync | undefined;
  try {
    if (readOnly && !existsSync(path)) throw journalMissing(path);
    database = new DatabaseSync(path, readOnly ? { readOnly, timeout: READER_WAIT_MS } : {});
    if (!readOnly) {
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"};
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
        PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * 4_096};
      `);
    }
    database.exec("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;");
    prepare(database, path, readOnly);
    if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(pagesMax)}`);
    return database;
  } catch (error) {
    database?.close();
    throw storeFailure(error, path);
  }
}

function prepare(database: DatabaseSync, path: string, readOnly: boolean): void {
  const version = pragma(database, "user_version");
  if (version === 0) {
    const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
    if (tables?.["count"] !== 0) {
      throw new HoldfastError(
        "HF-STATE-FOREIGN",
        `Cannot use ${path} as a journal: it is a database of another program. Choose another state folder.`,
        { class: "state" },
      );
    }
    if (readOnly) throw journalMissing(path);
    database.exec(`BEGIN; ${CREATE_TABLES} ${CREATE_INDEXES}
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; COMMIT;`);
    return;
  }
  if (version > FORMAT_VERSION) {
    throw new HoldfastError(
      "HF-STATE-NEWER",
      `Cannot open ${path}: it is in format ${version}, this version of Holdfast knows formats up to ${FORMAT_VERSION}. Upgrade Holdfast; nothing was changed.`,
      { class: "state", details: { found: version, known: FORMAT_VERSION } },
    );
  }
  if (pragma(database, "application_id") !== APPLICATION_ID) {
    throw new HoldfastError(
      "HF-STATE-FOREIGN",
      `Cannot use ${path} as a journal: it is a database of another program. Choose another state folder.`,
      { class: "state" },
    );
  }
  if (readOnly && version < FORMAT_VERSION) {
    throw new HoldfastError(
      "HF-STATE-OLDER",
      `Cannot read ${path}: it is in format ${version}, this version of Holdfast reads format ${FORMAT_VERSION}. Start the project once, which brings the file up to date.`,
      { class: "state", details: { found: version, known: FORMAT_VERSION } },
    );
  }
  // Each step in a transaction of its own: a crash between two leaves a whole file of the version between.
  for (let next = version + 1; next <= FORMAT_VERSION; next += 1) {
    database.exec(`BEGIN; ${MIGRATIONS[next] ?? ""}`);
    AFTER_MIGRATION[next]?.(database);
    database.exec(`PRAGMA user_version = ${next}; COMMIT;`);
  }
  if (!readOnly) database.exec(CREATE_INDEXES);
}

function journalMissing(path: string): HoldfastError {
  return new HoldfastError(
    "HF-STATE-MISSING",
    `Cannot read ${path}: there is no journal yet. Start the project once, or name its state folder.`,
    { class: "state" },
  );
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/** An error of SQLite as a failure with a code and a way out. */
export function storeFailure(error: unknown, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const number = sqliteCode(error);
  const [code, advice] = explain(number, message);
  return new HoldfastError(code, `Cannot use the journal ${path}: ${message}. ${advice}`, {
    ...meaningOf("sqlite", number),
    details: number === undefined ? {} : { sqlite: number },
  });
}

const SQLITE_READONLY = 8;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

function explain(number: number | undefined, message: string): [code: string, advice: string] {
  if (number === SQLITE_FULL)
    return ["HF-STATE-FULL", "Free some space; nothing acknowledged was lost."];
  if (
    number === SQLITE_READONLY ||
    number === SQLITE_CANTOPEN ||
    /readonly|unable to open/u.test(message)
  ) {
    return ["HF-STATE-READONLY", "The folder must exist and be writable by this user."];
  }
  return ["HF-STORE-FAILED", "Nothing acknowledged was lost."];
}

function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
