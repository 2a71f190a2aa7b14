// What a process with many sleepers is measured by, be they runs or bare timers: how long they took to start, how
// late they woke, and how much memory the process had while all of them slept.

import { setTimeout as after } from "node:timers/promises";
import { memoryMib } from "../memory.ts";
import { percentile } from "../statistics.ts";
import { atOnce } from "../workload.ts";
import { say } from "./process.ts";
import { profiled } from "./profiled.ts";

/** Starts in flight at once. */
const START_WIDTH = 250;
/** Before sleepers that wake one after the other do so, all must have started: so many times what they wake in. */
const LEAD = 3;
const MS_PER_S = 1_000;

const [, path = "", number = "0", how = "each", span = "0"] = process.argv.slice(1);
const count = Number(number);
const begun = Date.now();

/** The file. */
export const file: string = path;
/** How long each sleeps, or over how long their wake-ups are spread, in milliseconds. */
export const ms: number = Number(span);

/** When the sleeper with a number is to wake; undefined where that follows from its start. */
export const dueAt = (n: number): number | undefined =>
  how === "each" ? undefined : Math.floor(begun + LEAD * ms + (n * ms) / count);

/** Each is started, and waited for until it is on disk that it woke. */
export interface Sleepers {
  start(n: number): Promise<unknown>;
  /** Resolves with the instant at which it should have woken. */
  woken(n: number): Promise<number>;
}

async function measure(sleepers: Sleepers): Promise<readonly number[]> {
  const started = performance.now();
  await atOnce(count, START_WIDTH, (n) => sleepers.start(n));
  const startS = (performance.now() - started) / MS_PER_S;
  const rest = (dueAt(0) ?? Date.now() + ms - startS * MS_PER_S) - Date.now();
  if (rest <= 0) throw new Error(`${count} took too long to start: the first should wake.`);
  // Half of what is left: whatever the starts set going has come to rest.
  await after(rest / 2);
  const mib = memoryMib();
  const lateness: number[] = [];
  await atOnce(count, count, async (n) => {
    const at = await sleepers.woken(n);
    lateness.push(Date.now() - at);
  });
  if (Math.min(...lateness) < 0) throw new Error("One woke early.");
  return [startS, percentile(lateness, 0.99), mib];
}

/** Measures the sleepers and tells the parent. */
export async function tell(sleepers: Sleepers): Promise<void> {
  say(JSON.stringify(await profiled(() => measure(sleepers))));
}
