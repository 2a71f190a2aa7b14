// What processes have used, from /proc: processor time and memory of a process and all its descendants. Zero
// where there is no /proc.

import { readFileSync, readdirSync } from "node:fs";

/** The kernel counts processor time in hundredths of a second, for all processors that Linux has now. */
const TICKS_PER_S = 100;
const KIB_PER_MIB = 1_024;

interface Stat {
  readonly parent: number;
  /** Its own and its ended children's, in ticks. */
  readonly ticks: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything; the fields after it begin with the state, the third.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [parent, ...times] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
    return { parent: parent ?? 0, ticks: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return undefined;
  }
}

/** The processes and their descendants. */
function families(roots: readonly number[]): ReadonlyMap<number, Stat> {
  const all = new Map<number, Stat>();
  for (const name of readdirOf("/proc")) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat !== undefined) all.set(Number(name), stat);
  }
  const found = new Map<number, Stat>();
  const add = (pid: number): void => {
    const stat = all.get(pid);
    if (stat === undefined || found.has(pid)) return;
    found.set(pid, stat);
    for (const [child, { parent }] of all) if (parent === pid) add(child);
  };
  for (const root of roots) add(root);
  return found;
}

function readdirOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Seconds of processor time that the processes and their descendants have used until now. */
export function cpuSeconds(roots: readonly number[]): number {
  let ticks = 0;
  for (const stat of families(roots).values()) ticks += stat.ticks;
  return ticks / TICKS_PER_S;
}

/** Memory of the processes and their descendants in MiB; what several share is counted once. */
export function memoryMib(roots: readonly number[]): number {
  let kib = 0;
  for (const pid of families(roots).keys()) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      kib += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return kib / KIB_PER_MIB;
}
