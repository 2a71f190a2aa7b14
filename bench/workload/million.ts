// A million sleeping runs: how fast they start, what they cost in memory and on disk, and how long a process takes
// that opens their journal until the first of those due has woken. One process starts them and is gone, as
// after a crash; another wakes ten thousand. The file is in the system's cache then, as after a restart.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../child/process.ts";
import { type Figure, type Part, type Workload, journalIn } from "../workload.ts";

const MS_PER_S = 1_000;
/** Time for what the starts set going to come to rest. */
const REST_MS = 3_000;
const REST_QUICK_MS = 500;
const MIB_IN_MB = 1.048_576;

const child = {
  engine: new URL("../child/million.ts", import.meta.url),
  floor: new URL("../child/million-floor.ts", import.meta.url),
};

async function told(script: URL, args: readonly string[]): Promise<readonly number[]> {
  await using process = new Child(script, args);
  return JSON.parse(await process.line()) as number[];
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

const part =
  (which: keyof typeof child): Part =>
  async (place) => {
    const script = child[which];
    const count = place.size(1_000_000, 5_000);
    const numbers = [count, place.size(10_000, 100), place.size(REST_MS, REST_QUICK_MS)];
    const args = [journalIn(place), ...numbers.map(String)];
    const [perSecond = 0, asleepMib = 0] = await told(script, ["load", ...args]);
    const bytes = bytesIn(place.folder);
    const start = Date.now();
    const [first = 0, last = 0, awakeMib = 0] = await told(script, ["cold", ...args]);
    return [
      perSecond,
      asleepMib * MIB_IN_MB,
      bytes / count,
      (first - start) / MS_PER_S,
      (last - start) / MS_PER_S,
      awakeMib * MIB_IN_MB,
    ];
  };

const lower = (id: string, unit: string, aim?: number, stretch?: number): Figure => ({
  id,
  unit,
  better: "lower",
  ...(aim === undefined
    ? {}
    : { target: { of: "value", aim, ...(stretch === undefined ? {} : { stretch }) } }),
});

/** A million runs that sleep until tomorrow, and ten thousand that are due. */
export const million: Workload = {
  figures: [
    { id: "million.start_per_s", unit: "starts/s", better: "higher" },
    lower("million.rss_mb", "MB", 300, 150),
    lower("million.bytes_per_run", "bytes"),
    lower("million.cold_s", "s", 2, 0.5),
    lower("million.woken_s", "s"),
    lower("million.cold_rss_mb", "MB", 300, 150),
  ],
  children: true,
  byName: true,
  engine: part("engine"),
  floor: part("floor"),
};
