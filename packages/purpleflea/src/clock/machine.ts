// The machine's time, for those who are given no clock.

/** Milliseconds since the epoch. */
export function machineNow(): number {
  return Date.now();
}
