// Reads what strace has seen of a process: which words left it, and whether what they promise was synchronised.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why a system-call proof cannot be made here; false where it can. */
export const missing: string | false =
  spawnSync("strace", ["--version"]).status === 0
    ? false
    : "strace is not installed: apt-get install strace. The system-call proof of durability was NOT run.";

/** By kind: how often something left, and how often while frames of the log were not yet synchronised. */
export type Left = Readonly<Record<string, { readonly left: number; readonly early: number }>>;

export interface Trace {
  readonly left: Left;
  /** Times that the log was begun again, and those with pages of the file not yet synchronised. */
  readonly logsBegun: number;
  readonly unsyncedLogs: number;
}

const WATCHED = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
/** What leaves a process: a plain line of a worker, a request, an answer. */
const KINDS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/"ACK ([a-z-]+)/u, ([, kind = ""]) => kind],
  [/"POST \//u, () => "request"],
  [/"HTTP\/1\.1 20[01]/u, () => "answer"],
];

/** Runs a program under strace. `file` is the name of the SQLite file that is watched. */
export async function traced(program: readonly string[], file: string): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-trace-"));
  try {
    const log = join(folder, "trace.txt");
    const watch = ["-f", "-y", "-s", "48", "-e", WATCHED, "-o", log];
    const child = spawn("strace", [...watch, process.execPath, ...program], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await once(child, "exit");
    return readTrace(readFileSync(log, "utf8"), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Judges the lines of a trace. */
export function readTrace(text: string, file: string): Trace {
  const left: Record<string, { left: number; early: number }> = {};
  const dirty = { log: false, file: false };
  let [logsBegun, unsyncedLogs] = [0, 0];
  for (const line of text.split("\n")) {
    const where = line.includes(`${file}-wal>`)
      ? "log"
      : line.includes(`${file}>`)
        ? "file"
        : undefined;
    if (where !== undefined && line.includes("pwrite64(")) {
      // Its header is written first.
      if (where === "log" && /, 0\) += \d+$/u.test(line)) {
        logsBegun += 1;
        if (dirty.file) unsyncedLogs += 1;
      }
      dirty[where] = true;
    } else if (where !== undefined && /f(?:data)?sync\(/u.test(line)) dirty[where] = false;
    else {
      const kind = kindOf(line);
      if (kind === undefined) continue;
      const seen = (left[kind] ??= { left: 0, early: 0 });
      seen.left += 1;
      if (dirty.log) seen.early += 1;
    }
  }
  return { left, logsBegun, unsyncedLogs };
}

function kindOf(line: string): string | undefined {
  for (const [pattern, name] of KINDS) {
    const found = pattern.exec(line);
    if (found !== null) return name(found);
  }
  return undefined;
}
