// Waits for real time to pass, on a clock that is handed in.

import type { Clock } from "@holdfast/core";

/** Resolves after so many milliseconds, or when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimer(clock.now() + ms, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}
