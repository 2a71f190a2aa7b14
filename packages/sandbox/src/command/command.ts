// What callers want of the venue, freed of dialects: one shape per operation, whatever path it came by.

import type { Usdc } from "@holdfast/core";
import type { Side } from "../trade/position.ts";

export type Command =
  | { readonly operation: "register"; readonly name: string; readonly description: string }
  | { readonly operation: "claim" }
  | {
      readonly operation: "open";
      /** "BTC-PERP". */
      readonly symbol: string;
      readonly side: Side;
      readonly size: OrderSize;
      readonly leverage: number;
    }
  | { readonly operation: "close"; readonly positionId: string }
  | { readonly operation: "close-all" };

/** Value in USDC, or quantity in 1e-8 of the asset. */
export type OrderSize =
  | { readonly kind: "value"; readonly amount: Usdc }
  | { readonly kind: "quantity"; readonly quantity: bigint };

export type Operation = Command["operation"];

/** How a key came: it decides how a repetition is answered. */
export type KeyCarrier = "header" | "client_request_id" | "idempotency_key";

/** Who sends a command, and under which names. */
export interface Sender {
  /** Empty for a registration, which nobody has signed. */
  readonly agent: string;
  /** The caller's name for this one effect: a repetition under it is answered, not carried out. */
  readonly key?: string | undefined;
  readonly carrier?: KeyCarrier | undefined;
  /** The caller's business name for the decision behind it: only the audit reads it. */
  readonly ref?: string | undefined;
}

export type Json = Readonly<Record<string, unknown>>;
