// Waits for a promise no longer than until an instant of the engine's clock.

import type { HoldfastError } from "@holdfast/core";
import type { Alarms } from "./alarms.ts";

/** @throws what `error` gives, when the instant has come first */
export async function within<Value>(
  alarms: Alarms,
  at: number,
  promise: Promise<Value>,
  error: () => HoldfastError,
): Promise<Value> {
  let alarm: ReturnType<Alarms["set"]> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    alarm = alarms.set(at, () => {
      reject(error());
    });
  });
  alarms.rearm();
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    alarms.cancel(alarm);
  }
}
