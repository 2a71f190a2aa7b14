// `fair`: plays a settled bet again, by the formulas that the venue settles by, and says what a game returns.

import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { HoldfastError, usdc } from "@holdfast/core";
import {
  type Bet,
  type Claim,
  ClaimError,
  type Verdict,
  kellyFor,
  multiplierMax,
  oddsOf,
  readClaim,
  toDecimal,
  verify,
} from "@holdfast/purpleflea/fair";
import { clean } from "../terminal/text.ts";
import { say, sayError, sayJson, table } from "./print.ts";

export interface FairVerifyOptions {
  readonly game?: string;
  readonly serverSeed?: string;
  readonly serverSeedHash?: string;
  readonly clientSeed?: string;
  readonly nonce?: number;
  readonly cashOut?: number;
  readonly target?: number;
  readonly over?: boolean;
  readonly under?: boolean;
  readonly side?: string;
  readonly pays: string;
  readonly amount?: string;
  readonly payout?: string;
  readonly outcome?: string;
  readonly result?: string;
  readonly json?: boolean;
}

/** Sets the exit code: 0 it agrees, 1 it does not, 2 it cannot be checked. */
export async function fairVerify(
  file: string | undefined,
  options: FairVerifyOptions,
): Promise<void> {
  try {
    const claim = claimOf(options.game === undefined ? await proofIn(file) : fromOptions(options));
    const verdict = await verify(claim);
    if (options.json === true) sayJson(shown(verdict));
    else sayVerdict(claim, verdict);
    process.exitCode = verdict.agrees ? 0 : 1;
  } catch (error) {
    sayError(error);
    process.exitCode = 2;
  }
}

function claimOf(json: unknown): Claim {
  try {
    return readClaim(json);
  } catch (error) {
    throw error instanceof ClaimError ? invalid(error.message) : error;
  }
}

async function proofIn(file: string | undefined): Promise<unknown> {
  const source = file === undefined || file === "-" ? undefined : file;
  try {
    const found = source === undefined ? await text(process.stdin) : readFileSync(source, "utf8");
    return JSON.parse(found) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`${source ?? "the standard input"} cannot be read as JSON: ${reason}.`);
  }
}

/** The options in the words of a proof. */
function fromOptions(options: FairVerifyOptions): unknown {
  const { game, over, under, nonce, serverSeed, clientSeed, outcome, result } = options;
  if (over === true && under === true) throw invalid("--over and --under say different things.");
  const params = {
    auto_cashout: options.cashOut,
    target: options.target,
    over: over === true ? true : under === true ? false : undefined,
    side: options.side,
    pays: options.pays,
  };
  return {
    game,
    params,
    nonce,
    server_seed: serverSeed,
    client_seed: clientSeed,
    server_seed_hash: options.serverSeedHash,
    outcome,
    result,
    amount_micros: microsOf(options.amount),
    payout_micros: microsOf(options.payout),
  };
}

function microsOf(amount: string | undefined): string | undefined {
  return amount === undefined ? undefined : usdc(amount).toString();
}

function shown({ agrees, checks, round, serverSeedHash, digest, payout }: Verdict): object {
  return {
    agrees,
    checks,
    outcome: round.outcome,
    result: round.result,
    payout_multiplier: Number(round.multiplier) / 10_000,
    payout_micros: payout?.toString() ?? null,
    server_seed_hash: serverSeedHash,
    digest,
  };
}

function sayVerdict(
  claim: Claim,
  { agrees, checks, round, serverSeedHash, digest }: Verdict,
): void {
  const { bet, clientSeed, nonce } = claim;
  say(clean(`${describe(bet)}, client seed ${clientSeed}, nonce ${nonce}`));
  say(`drawn ${round.result}: ${round.outcome}`);
  say(`digest ${digest}`);
  say(`server seed hash ${serverSeedHash}`);
  if (checks.length === 0) {
    say("\nNothing was claimed to compare with.");
    return;
  }
  const rows = checks.map(({ name, claimed, found, agrees: same }) => [
    name,
    claimed,
    found,
    same ? "yes" : "NO",
  ]);
  say(`\n${table(["what", "claimed", "recomputed", "agrees"], rows)}`);
  say(agrees ? "\nIt agrees." : "\nIt does NOT agree.");
}

function describe(bet: Bet): string {
  switch (bet.game) {
    case "crash":
      return `crash, cash-out ${bet.cashOut}`;
    case "dice":
      return `dice, ${bet.over ? "over" : "under"} ${bet.target}`;
    case "coinflip":
      return `coin, ${bet.side}, ${bet.pays}`;
    case "slots":
      return "slots";
  }
}

const SHOWN: readonly Bet[] = [
  { game: "crash", cashOut: 1.01 },
  { game: "crash", cashOut: 1.5 },
  { game: "crash", cashOut: 2 },
  { game: "crash", cashOut: 10 },
  { game: "dice", target: 50, over: true },
  { game: "dice", target: 50, over: false },
  { game: "dice", target: 95, over: true },
  { game: "coinflip", side: "heads", pays: "seed" },
  { game: "coinflip", side: "heads", pays: "house" },
  { game: "slots" },
];

export async function fairRtp({ json }: { readonly json?: boolean }): Promise<void> {
  const rows = SHOWN.map((bet) => {
    const { chance, rtp } = oddsOf(bet);
    const { kelly, bet: stake } = kellyFor(bet);
    const pays = Number(multiplierMax(bet)) / 10_000;
    return { bet, chance, rtp, pays, kelly, stake };
  });
  if (json === true) {
    sayJson(
      rows.map(({ bet, chance, rtp, pays, kelly, stake }) => ({
        bet,
        chance: `${chance.numerator}/${chance.denominator}`,
        rtp: `${rtp.numerator}/${rtp.denominator}`,
        pays,
        kelly,
        stake,
      })),
    );
    return;
  }
  const cells = rows.map(({ bet, chance, rtp, pays, kelly }) => [
    describe(bet),
    toDecimal(chance, 6),
    bet.game === "slots" ? `up to ${pays}` : String(pays),
    toDecimal(rtp, 6),
    kelly.toFixed(4),
  ]);
  say(table(["bet", "chance", "pays", "returns", "kelly"], cells));
  say(
    "\nReturns of 1 are fair; below, the casino has the edge. Kelly's rule stakes nothing on any of these.",
  );
}

function invalid(reason: string): HoldfastError {
  return new HoldfastError("HF-PROOF-INVALID", `Cannot check the bet: ${reason}`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
