// Provably fair games: exact formulas over a digest, odds counted over all draws, and the check of a settled
// bet. It needs nothing but WebCrypto and runs in a browser as it is; the paper venue settles by the same lines.

export {
  type Bet,
  CASH_OUT_MAX,
  CASH_OUT_MIN,
  type CoinPays,
  GAMES,
  type Game,
  MULTIPLIER_UNIT,
  type Round,
  type Side,
  TARGET_MAX,
  TARGET_MIN,
  flawOf,
  payoutOf,
} from "./bet.ts";
export { type Claim, ClaimError, readClaim } from "./claim.ts";
export { crashPoint, crashWins } from "./crash.ts";
export { diceMultiplier, diceRoll, diceWins } from "./dice.ts";
export { commitOf, digestOf, first52, fromHex, roundMessage, toHex } from "./digest.ts";
export { type KellyAdvice, type KellyInput, kelly, kellyFor, kellyForCrash } from "./kelly.ts";
export { type Odds, oddsOf } from "./odds.ts";
export { multiplierMax, play } from "./play.ts";
export { type Ratio, ratio, toDecimal, toNumber } from "./ratio.ts";
export { PAY_TABLE, type Reels, slotPay, slotReels } from "./slots.ts";
export { type Check, type Verdict, judge, verify } from "./verify.ts";
