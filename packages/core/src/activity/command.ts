// What the guard is told of an effect before it leaves, and what it learns from answers: an activity says it in
// these words, so that the guard knows no venue.

import type { Usdc } from "../base/money.ts";

/** An effect with money, as the guard judges it. */
export interface GuardedCommand {
  /** What is done, in the venue's words: "trade.open". Budgets, lists and approvals name it. */
  readonly operation: string;
  /** `open` spends or takes a risk; `reduce` closes, cancels or takes money back, and is let through where nothing else is. */
  readonly kind: "open" | "reduce";
  /** The most that it may cost. So much is reserved until it is known what it did cost. */
  readonly amount: Usdc;
  /** What is moved with it: margin times leverage. Default: the amount. */
  readonly notional?: Usdc | undefined;
  readonly symbol?: string | undefined;
  /** Who gets the money, where that is somebody. */
  readonly counterparty?: string | undefined;
  readonly leverage?: number | undefined;
  /** The worst price that it accepts. Absent: any, as of a market order. */
  readonly limitPrice?: Usdc | undefined;
  /** What a unit staked brings on average, where the venue's own rules tell: -0.01 of a game that keeps 1 %. */
  readonly edge?: number | undefined;
  /**
   * What else a person who is asked should see, in the venue's words: "short", the name of a domain. Shown up to
   * COMMAND_DETAIL_MAX characters; nothing is judged by it.
   */
  readonly detail?: string | undefined;
  /** Says that a command like an earlier one is meant to happen again; any text that differs from its. */
  readonly again?: string | undefined;
}

/** Characters of a command's `detail` that are shown. */
export const COMMAND_DETAIL_MAX = 200;

/** What an answer of the venue tells of the state of things. */
export type Observation =
  /** What a symbol is worth. `at`: when the venue says so; default: when it was heard. */
  | { readonly kind: "mark"; readonly symbol: string; readonly price: Usdc; readonly at?: number }
  /** What the account is worth, and what of it can be spent. */
  | { readonly kind: "equity"; readonly equity: Usdc; readonly available?: Usdc }
  /** What can be spent, where nothing is said of positions. */
  | { readonly kind: "available"; readonly available: Usdc }
  /** All open positions of the account. */
  | { readonly kind: "positions"; readonly positions: readonly ObservedPosition[] }
  /** One of them, as it is now; one without size is closed. */
  | { readonly kind: "position"; readonly position: ObservedPosition }
  /** Money that came (or, below zero, went) and is no gain or loss. */
  | { readonly kind: "flow"; readonly amount: Usdc };

export interface ObservedPosition {
  /** The venue's name of it. */
  readonly id: string;
  /** Known already where only its end is told. */
  readonly symbol?: string;
  /** Its value at the mark. */
  readonly notional: Usdc;
}
