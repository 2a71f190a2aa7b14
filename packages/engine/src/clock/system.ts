// The real clock: the only file of the engine that reads the time of the machine.

import type { Clock } from "@holdfast/core";

/**
 * How long a timer waits at most before it looks at the clock again: timers of the machine stand still while it
 * sleeps, and know nothing of a clock that is set forwards. setTimeout takes no more than 24 days anyway.
 */
const LOOK_MS = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, callback) {
    let handle: NodeJS.Timeout | undefined;
    const arm = (): void => {
      handle = setTimeout(look, Math.min(Math.max(0, at - Date.now()), LOOK_MS));
    };
    // A timeout may come a millisecond early by the wall clock: never early.
    const look = (): void => {
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
