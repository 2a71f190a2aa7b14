// How long the event loop lets others wait. A timer that is asked for once in a while sees only one late answer where
// the loop stood still for seconds; what asks then waits all that time. So each stand is counted by how long it lasted:
// the p99 is what one in a hundred would have waited who came at any moment of the window. Pure.

/** A time in which the loop answered nobody. */
export interface Stand {
  /** When it was noticed, in milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
}

/** How far back is looked, in milliseconds. */
export const WINDOW_MS = 10_000;

/** Of what came at any moment of the window, a share waited longer than this many milliseconds. */
export function waitBeyond(stands: readonly Stand[], share: number, windowMs = WINDOW_MS): number {
  const lengths = stands.map(({ ms }) => ms).toSorted((one, other) => other - one);
  let sum = 0;
  // With the n longest above it: the sum of what lies above x is the time in which one would have waited longer.
  for (const [index, ms] of lengths.entries()) {
    sum += ms;
    const x = (sum - share * windowMs) / (index + 1);
    if (x >= (lengths[index + 1] ?? 0)) return Math.max(0, x);
  }
  return 0;
}
