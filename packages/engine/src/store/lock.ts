// Ownership of a journal: an operating-system lock held for life, not a lease in time. It is an open
// exclusive transaction on a file beside the journal: refused while the owner lives or is stopped, free the
// moment it dies, however it dies.

import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { HoldfastError } from "@holdfast/core";
import { storeFailure } from "./database.ts";

/**
 * Takes the lock of a journal file; dispose of it to let go.
 *
 * @throws HF-STATE-LOCKED with the owner's process id where it is known
 */
export function lockJournal(path: string): Disposable {
  const database = openLockFile(path);
  try {
    // The rollback journal's exclusive lock is a lock of the file itself; WAL's would live in shared memory.
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;");
  } catch (cause) {
    database.close();
    const owner = ownerOf(path);
    throw new HoldfastError(
      "HF-STATE-LOCKED",
      `Cannot open ${path}: another process${owner === undefined ? "" : ` (pid ${owner})`} owns it. Stop that process, or talk to it with the other commands.`,
      { class: "state", cause, details: owner === undefined ? {} : { pid: owner } },
    );
  }
  writeFileSync(`${path}.owner`, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      database.close();
    },
  };
}

function openLockFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(`${path}.lock`);
  } catch (error) {
    throw storeFailure(error, path);
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(`${path}.owner`, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}
