// Slots: three reels of 32 stops with five symbols. Three of a kind pay; a cherry on each of the first two
// reels, with anything else on the third, pays twice the stake.

export type SlotSymbol = "SEVEN" | "BAR" | "BELL" | "LEMON" | "CHERRY";

interface Face {
  readonly symbol: SlotSymbol;
  /** Of the 32 stops of each reel. */
  readonly stops: number;
  /** For three of them, as a multiple of the stake. */
  readonly pays: bigint;
}

/** Every symbol with its stops, in the order in which they lie on a reel, and its pay. */
export const PAY_TABLE: readonly Face[] = [
  { symbol: "SEVEN", stops: 1, pays: 1_000n },
  { symbol: "BAR", stops: 3, pays: 50n },
  { symbol: "BELL", stops: 6, pays: 20n },
  { symbol: "LEMON", stops: 9, pays: 10n },
  { symbol: "CHERRY", stops: 13, pays: 5n },
];

const TWO_CHERRIES = 2n;

/** One reel: the symbol at each of its 32 stops. */
export const REEL: readonly SlotSymbol[] = PAY_TABLE.flatMap(({ symbol, stops }) =>
  Array.from({ length: stops }, () => symbol),
);

export type Reels = readonly [SlotSymbol, SlotSymbol, SlotSymbol];

/** What a digest shows: reel i stops at the first five bits of byte 4i. */
export function slotReels(digest: Uint8Array): Reels {
  const at = (reel: number): SlotSymbol => stopAt((digest[4 * reel] ?? 0) >> 3);
  return [at(0), at(1), at(2)];
}

/** The symbol at a stop, 0 to 31. */
export function stopAt(stop: number): SlotSymbol {
  const symbol = REEL[stop];
  if (symbol === undefined) throw new RangeError(`A reel has no stop ${stop}.`);
  return symbol;
}

/** What a draw pays, as a multiple of the stake; 0 where it loses. */
export function slotPay([first, second, third]: Reels): bigint {
  if (first !== second) return 0n;
  if (second === third) return PAY_TABLE.find(({ symbol }) => symbol === first)?.pays ?? 0n;
  return first === "CHERRY" ? TWO_CHERRIES : 0n;
}
