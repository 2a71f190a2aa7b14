// A perpetual position. Each open order makes one of its own; there is no netting.

import type { Usdc } from "@holdfast/core";

export type Side = "long" | "short";

export function opposite(side: Side): Side {
  return side === "long" ? "short" : "long";
}

/** What ended a position. */
export type ClosedBy = "close" | "close-all" | "order" | "liquidation";

export interface Position {
  readonly id: string;
  readonly agent: string;
  /** "BTC-PERP". */
  readonly symbol: string;
  readonly side: Side;
  /** What is left of it, in 1e-8 of the asset. */
  readonly quantity: bigint;
  readonly entryPrice: Usdc;
  /** With the margin as it is here; funding that is not settled moves it (`liquidationNow`). */
  readonly liquidationPrice: Usdc;
  /** Isolated: a position never loses more. Without the funding since `fundingIndex`. */
  readonly margin: Usdc;
  /** The market's index when funding was settled last. */
  readonly fundingIndex: bigint;
  readonly leverage: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** The business name of the order that opened it. */
  readonly ref: string | null;
}
