// What callers want of the venue, freed of dialects: one shape per operation, whatever path it came by.

import type { Usdc } from "@holdfast/core";
import type { OrderType } from "../trade/order.ts";
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
  | { readonly operation: "close-all" }
  | {
      readonly operation: "place-order";
      readonly type: OrderType;
      readonly symbol: string;
      readonly side: Side;
      readonly size: OrderSize;
      /** Of a limit order. */
      readonly limit?: Usdc | undefined;
      /** Of a stop or a take-profit. */
      readonly trigger?: Usdc | undefined;
      readonly leverage: number;
      readonly reduceOnly: boolean;
      /** The one position that it may reduce. */
      readonly positionId?: string | undefined;
      /** What is not filled at once is cancelled. */
      readonly isImmediate: boolean;
    }
  | { readonly operation: "cancel-order"; readonly orderId: string }
  | { readonly operation: "deposit"; readonly asset: Asset; readonly amount: bigint }
  | {
      readonly operation: "withdraw";
      readonly asset: Asset;
      readonly amount: bigint;
      /** Where to: kept and shown, nothing is sent. */
      readonly address: string | undefined;
    };

/** What a wallet holds: USDC in millionths, BTC in 1e-8. */
export type Asset = "USDC" | "BTC";

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
