// Activities around orders that may rest: place, cancel, look. A placed order may be filled long after the
// activity is done: what it has come to is read with `getOrder`.

import { type Activity, USDC_MAX, type Usdc, activity, hasCode, micros } from "@holdfast/core";
import { z } from "zod";
import { InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { OrderResponse, OrderStatus, OrderType } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";
import { marginOf } from "./trade.ts";

const Order = z.object({
  symbol: z.string(),
  /** Long buys, short sells. */
  side: z.enum(["long", "short"]),
  type: OrderType,
  /** Either this or `quantity`, a decimal in units of the asset. */
  sizeUsd: money().optional(),
  quantity: z.string().optional(),
  /** Of a limit order, and of no other. */
  limitPrice: money().optional(),
  /** Of a stop or a take-profit, and of no other. */
  triggerPrice: money().optional(),
  leverage: z.number().int().min(1).max(50).optional(),
  reduceOnly: z.boolean().optional(),
  /** The one position that it may reduce. */
  positionId: z.string().optional(),
  timeInForce: z.enum(["gtc", "ioc"]).optional(),
});

/** How far an order has come. */
export const OrderReceipt = z.object({
  orderId: z.string(),
  symbol: z.string(),
  side: z.enum(["long", "short"]),
  status: OrderStatus,
  /** Why it ended unfilled. */
  reason: z.string().nullable(),
  /** Decimals in units of the asset. */
  quantity: z.string(),
  filledQuantity: z.string(),
  /** Null before the first fill. */
  averagePrice: money().nullable(),
  filled: money(),
  fee: money(),
  /** The position that it opened. */
  positionId: z.string().nullable(),
});

/** Places an order. `total` (default 5 min) says how late it may still be placed. */
export const placeOrder: Activity<z.input<typeof Order>, z.output<typeof OrderReceipt>> = activity({
  name: "purpleflea.placeOrder",
  input: Order,
  output: OrderReceipt,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "5m", attempt: "10s" },
  failures: [InsufficientFunds],
  guard: ({ symbol, sizeUsd, quantity, leverage = 1, reduceOnly, ...order }) => {
    const { type, side, limitPrice, triggerPrice } = order;
    const size = sizeUsd ?? worthOf(quantity, limitPrice ?? triggerPrice);
    return {
      operation: "order.place",
      detail: `${type} ${side}`,
      kind: reduceOnly === true ? "reduce" : "open",
      amount: reduceOnly === true ? micros(0) : marginOf(size, leverage),
      notional: size,
      symbol,
      leverage,
      ...(limitPrice === undefined ? {} : { limitPrice }),
    };
  },
  run: async (order, a) => receipt(await a.use(purpleFlea).orders.place(order)),
  reconcile: (_order, a) => byKey(a, OrderResponse, receipt),
});

/**
 * What a quantity is worth at a price. Of a market order by quantity nobody knows: the guard is told a size that no
 * limit lets through; say sizeUsd.
 */
function worthOf(quantity: string | undefined, price: Usdc | undefined): Usdc {
  if (quantity === undefined || price === undefined) return micros(USDC_MAX / 1_000_000n);
  const [whole = "0", fraction = ""] = quantity.split(".");
  const units = BigInt(whole) * 10n ** 8n + BigInt(fraction.slice(0, 8).padEnd(8, "0"));
  return micros((units * price) / 10n ** 8n + 1n);
}

/** Cancels an open order; one that has ended is refused. */
export const cancelOrder: Activity<{ orderId: string }, z.output<typeof OrderReceipt>> = activity({
  name: "purpleflea.cancelOrder",
  input: z.object({ orderId: z.string() }),
  output: OrderReceipt,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "22h", attempt: "10s" },
  guard: () => ({ operation: "order.cancel", kind: "reduce", amount: micros(0) }),
  run: async ({ orderId }, a) => receipt(await a.use(purpleFlea).orders.cancel(orderId)),
  reconcile: (_input, a) => byKey(a, OrderResponse, receipt),
});

/** How far an order has come now. */
export const getOrder: Activity<{ orderId: string }, z.output<typeof OrderReceipt>> = activity({
  name: "purpleflea.getOrder",
  input: z.object({ orderId: z.string() }),
  output: OrderReceipt,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async ({ orderId }, a) => receipt(await a.use(purpleFlea).orders.get(orderId)),
});

/** Orders that rest, newest first, as many as the venue tells at once. A venue that keeps none has none. */
export const getOpenOrders: Activity<void, readonly z.output<typeof OrderReceipt>[]> = activity({
  name: "purpleflea.getOpenOrders",
  input: z.void(),
  output: z.array(OrderReceipt).readonly(),
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async (_input, a) => {
    try {
      return (await a.use(purpleFlea).orders.list({ status: "open" })).map(receipt);
    } catch (error) {
      if (hasCode(error, "HF-VENUE-UNSUPPORTED")) return [];
      throw error;
    }
  },
});

function receipt(answer: z.output<typeof OrderResponse>): z.input<typeof OrderReceipt> {
  return {
    orderId: answer.order_id,
    symbol: answer.symbol,
    side: answer.side,
    status: answer.status,
    reason: answer.reason,
    quantity: answer.quantity,
    filledQuantity: answer.filled_quantity,
    averagePrice: answer.average_price_micros,
    filled: answer.filled_micros,
    fee: answer.fee_micros,
    positionId: answer.position_id,
  };
}
