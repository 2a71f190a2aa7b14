// A perpetual position. Each open order makes one of its own; there is no netting.

import type { Usdc } from "@holdfast/core";

export type Side = "long" | "short";

/** What ended a position. */
export type ClosedBy = "close" | "close-all" | "liquidation";

export interface Position {
  readonly id: string;
  readonly agent: string;
  /** "BTC-PERP". */
  readonly symbol: string;
  readonly side: Side;
  /** In 1e-8 of the asset. */
  readonly quantity: bigint;
  readonly entryPrice: Usdc;
  readonly liquidationPrice: Usdc;
  /** Isolated: a position never loses more. */
  readonly margin: Usdc;
  readonly leverage: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** The business name of the order that opened it. */
  readonly ref: string | null;
}
