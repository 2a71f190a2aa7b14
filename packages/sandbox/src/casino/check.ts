// Checks a bet that a caller describes, as `verify()` does it in a browser; and says what each game returns.

import {
  type Bet,
  judge,
  multiplierMax,
  oddsOf,
  readClaim,
  toDecimal,
} from "@holdfast/purpleflea/fair";
import { toMicros } from "@holdfast/purpleflea/wire";
import type { Json } from "../command/command.ts";
import { multiplierNumber } from "./answer.ts";
import { roundDigest, seedHash } from "./digest.ts";
import type { CasinoRules } from "./rules.ts";

/** @throws ClaimError where the JSON is no proof */
export function checkAnswer(json: Json): Json {
  const claim = readClaim(json);
  const { serverSeed, clientSeed, nonce } = claim;
  const digest = roundDigest(serverSeed, clientSeed, nonce);
  const verdict = judge(claim, digest, seedHash(serverSeed));
  return {
    agrees: verdict.agrees,
    checks: verdict.checks,
    outcome: verdict.round.outcome,
    result: verdict.round.result,
    payout_multiplier: multiplierNumber(verdict.round.multiplier),
    payout_micros: verdict.payout?.toString() ?? null,
    server_seed_hash: verdict.serverSeedHash,
    digest: verdict.digest,
  };
}

/** Digits of a shown chance or return. */
const DIGITS = 6;

/** Limits, and for an example of each game what it returns: exact, and less than one at all but a fair coin. */
export function gamesAnswer({ coinPays, stakeMin, stakeMax, payoutMax }: CasinoRules): Json {
  const examples: readonly Bet[] = [
    { game: "crash", cashOut: 1.5 },
    { game: "coinflip", side: "heads", pays: coinPays },
    { game: "dice", target: 50, over: true },
    { game: "slots" },
  ];
  return {
    stake_min_micros: toMicros(stakeMin),
    stake_max_micros: toMicros(stakeMax),
    payout_max_micros: toMicros(payoutMax),
    games: examples.map((bet) => {
      const { chance, rtp } = oddsOf(bet);
      return {
        game: bet.game,
        example: bet,
        payout_multiplier_max: multiplierNumber(multiplierMax(bet)),
        chance: toDecimal(chance, DIGITS),
        rtp: toDecimal(rtp, DIGITS),
        rtp_exact: `${rtp.numerator}/${rtp.denominator}`,
      };
    }),
  };
}
