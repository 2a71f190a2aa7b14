// Plays a bet on a digest. Whoever has both gets the same round: the venue when it settles, anybody afterwards.

import {
  type Bet,
  MULTIPLIER_UNIT,
  type Round,
  flawOf,
  fromHundredths,
  hundredths,
} from "./bet.ts";
import { COIN_MULTIPLIERS, coinSide } from "./coin-flip.ts";
import { crashPoint } from "./crash.ts";
import { diceIsWon, diceMultiplier, diceRoll } from "./dice.ts";
import { first52 } from "./digest.ts";
import { slotPay, slotReels } from "./slots.ts";

/**
 * What came of a bet, from the 32 bytes of its digest.
 *
 * @throws RangeError where the bet is out of its game's limits, or the digest has another length
 * @example
 * const digest = await digestOf(serverSeed, roundMessage(clientSeed, nonce));
 * play({ game: "crash", cashOut: 1.5 }, digest); // { outcome: "win", result: "1.70", multiplier: 15000n }
 */
export function play(bet: Bet, digest: Uint8Array): Round {
  const flaw = flawOf(bet);
  if (flaw !== undefined) throw new RangeError(flaw);
  const bits = first52(digest);
  switch (bet.game) {
    case "crash": {
      const cashOut = hundredths(bet.cashOut);
      const point = crashPoint(bits);
      return round(point >= cashOut, fromHundredths(point), cashOut * 100n);
    }
    case "dice": {
      const target = hundredths(bet.target);
      const roll = diceRoll(bits);
      const isWon = diceIsWon(roll, target, bet.over);
      return round(isWon, fromHundredths(roll), diceMultiplier(target, bet.over));
    }
    case "coinflip": {
      const side = coinSide(bits);
      return round(side === bet.side, side, COIN_MULTIPLIERS[bet.pays]);
    }
    case "slots": {
      const reels = slotReels(digest);
      const pay = slotPay(reels);
      return round(pay > 0n, reels.join(" "), pay * MULTIPLIER_UNIT);
    }
  }
}

/** The most that a bet can pay for each unit staked, in ten-thousandths. */
export function multiplierMax(bet: Bet): bigint {
  switch (bet.game) {
    case "crash":
      return hundredths(bet.cashOut) * 100n;
    case "dice":
      return diceMultiplier(hundredths(bet.target), bet.over);
    case "coinflip":
      return COIN_MULTIPLIERS[bet.pays];
    case "slots":
      return slotPay(["SEVEN", "SEVEN", "SEVEN"]) * MULTIPLIER_UNIT;
  }
}

function round(isWon: boolean, result: string, multiplier: bigint): Round {
  return { outcome: isWon ? "win" : "loss", result, multiplier };
}
