// When a delivery that did not get through is tried again.

import { createHash } from "node:crypto";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** From the end of one attempt to the next, in milliseconds, before jitter. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** The first attempt and its repetitions. */
export const ATTEMPTS_MAX: number = RETRY_DELAYS_MS.length + 1;

/**
 * An endpoint that nothing has reached for as long as all attempts of one delivery take is switched off: 75
 * hours, 35 minutes and 5 seconds.
 */
export const FAILING_MS_MAX: number = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);

/** A wait is longer by up to this share of itself, so that those who failed together do not come together. */
export const JITTER_MAX = 0.1;

/** How long to wait after an attempt; undefined after the last one. `attempts` counts those that ended. */
export function retryDelayMs(attempts: number, seed: string): number | undefined {
  const delay = RETRY_DELAYS_MS[attempts - 1];
  if (delay === undefined) return undefined;
  const drawn = createHash("sha256").update(`${seed}:${attempts}`).digest().readUInt32BE();
  return Math.floor(delay * (1 + (JITTER_MAX * drawn) / 2 ** 32));
}
