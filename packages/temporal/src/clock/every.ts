// The server's own time, which no virtual clock holds: how often it hears that an attempt is alive, and how long
// a question waits before it is asked again.

import { setTimeout as timeout } from "node:timers/promises";

/** Calls back every so many milliseconds until it is disposed of. */
export function every(ms: number, callback: () => void): Disposable {
  const timer = setInterval(callback, ms);
  // What runs when its worker is gone holds up no process.
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** Calls back after so many milliseconds, unless it is disposed of before. */
export function after(ms: number, callback: () => void): Disposable {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}

export async function pause(ms: number): Promise<void> {
  await timeout(ms);
}

/** The machine's instant in so many milliseconds. */
export function deadlineIn(ms: number): number {
  return Date.now() + ms;
}
