// The soak: a mixed load at a steady rate for minutes, with memory looked at all the while. It tells the memory over
// time, how fast it grows once the load is under way, and whether that is flat. Heap is what is left after a full
// collection, so it is what the engine holds; resident memory is taken before it.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openEngine } from "@holdfast/engine";
import { readable } from "../statistics.ts";
import { definitions, round, startLong } from "./load.ts";

export interface SoakOptions {
  readonly folder: string;
  readonly minutes: number;
  /** Shows that it works: looks each second, and has no long naps. */
  readonly quick: boolean;
}

interface Sample {
  readonly minute: number;
  readonly rssMib: number;
  readonly heapMib: number;
}

export interface Soaked {
  readonly samples: readonly Sample[];
  readonly runs: number;
  /** Runs begun a second, over the whole time. */
  readonly runsPerS: number;
  /** Growth, in MiB a minute, by least squares over what follows the warm-up. */
  readonly rssSlope: number;
  readonly heapSlope: number;
  readonly flat: boolean;
}

/** Rounds begun a second. */
const ROUNDS = 20;
const RUNS_PER_ROUND = 5;
/** How often memory is looked at, in seconds. */
const LOOK_S = 15;
const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1_000;
const BYTES_PER_MIB = 1_048_576;
/** The share of the time in which code is compiled and caches fill: not judged. */
const WARM_UP = 0.3;
/** Growth over what is judged, as a share of the mean, up to which memory is called flat. */
const FLAT = 0.1;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function look(minute: number): Sample {
  const rssMib = process.memoryUsage.rss() / BYTES_PER_MIB;
  collect();
  return { minute, rssMib, heapMib: process.memoryUsage().heapUsed / BYTES_PER_MIB };
}

/** Runs the load; `tell` gets a line for each look. Throws where a run gives what it should not. */
export async function soak(options: SoakOptions, tell: (line: string) => void): Promise<Soaked> {
  const folder = mkdtempSync(join(options.folder, "holdfast-soak-"));
  try {
    return await soakIn(folder, options, tell);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function soakIn(
  folder: string,
  { minutes, quick }: SoakOptions,
  tell: (line: string) => void,
): Promise<Soaked> {
  await using engine = await openEngine({
    path: join(folder, "journal.sqlite"),
    definitions,
    durability: "full",
  });
  await startLong(engine);
  const lookS = quick ? 1 : LOOK_S;
  const start = performance.now();
  const minute = (): number => (performance.now() - start) / MS_PER_MINUTE;
  const samples: Sample[] = [];
  const open = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let begun = 0;
  while (minute() < minutes && failures.length === 0) {
    const wanted = Math.floor(minute() * (MS_PER_MINUTE / MS_PER_S) * ROUNDS);
    for (; begun < wanted; begun += 1) {
      const going = round(engine, begun, quick).catch((error: unknown) => failures.push(error));
      const ended: Promise<void> = going.then(() => void open.delete(ended));
      open.add(ended);
    }
    if (minute() * MS_PER_MINUTE > (samples.length + 1) * lookS * MS_PER_S) {
      const sample = look(minute());
      samples.push(sample);
      tell(describe(sample, begun, open.size));
    }
    await after(MS_PER_S / ROUNDS);
  }
  const seconds = minute() * (MS_PER_MINUTE / MS_PER_S);
  while (open.size > 0 && failures.length === 0) await Promise.race(open);
  if (failures.length > 0) throw failures[0];
  return {
    ...judge(samples),
    runs: begun * RUNS_PER_ROUND,
    runsPerS: (begun * RUNS_PER_ROUND) / seconds,
  };
}

function describe({ minute, rssMib, heapMib }: Sample, begun: number, open: number): string {
  const [at, rss, heap] = [minute, rssMib, heapMib].map((value) => value.toFixed(1).padStart(7));
  return `${at} min  rss ${rss} MiB  heap ${heap} MiB  ${begun * RUNS_PER_ROUND} runs begun, ${open} rounds open`;
}

/** How memory grew, and whether that is flat. */
export function judge(
  samples: readonly Sample[],
): Pick<Soaked, "samples" | "rssSlope" | "heapSlope" | "flat"> {
  const judged = samples.slice(Math.ceil(samples.length * WARM_UP));
  const rss = growth(judged.map(({ minute, rssMib }) => [minute, rssMib]));
  const heap = growth(judged.map(({ minute, heapMib }) => [minute, heapMib]));
  return {
    samples,
    rssSlope: rss.slope,
    heapSlope: heap.slope,
    flat: judged.length > 1 && rss.share < FLAT && heap.share < FLAT,
  };
}

/** The least-squares line: its slope, and what it gains from first to last as a share of the mean. */
function growth(points: readonly (readonly [x: number, y: number])[]): {
  readonly slope: number;
  readonly share: number;
} {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
  const length = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return { slope, share: (slope * length) / y };
}

/** The verdict in words. */
export function describeSoak({ runs, runsPerS, rssSlope, heapSlope, flat }: Soaked): string {
  const grew = `rss grows ${rssSlope.toFixed(2)} MiB a minute, heap ${heapSlope.toFixed(2)}`;
  return `${runs} runs, ${readable(runsPerS)} a second; ${grew}: ${flat ? "flat" : "not flat"}`;
}
