// Dice: a roll from 0.00 to 99.99. Over wins strictly above the target, under strictly below it, so that the
// target itself loses both: over 50 wins with 49.99 %, under 50 with 50 %.

import { MULTIPLIER_UNIT } from "./bet.ts";
import { SPACE } from "./digest.ts";

const FACES = 10_000n;
/** Of each unit staked, 98 hundredths come back, less what rounding the multiplier down keeps. */
const RETURNED = 9_800n;
/** A win is never paid less than this, in ten-thousandths. */
const MULTIPLIER_MIN = 10_001n;

/** The roll in hundredths, 0 to 9,999. */
export function diceRoll(bits: bigint, space: bigint = SPACE): bigint {
  return (bits * FACES) / space;
}

export function diceIsWon(roll: bigint, target: bigint, over: boolean): boolean {
  return over ? roll > target : roll < target;
}

/** How many of the 10,000 faces win; the target in hundredths. */
export function diceFaces(target: bigint, over: boolean): bigint {
  return over ? FACES - 1n - target : target;
}

/** What a win pays, in ten-thousandths: 0.98 / chance, rounded down, at least 1.0001. */
export function diceMultiplier(target: bigint, over: boolean): bigint {
  const fair = (RETURNED * MULTIPLIER_UNIT) / diceFaces(target, over);
  return fair > MULTIPLIER_MIN ? fair : MULTIPLIER_MIN;
}

/** How many of all draws win: as good as the share of the faces, counted exactly. */
export function diceWins(target: bigint, over: boolean, space: bigint = SPACE): bigint {
  // The draws whose roll is below a face.
  const below = (face: bigint): bigint => (face * space + FACES - 1n) / FACES;
  return over ? space - below(target + 1n) : below(target);
}
