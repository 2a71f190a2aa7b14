// The real clock: the only file of the engine that reads the time of the machine.

import type { Clock } from "@holdfast/core";

/** Longest delay that setTimeout takes; a longer wait is set in pieces. */
const TIMEOUT_MS_MAX = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, callback) {
    let handle: NodeJS.Timeout | undefined;
    const arm = (): void => {
      const rest = at - Date.now();
      if (rest <= 0) handle = setTimeout(callback, 0);
      else handle = setTimeout(rest > TIMEOUT_MS_MAX ? arm : check, Math.min(rest, TIMEOUT_MS_MAX));
    };
    // A timeout may come a millisecond early by the wall clock: never early.
    const check = (): void => {
      if (Date.now() >= at) callback();
      else arm();
    };
    arm();
    return {
      cancel() {
        clearTimeout(handle);
      },
    };
  },
};
