// A journal in memory that outlives its engine, for tests: an engine may crash, and another one opens what it
// left. Nothing of it is on disk, and it needs no lock: its name is known to this process alone.

import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

export interface MemoryJournal extends Disposable {
  /** To be given to `openEngine`. */
  readonly path: string;
}

/** Makes an empty journal in memory, which is there until it is disposed of. */
export function memoryJournal(): MemoryJournal {
  const path = `${PREFIX}${randomUUID()}?mode=memory&cache=shared`;
  // SQLite keeps it for as long as one connection is open: this one stands for the disk.
  const keeper = new DatabaseSync(path);
  return {
    path,
    [Symbol.dispose]() {
      keeper.close();
    },
  };
}

const PREFIX = "file:holdfast-";

/** Whether a journal lies in memory. */
export function isInMemory(path: string): boolean {
  return path === ":memory:" || path.startsWith(PREFIX);
}
