// Jumps: in some stretches of 2.8 days the price jumps at one minute and drifts back until the stretch ends.

import { NORMAL_MAX, type Stream, normal, uniform } from "./noise.ts";
import type { Range } from "./source.ts";

const JUMP_LEVEL = 18;
const WIDTH = 2 ** JUMP_LEVEL;
/** Streams of draws that are not points of the bridge. */
const JUMP_DRAW = 41;
const JUMP_TIME_DRAW = 42;
const JUMP_SIZE_DRAW = 43;
/** Share of the stretches that begin to jump somewhere, and the jump's deviation. */
const JUMP_SHARE = 0.25;
const JUMP_DEVIATION = 0.03;
const JUMP_MAX = JUMP_DEVIATION * NORMAL_MAX;

/** What the stretch's jump adds to the logarithm of the price. */
export function jump(stream: Stream, point: number): number {
  const stretch = Math.floor(point / WIDTH);
  const start = stretch * WIDTH;
  const time = timeOf(stream, stretch);
  if (time === undefined || point < start + time) return 0;
  const left = (start + WIDTH - point) / (WIDTH - time);
  return normal(stream, JUMP_SIZE_DRAW, stretch) * JUMP_DEVIATION * left;
}

/** Between which values the jumps stay from one point to another. */
export function jumpRange(stream: Stream, first: number, last: number): Range {
  const firstStretch = Math.floor(first / WIDTH);
  const lastStretch = Math.floor(last / WIDTH);
  if (lastStretch - firstStretch > 1) return { low: -JUMP_MAX, high: JUMP_MAX };
  const values = [jump(stream, first), jump(stream, last)];
  for (let stretch = firstStretch; stretch <= lastStretch; stretch += 1) {
    const time = timeOf(stream, stretch);
    if (time === undefined) continue;
    const begins = stretch * WIDTH + time;
    // It is nothing before it begins, and drifts from its full size to nothing at the stretch's end.
    if (begins >= first && begins <= last) values.push(0, jump(stream, begins));
    if (last >= (stretch + 1) * WIDTH) values.push(0);
  }
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** The point within a stretch at which it jumps, on a whole minute: 64 points. */
function timeOf(stream: Stream, stretch: number): number | undefined {
  if (uniform(stream, JUMP_DRAW, stretch) >= JUMP_SHARE) return undefined;
  return Math.floor((uniform(stream, JUMP_TIME_DRAW, stretch) * WIDTH) / 64) * 64;
}
