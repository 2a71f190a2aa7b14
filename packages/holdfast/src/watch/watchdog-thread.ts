// The program of the watchdog's thread: counts how often it looked without having seen a beat, and ends the process by
// a kill, because nothing on a loop that stands still can end it in any other way. Looks are counted, not time: after
// a sleep of the machine, or a stop by a signal, all threads go on together.

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { SHARED, type WatchdogData } from "./watchdog-shared.ts";

const { shared, lookMs, looksMax, says } = workerData as WatchdogData;
const seen = new Int32Array(shared);
let [last, missed] = [-1, 0];
while (Atomics.wait(seen, SHARED.isOver, 0, lookMs) === "timed-out") {
  const beats = Atomics.load(seen, SHARED.beats);
  const isAlive = beats !== last || Atomics.load(seen, SHARED.isPaused) === 1;
  missed = isAlive ? 0 : missed + 1;
  last = beats;
  if (missed < looksMax) continue;
  // Past the loop, which would not write it.
  writeSync(2, `error: ${says}\n`);
  process.kill(process.pid, "SIGKILL");
}
