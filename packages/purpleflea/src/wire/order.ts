// Orders that may rest: limit, stop and take-profit beside market orders, each with its cancellation and its
// look-up. An extension of the paper venue: the guides know orders at market only.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount, RequestQuantity } from "./money.ts";
import { LEVERAGE_MAX } from "./trade.ts";

/** Open orders of one agent, at most. */
export const OPEN_ORDERS_MAX = 1_000;
/** Highest price of an order: 10 million USDC. */
const PRICE_MAX = 10_000_000_000_000n;

const OrderPrice = RequestAmount.refine((price) => price <= PRICE_MAX, {
  error: "expected a price of at most 10000000",
});

export const OrderType = z.enum(["market", "limit", "stop", "take_profit"]);
export const OrderStatus = z.enum(["open", "filled", "cancelled", "rejected"]);

/**
 * POST /api/orders. `side` is the direction of the order: long buys, short sells. Its size is either `size`, in
 * USD, or `quantity`, in units of the asset. A `position_id` makes it reduce that position only.
 */
export const PlaceOrderRequest = z
  .object({
    symbol: z.string().min(1).max(40),
    side: z.enum(["long", "short"]),
    type: OrderType.default("market"),
    size: RequestAmount.optional(),
    quantity: RequestQuantity.optional(),
    /** Of a limit order, and of no other: the worst price that it takes. */
    limit_price: OrderPrice.optional(),
    /** Of a stop or a take-profit, and of no other: the mark at which it goes to market. */
    trigger_price: OrderPrice.optional(),
    /** 1 where absent. */
    leverage: z.number().int().min(1).max(LEVERAGE_MAX).optional(),
    reduce_only: z.boolean().optional(),
    position_id: z.string().min(1).max(100).optional(),
    /** `ioc` cancels what is not filled at once; a limit order rests otherwise. */
    time_in_force: z.enum(["gtc", "ioc"]).optional(),
    ...Carriers.shape,
  })
  .superRefine((order, context) => {
    const isTriggered = order.type === "stop" || order.type === "take_profit";
    const say = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if ((order.size === undefined) === (order.quantity === undefined)) {
      say("size", "expected either size (in USD) or quantity (in units of the asset)");
    }
    if ((order.type === "limit") !== (order.limit_price !== undefined)) {
      say("limit_price", "expected with type limit, and with no other");
    }
    if (isTriggered !== (order.trigger_price !== undefined)) {
      say("trigger_price", "expected with type stop or take_profit, and with no other");
    }
    if (isTriggered && order.time_in_force === "ioc") {
      say("time_in_force", "a stop or take_profit waits: expected gtc");
    }
    if (order.position_id !== undefined && order.reduce_only === false) {
      say("reduce_only", "an order with a position_id only reduces");
    }
  });

/** POST /api/orders/cancel. */
export const CancelOrderRequest = z.object({
  order_id: z.string().min(1).max(100),
  ...Carriers.shape,
});

const Price = Micros.nullable();
const GuidePrice = z.number().nullable().optional();

export const OrderResponse = z.object({
  order_id: z.string(),
  client_order_id: z.string().nullable().optional(),
  symbol: z.string(),
  pair: z.string().optional(),
  asset: z.string().optional(),
  type: OrderType,
  side: z.enum(["long", "short"]),
  status: OrderStatus,
  /** Why it ended unfilled: by_caller, beyond_depth, nothing_to_reduce, insufficient_funds, … */
  reason: z.string().nullable(),
  /** Exact decimals, in units of the asset. */
  quantity: z.string(),
  filled_quantity: z.string(),
  remaining_quantity: z.string(),
  limit_price_micros: Price,
  limit_price: GuidePrice,
  trigger_price_micros: Price,
  trigger_price: GuidePrice,
  /** Of its fills, rounded down; null before the first. */
  average_price_micros: Price,
  average_price: GuidePrice,
  /** Value of its fills. */
  filled_micros: Micros,
  filled_usdc: GuideNumber,
  fee_micros: Micros,
  fee_usdc: GuideNumber,
  /** Margin and fee kept for the rest of it. */
  reserved_micros: Micros,
  reserved_usdc: GuideNumber,
  leverage: z.number(),
  reduce_only: z.boolean(),
  reduces_position_id: z.string().nullable(),
  /** The position that it opened. */
  position_id: z.string().nullable(),
  /** ISO 8601. */
  created_at: z.string(),
  updated_at: z.string(),
  ref: z.string().nullable().optional(),
});

/** GET /api/orders: newest first; `?status=open&limit=100`. */
export const OrdersResponse = z.object({ orders: z.array(OrderResponse) });

export type OrderType = z.output<typeof OrderType>;
export type OrderStatus = z.output<typeof OrderStatus>;
export type PlaceOrderRequest = z.output<typeof PlaceOrderRequest>;
export type CancelOrderRequest = z.output<typeof CancelOrderRequest>;
export type OrderResponse = z.output<typeof OrderResponse>;
export type OrdersResponse = z.output<typeof OrdersResponse>;
