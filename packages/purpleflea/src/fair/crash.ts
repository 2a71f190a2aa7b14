// Crash: a multiplier rises and bursts at a point that was fixed before the bet. Whoever cashes out at or below
// the point is paid the cash-out. Each cash-out returns 0.99 of what is staked.

import { SPACE } from "./digest.ts";

/** Of each unit staked, 99 hundredths come back, whatever the cash-out. */
const RETURNED_HUNDREDTHS = 99n;
const POINT_MIN = 100n;

/**
 * The crash point in hundredths, at least 100: 99 / (1 - X), rounded down, where X = bits / 2^52. All in whole
 * numbers; there is no cap.
 *
 * @param space how many values the bits have; another than 2^52 only to count through them all
 */
export function crashPoint(bits: bigint, space: bigint = SPACE): bigint {
  const point = (RETURNED_HUNDREDTHS * space) / (space - bits);
  return point > POINT_MIN ? point : POINT_MIN;
}

/** How many of all draws reach a cash-out in hundredths, at least 101. */
export function crashWins(cashOut: bigint, space: bigint = SPACE): bigint {
  // The point is at least h where space - bits <= 99 * space / h.
  const wins = (RETURNED_HUNDREDTHS * space) / cashOut;
  return wins < space ? wins : space;
}
