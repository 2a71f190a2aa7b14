// An order that may rest: what was asked, what it waits for, and how far it has come.

import type { Usdc } from "@holdfast/core";
import type { Side } from "./position.ts";

export type OrderType = "market" | "limit" | "stop" | "take_profit";
export type OrderStatus = "open" | "filled" | "cancelled" | "rejected";

/** The price that an order waits for: the far side of the book for a limit, the mark for a trigger. */
export type Watch = "ask-below" | "bid-above" | "mark-above" | "mark-below";

export interface Order {
  readonly id: string;
  /** Of the command that placed it: orders of one instant are carried out in this order. */
  readonly number: number;
  readonly agent: string;
  readonly symbol: string;
  readonly type: OrderType;
  /** Long buys, short sells. */
  readonly side: Side;
  /** In 1e-8 of the asset. */
  readonly quantity: bigint;
  readonly limit: Usdc | null;
  readonly trigger: Usdc | null;
  readonly leverage: number;
  /** It closes positions of the other side and never opens one. */
  readonly reduceOnly: boolean;
  /** The one position that it may reduce; null: any of the other side, the oldest first. */
  readonly reduces: string | null;
  readonly key: string | null;
  readonly ref: string | null;
  readonly placedAt: number;
  readonly watch: Watch;
  readonly level: Usdc;
  /** Earliest instant of the next fill. */
  readonly notBefore: number;
  /** Margin and fee that are kept for the rest of it. */
  readonly reserved: Usdc;
  readonly filled: bigint;
  readonly filledValue: Usdc;
  readonly fees: Usdc;
  /** The position that it opened. */
  readonly position: string | null;
  readonly status: OrderStatus;
  /** Why it ended unfilled. */
  readonly reason: string | null;
  readonly changedAt: number;
}

/** What an order waits for. A stop follows the price, a take-profit lets it come. */
export function watchOf(type: OrderType, side: Side): Watch {
  const buys = side === "long";
  if (type === "stop") return buys ? "mark-above" : "mark-below";
  if (type === "take_profit") return buys ? "mark-below" : "mark-above";
  return buys ? "ask-below" : "bid-above";
}
