// What is bet on, and what came of it.

/** What a coin pays: 2.00 as the guides' clients assume, or 1.96 with a house's edge. */
export type CoinPays = "seed" | "house";

export type Bet =
  /** Wins where the crash point is at least the cash-out: 1.01 to 10,000, in steps of 0.01. */
  | { readonly game: "crash"; readonly cashOut: number }
  /** Wins where the roll is above the target (over) or below it: 1 to 99, in steps of 0.01. */
  | { readonly game: "dice"; readonly target: number; readonly over: boolean }
  | { readonly game: "coinflip"; readonly side: Side; readonly pays: CoinPays }
  | { readonly game: "slots" };

export type Side = "heads" | "tails";
export type Game = Bet["game"];

export const GAMES: readonly Game[] = ["crash", "coinflip", "dice", "slots"];

/** What came of a bet. */
export interface Round {
  readonly outcome: "win" | "loss";
  /** What was drawn: the crash point "1.70", the roll "16.83", "heads", or "BAR BAR BELL". */
  readonly result: string;
  /** What a win pays for each unit staked, in ten-thousandths. For slots, what this draw pays. */
  readonly multiplier: bigint;
}

/** Ten-thousandths in one. */
export const MULTIPLIER_UNIT = 10_000n;

export const CASH_OUT_MIN = 1.01;
export const CASH_OUT_MAX = 10_000;
export const TARGET_MIN = 1;
export const TARGET_MAX = 99;

/** What is paid out on a stake, both in micro-USDC: rounded down. Nothing on a loss. */
export function payoutOf(stake: bigint, { outcome, multiplier }: Round): bigint {
  return outcome === "win" ? (stake * multiplier) / MULTIPLIER_UNIT : 0n;
}

/** Hundredths of a number with at most two decimals. @throws RangeError where it has more */
export function hundredths(value: number): bigint {
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/u.exec(String(value));
  if (match === null) throw new RangeError(`Expected at most two decimals, not ${value}.`);
  return BigInt(`${match[1] ?? ""}${(match[2] ?? "").padEnd(2, "0")}`);
}

/** "16.83" of 1683. */
export function fromHundredths(value: bigint): string {
  const text = value.toString().padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** What is wrong with a bet; undefined where nothing is. */
export function flawOf(bet: Bet): string | undefined {
  if (bet.game === "crash") return flawIn("cash-out", bet.cashOut, CASH_OUT_MIN, CASH_OUT_MAX);
  if (bet.game === "dice") return flawIn("target", bet.target, TARGET_MIN, TARGET_MAX);
  return undefined;
}

function flawIn(name: string, value: number, min: number, max: number): string | undefined {
  const fits = /^\d{1,12}(?:\.\d{1,2})?$/u.test(String(value)) && value >= min && value <= max;
  return fits ? undefined : `A ${name} is from ${min} to ${max}, with at most two decimals.`;
}
