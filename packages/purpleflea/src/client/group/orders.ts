// Orders that may rest.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import { OrderResponse, type OrderStatus, OrdersResponse } from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

/** An order that may rest. Its size is either `sizeUsd` or `quantity`, a decimal in units of the asset. */
export interface PlacedOrder {
  readonly symbol: string;
  /** Long buys, short sells. */
  readonly side: "long" | "short";
  readonly type: "market" | "limit" | "stop" | "take_profit";
  readonly sizeUsd?: Usdc | undefined;
  readonly quantity?: string | undefined;
  /** Of a limit order: the worst price that it takes. */
  readonly limitPrice?: Usdc | undefined;
  /** Of a stop or a take-profit: the mark at which it goes to market. */
  readonly triggerPrice?: Usdc | undefined;
  readonly leverage?: number | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** The one position that it may reduce. */
  readonly positionId?: string | undefined;
  readonly timeInForce?: "gtc" | "ioc" | undefined;
}

export interface OrdersGroup {
  place(order: PlacedOrder, mark: WriteMark): Promise<z.output<typeof OrderResponse>>;
  cancel(orderId: string, mark: WriteMark): Promise<z.output<typeof OrderResponse>>;
  get(orderId: string, mark?: ReadMark): Promise<z.output<typeof OrderResponse>>;
  /** Newest first. */
  list(
    options?: { readonly status?: OrderStatus | undefined; readonly limit?: number },
    mark?: ReadMark,
  ): Promise<z.output<typeof OrdersResponse>["orders"]>;
}

export function ordersGroup({ read, write, profile: { paths } }: Calls): OrdersGroup {
  const answer = OrderResponse;
  return {
    place(order, mark) {
      const call = { operation: "place-order", what: "place an order", path: paths.orders };
      return write({ ...call, body: bodyOf(order), answer }, mark);
    },
    cancel(orderId, mark) {
      const call = { operation: "cancel-order", what: "cancel an order", path: paths.cancelOrder };
      return write({ ...call, body: { order_id: orderId }, answer }, mark);
    },
    get(orderId, mark) {
      const path = `${paths.orders}/${encodeURIComponent(orderId)}`;
      return read({ operation: "order", path, answer }, mark);
    },
    async list(options = {}, mark) {
      const path = `${paths.orders}${query(options)}`;
      return (await read({ operation: "orders", path, answer: OrdersResponse }, mark)).orders;
    },
  };
}

function bodyOf({ symbol, side, type, quantity, leverage, ...order }: PlacedOrder) {
  const price = (amount: Usdc | undefined): string | undefined =>
    amount === undefined ? undefined : formatUsdc(amount);
  return {
    symbol,
    side,
    type,
    size: price(order.sizeUsd),
    quantity,
    limit_price: price(order.limitPrice),
    trigger_price: price(order.triggerPrice),
    leverage,
    reduce_only: order.reduceOnly,
    position_id: order.positionId,
    time_in_force: order.timeInForce,
  };
}
