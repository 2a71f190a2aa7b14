// A state file with what SQLite keeps beside it: copied as a backup tool copies it, put back, and deleted.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@holdfast/core";

/** What belongs to the state. Shared memory, the lock and the owner's number are made anew. */
const KEPT = ["", "-wal"] as const;
/** What lies beside a journal and tells of a restore; whoever puts the file alone back leaves it. */
const MARK = ".mark";
const ANEW = ["-shm", "-journal", ".lock", ".owner"] as const;

/** Files in memory, where the system has such a place: a crash of a simulated process loses nothing of them. */
const MEMORY = "/dev/shm";

const PREFIX = "holdfast-world-";
let isSwept = false;

/** An empty folder, which names the process that it belongs to. */
export function makeFolder(): string {
  const place = existsSync(MEMORY) ? MEMORY : tmpdir();
  if (!isSwept) sweep(place);
  isSwept = true;
  return mkdtempSync(join(place, `${PREFIX}${process.pid}-`));
}

/** Removes what processes have left that were killed. */
function sweep(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = name.startsWith(PREFIX) ? /^\d+(?=-)/u.exec(name.slice(PREFIX.length)) : null;
    if (pid !== null && !isAlive(Number(pid[0])))
      rmSync(join(place, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/**
 * Copies a state as it is at this moment: no transaction is open in this process. `file`: the file alone, as
 * somebody does who puts it back by hand.
 */
export function copyState(from: string, to: string, how: "folder" | "file" = "folder"): void {
  for (const suffix of ANEW) rmSync(to + suffix, { force: true });
  for (const suffix of how === "file" ? KEPT : [...KEPT, MARK]) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
    else rmSync(to + suffix, { force: true });
  }
}

export function deleteState(path: string): void {
  for (const suffix of [...KEPT, ...ANEW, MARK]) rmSync(path + suffix, { force: true });
}
