// W6: a process is killed with 1,000 runs in flight; how long from the start of the next process until all
// have ended. The engine is installed from its packed packages, and Node's compile cache has been filled by an
// earlier restart, as for a user. The killed process leaves its write-ahead log behind, as does the floor's.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child, type ChildOptions, timeToWord } from "../child/process.ts";
import { wholeRows } from "../floor.ts";
import { type Installed, installed } from "../installed.ts";
import { childProfile, profileArguments } from "../profile.ts";
import { type Part, type Place, type Workload, journalIn } from "../workload.ts";

const runsOf = (place: Place): string => String(place.size(1_000, 100));

/** Calls of a run: a step, the gate, a step. */
const CALLS = 3;
/** Rows of a virtual workflow that is killed at the gate: its start and its first step. */
const ROWS_AT_KILL = 2;
const MS_PER_S = 1_000;

interface Restart {
  readonly script: URL | string;
  readonly args: readonly string[];
  readonly options?: ChildOptions;
  /** Arguments of Node itself, for the process that is timed. */
  readonly node?: readonly string[];
  /** A process that ends by itself leaves its compiled code and its profile behind. */
  readonly end?: "by-itself";
  readonly between?: () => void;
}

/** Loads in one process, kills it, and times the process that finishes. */
async function recover(restart: Restart): Promise<number> {
  const { script, args, options, node = [], end, between } = restart;
  await using loading = new Child(script, ["load", ...args], options);
  await loading.says("ready");
  await loading.kill();
  between?.();
  const ending = { ...options, node, ...(end === undefined ? {} : { end }) };
  return (await timeToWord(script, ["finish", ...args], "done", ending)) / MS_PER_S;
}

function recoverEngine(place: Place, { project, cache }: Installed, end?: "by-itself") {
  const marker = join(place.folder, "open");
  const profile = childProfile();
  return recover({
    script: join(project, "gated.ts"),
    args: [journalIn(place), marker, runsOf(place)],
    options: {
      cwd: project,
      env: { NODE_COMPILE_CACHE: join(cache, "restart") },
    },
    node: profile === undefined ? [] : profileArguments(profile),
    ...(end === undefined && profile === undefined ? {} : { end: "by-itself" }),
    between: () => {
      writeFileSync(marker, "");
    },
  });
}

let filled: Installed | undefined;

/** Restarts once, to the end of the process: that is when Node writes the cache. */
async function fillCache(place: Place): Promise<Installed> {
  const packed = installed();
  if (filled === packed) return packed;
  const folder = mkdtempSync(join(place.folder, "first-"));
  await recoverEngine({ ...place, folder }, packed, "by-itself");
  rmSync(folder, { recursive: true });
  filled = packed;
  return packed;
}

const engine: Part = async (place) => [await recoverEngine(place, await fillCache(place))];

const floor: Part = async (place) => {
  const script = new URL("../child/gated-floor.ts", import.meta.url);
  const rows = [ROWS_AT_KILL, wholeRows(CALLS)].map(String);
  return [await recover({ script, args: [journalIn(place), runsOf(place), ...rows] })];
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
