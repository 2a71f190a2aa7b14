// A copy of a journal at one moment, also beside its owner. It carries a mark of its own, so that whoever opens it in
// the journal's place learns that it is an older one.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HoldfastError } from "@holdfast/core";
import { openDatabase, storeFailure } from "./database.ts";

/**
 * Copies a journal into a file that does not exist yet; it is on disk when this returns.
 *
 * @throws HF-BACKUP-EXISTS, HF-STATE-MISSING, HF-STATE-OLDER, HF-STATE-NEWER, HF-STORE-FAILED
 * @example
 * backUpJournal(".holdfast/journal.sqlite", "/backups/journal-monday.sqlite");
 */
export function backUpJournal(path: string, to: string): void {
  if (existsSync(to)) {
    throw new HoldfastError(
      "HF-BACKUP-EXISTS",
      `Cannot back up to ${to}: it exists. Name a new file; nothing was changed.`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    );
  }
  const half = `${to}.part`;
  rmSync(half, { force: true });
  const journal = openDatabase(path, { readOnly: true });
  try {
    journal.prepare("VACUUM INTO ?").run(half);
    mark(half);
    sync(half);
    renameSync(half, to);
    sync(dirname(to));
  } catch (error) {
    rmSync(half, { force: true });
    throw storeFailure(error, to);
  } finally {
    journal.close();
  }
}

function mark(path: string): void {
  const copy = new DatabaseSync(path);
  try {
    copy.exec("INSERT OR REPLACE INTO meta (name, value) VALUES ('mark', 'backup')");
  } finally {
    copy.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
