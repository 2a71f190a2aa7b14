// How much memory this process has: what is resident, shared pages counted by share (PSS), as the kernel tells
// it; the resident set where the kernel does not. Nothing is collected before: it is what a user would see.

import { readFileSync } from "node:fs";

const KIB_PER_MIB = 1_024;
const BYTES_PER_MIB = 1_048_576;

export function memoryMib(): number {
  try {
    const found = /^Pss:\s+(\d+) kB$/mu.exec(readFileSync("/proc/self/smaps_rollup", "utf8"));
    if (found?.[1] !== undefined) return Number(found[1]) / KIB_PER_MIB;
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss() / BYTES_PER_MIB;
}
