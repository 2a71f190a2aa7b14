// How long to wait before the next connection: any time up to a limit that doubles with each failure, so that
// callers who lost the venue together do not come back together.

import type { Random } from "@holdfast/core";

export const RECONNECT_MS_MIN = 1_000;
export const RECONNECT_MS_MAX = 60_000;

/** Milliseconds to wait after so many failures in a row, from 1. */
export function waitAfter(failures: number, random: Random): number {
  const most = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_MIN * 2 ** Math.max(0, failures - 1));
  return Math.floor(random.next() * most);
}
