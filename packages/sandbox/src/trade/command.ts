// What an agent wants of the market, freed of dialects.

import type { Usdc } from "@holdfast/core";
import type { OrderType } from "./order.ts";
import type { Side } from "./position.ts";

export type TradeCommand =
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
  | { readonly operation: "cancel-order"; readonly orderId: string };

/** Value in USDC, or quantity in 1e-8 of the asset. */
export type OrderSize =
  | { readonly kind: "value"; readonly amount: Usdc }
  | { readonly kind: "quantity"; readonly quantity: bigint };
