// A state file with what SQLite keeps beside it: copied as a backup tool copies it, put back, and deleted.

import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What belongs to the state. Shared memory, the lock and the owner's number are made anew. */
const KEPT = ["", "-wal"] as const;
const ALL = [...KEPT, "-shm", "-journal", ".lock", ".owner"] as const;

/** Files in memory, where the system has such a place: a crash of a simulated process loses nothing of them. */
const MEMORY = "/dev/shm";

export function makeFolder(): string {
  return mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "holdfast-world-"));
}

/** Copies a state file as it is at this moment: no transaction is open in this process. */
export function copyState(from: string, to: string): void {
  for (const suffix of KEPT) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
    else rmSync(to + suffix, { force: true });
  }
}

export function deleteState(path: string): void {
  for (const suffix of ALL) rmSync(path + suffix, { force: true });
}
