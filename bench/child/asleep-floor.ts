// The floor of many runs asleep: a row and a timer for each in a bare process, and a row when it wakes.
// Arguments: as of the engine's.

import { setTimeout as after } from "node:timers/promises";
import { Floor, appendRows } from "../floor.ts";
import { dueAt, file, ms, tell } from "./sleepers.ts";

const bare = new Floor(file);
const sleeping: Promise<number>[] = [];

async function sleep(n: number, at: number): Promise<number> {
  // A timer may come a millisecond early by the wall clock.
  while (Date.now() < at) await after(at - Date.now());
  await appendRows(bare, n, 1);
  return at;
}

await tell({
  async start(n) {
    await appendRows(bare, n, 1);
    sleeping[n] = sleep(n, dueAt(n) ?? Date.now() + ms);
  },
  woken: (n) => sleeping[n] ?? Promise.reject(new Error(`Nobody started ${n}.`)),
});
bare[Symbol.dispose]();
