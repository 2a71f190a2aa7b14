// Checks a settled bet: plays it again from the revealed seed, and compares with what was published before and
// answered after it.

import { type Round, payoutOf } from "./bet.ts";
import type { Claim } from "./claim.ts";
import { commitOf, digestOf, roundMessage, toHex } from "./digest.ts";
import { play } from "./play.ts";

/** One thing that was claimed, and what it is. */
export interface Check {
  readonly name: "server seed hash" | "result" | "outcome" | "payout";
  readonly claimed: string;
  readonly found: string;
  readonly agrees: boolean;
}

export interface Verdict {
  /** True where all that was claimed agrees; of nothing claimed nothing disagrees. */
  readonly agrees: boolean;
  readonly checks: readonly Check[];
  readonly round: Round;
  /** SHA-256 of the server seed, in hex. */
  readonly serverSeedHash: string;
  /** The round's digest, in hex. */
  readonly digest: string;
  /** On the claimed stake, in micro-USDC; undefined where none was claimed. */
  readonly payout: bigint | undefined;
}

/** @throws RangeError where the bet is out of its game's limits */
export async function verify(claim: Claim): Promise<Verdict> {
  const message = roundMessage(claim.clientSeed, claim.nonce);
  const digest = await digestOf(claim.serverSeed, message);
  return judge(claim, digest, await commitOf(claim.serverSeed));
}

/** The same where digest and hash were made otherwise. */
export function judge(claim: Claim, digest: Uint8Array, serverSeedHash: string): Verdict {
  const round = play(claim.bet, digest);
  const payout = claim.stake === undefined ? undefined : payoutOf(claim.stake, round);
  const checks = [
    check("server seed hash", claim.serverSeedHash, serverSeedHash),
    check("result", claim.result, round.result),
    check("outcome", claim.outcome, round.outcome),
    payout === undefined ? [] : check("payout", claim.payout?.toString(), payout.toString()),
  ].flat();
  const agrees = checks.every((one) => one.agrees);
  return { agrees, checks, round, serverSeedHash, digest: toHex(digest), payout };
}

function check(name: Check["name"], claimed: string | undefined, found: string): readonly Check[] {
  return claimed === undefined ? [] : [{ name, claimed, found, agrees: claimed === found }];
}
