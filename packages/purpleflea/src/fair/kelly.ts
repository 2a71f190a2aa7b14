// How much of a bankroll to stake by Kelly's rule, and the answer that a casino's games always get: nothing.
// A bet without an edge has no size at which it pays.

import type { Bet } from "./bet.ts";
import { oddsOf } from "./odds.ts";
import { multiplierMax } from "./play.ts";
import { toNumber } from "./ratio.ts";

export interface KellyInput {
  /** Chance to win, 0 to 1. */
  readonly p: number;
  /** Net odds: what a win adds for each unit staked. A payout of 1.5 times the stake is 0.5. */
  readonly b: number;
}

export interface KellyAdvice {
  /** Share of the bankroll to stake: 0 where there is no edge. */
  readonly bet: number;
  /** Kelly's fraction as it comes out; negative says that the other side has the edge. */
  readonly kelly: number;
  /** What is lost on average for each unit staked; 0 where something is won. */
  readonly expectedLoss: number;
  /** Why nothing should be staked; undefined where something should. */
  readonly refused: string | undefined;
}

/**
 * Kelly's fraction (p b - q) / b with q = 1 - p. An edge that is not positive is refused: the bet is 0.
 *
 * @throws RangeError where p is not from 0 to 1, or b not positive
 * @example
 * kelly({ p: 0.66, b: 0.5 }).bet; // 0: the fraction is -0.02
 */
export function kelly({ p, b }: KellyInput): KellyAdvice {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A chance is from 0 to 1, not ${p}.`);
  if (!(b > 0 && Number.isFinite(b))) throw new RangeError(`Net odds are positive, not ${b}.`);
  const edge = p * b - (1 - p);
  return advise(edge, edge / b);
}

/** Crash at a cash-out: the edge is -1 % at each. @throws RangeError as `play()` does */
export function kellyForCrash(cashOut: number): KellyAdvice {
  return kellyFor({ game: "crash", cashOut });
}

/**
 * Any bet of the casino, from its exact odds. Slots pay in several ways; for them the rule of one payout does
 * not hold, but a negative edge refuses them all the same.
 */
export function kellyFor(bet: Bet): KellyAdvice {
  const { chance, rtp } = oddsOf(bet);
  const edge = toNumber({
    numerator: rtp.numerator - rtp.denominator,
    denominator: rtp.denominator,
  });
  // What a win adds on average: for one payout its multiplier less the stake.
  const won =
    bet.game === "slots" ? toNumber(rtp) / toNumber(chance) : Number(multiplierMax(bet)) / 10_000;
  return advise(edge, edge / (won - 1));
}

/** Edges this near to nothing are what binary fractions leave behind. */
const NOTHING = 1e-12;

function advise(edge: number, kelly: number): KellyAdvice {
  if (edge > NOTHING) return { bet: kelly, kelly, expectedLoss: 0, refused: undefined };
  if (edge > -NOTHING) {
    const refused = "The bet has no edge: on average it wins nothing, at any size.";
    return { bet: 0, kelly, expectedLoss: 0, refused };
  }
  const percent = (-edge * 100).toFixed(2);
  const refused = `The bet loses ${percent} % of each stake on average: the less is staked the better.`;
  return { bet: 0, kelly, expectedLoss: -edge, refused };
}
