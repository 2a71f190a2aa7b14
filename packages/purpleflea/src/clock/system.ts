// The machine's time, timers and chance, for those who are given no others: the only file of the client that
// uses them.

import type { Clock, Random } from "@holdfast/core";

/** Longest time-out that the runtime keeps, in milliseconds. */
const TIMEOUT_MS_MAX = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, at - Date.now()), TIMEOUT_MS_MAX));
    return {
      cancel() {
        clearTimeout(timer);
      },
    };
  },
};

export const systemRandom: Random = { next: () => Math.random() };
