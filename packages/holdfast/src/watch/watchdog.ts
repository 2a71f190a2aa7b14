// Ends the process where its event loop does not come back at all: an endless loop in somebody's code would leave
// positions alone for ever. A kill is a crash like any other, so that the call which was at it is counted, run alone
// and then put in quarantine. A thread of its own looks; this side beats.

import { url as inspectorUrl } from "node:inspector";
import { Worker } from "node:worker_threads";
import { type Clock, type TimerHandle, formatDuration } from "@holdfast/core";
import { SHARED, type WatchdogData } from "./watchdog-shared.ts";

/** Looks within the time after which the loop counts as frozen. */
const LOOKS = 20;

export function openWatchdog(clock: Clock, frozenMs: number): Disposable {
  const lookMs = Math.ceil(frozenMs / LOOKS);
  const shared = new SharedArrayBuffer(Object.keys(SHARED).length * Int32Array.BYTES_PER_ELEMENT);
  const seen = new Int32Array(shared);
  const says = `The event loop has stood still for ${formatDuration(frozenMs)}: some code does not come back. The process is killed, to be begun anew; a call that does this again and again is put in quarantine.`;
  const data: WatchdogData = { shared, lookMs, looksMax: LOOKS, says };
  const worker = new Worker(new URL(import.meta.resolve("#watchdog")), { workerData: data });
  worker.unref();
  let timer: TimerHandle | undefined;
  const beat = (): void => {
    Atomics.add(seen, SHARED.beats, 1);
    // Whoever looks at it with a debugger stops it on purpose.
    Atomics.store(seen, SHARED.isPaused, inspectorUrl() === undefined ? 0 : 1);
    timer = clock.setTimer(clock.now() + lookMs, beat);
  };
  beat();
  return {
    [Symbol.dispose]() {
      timer?.cancel();
      Atomics.store(seen, SHARED.isOver, 1);
      Atomics.notify(seen, SHARED.isOver);
    },
  };
}
