// W6: a process is killed with 1,000 runs in flight; how long from the start of the next process until all
// have ended. The killed process leaves its write-ahead log behind, as does the floor's.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child, timeToWord } from "../child/process.ts";
import { wholeRows } from "../floor.ts";
import { type Part, type Place, type Workload, journalIn } from "../workload.ts";

const runsOf = (place: Place): string => String(place.size(1_000, 100));

/** Calls of a run: a step, the gate, a step. */
const CALLS = 3;
/** Rows of a virtual workflow that is killed at the gate: its start and its first step. */
const ROWS_AT_KILL = 2;
const MS_PER_S = 1_000;

/** Loads in one process, kills it, and times the process that finishes. */
async function recover(
  script: URL,
  args: readonly string[],
  between: () => void,
): Promise<readonly number[]> {
  await using loading = new Child(script, ["load", ...args]);
  await loading.says("ready");
  await loading.kill();
  between();
  return [(await timeToWord(script, ["finish", ...args], "done")) / MS_PER_S];
}

const engine: Part = (place) => {
  const marker = join(place.folder, "open");
  const script = new URL("../child/gated-engine.ts", import.meta.url);
  return recover(script, [journalIn(place), marker, runsOf(place)], () => {
    writeFileSync(marker, "");
  });
};

const floor: Part = (place) => {
  const script = new URL("../child/gated-floor.ts", import.meta.url);
  const rows = [ROWS_AT_KILL, wholeRows(CALLS)].map(String);
  return recover(script, [journalIn(place), runsOf(place), ...rows], () => undefined);
};

/** Killed with 1,000 runs in flight; start of the next process to all done. */
export const recovery: Workload = {
  figures: [
    { id: "W6.s", unit: "s", better: "lower", target: { of: "value", aim: 0.3, stretch: 0.15 } },
  ],
  children: true,
  engine,
  floor,
};
