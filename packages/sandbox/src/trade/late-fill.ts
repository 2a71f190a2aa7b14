// An order that was cancelled, and fills all the same: a deed of the venue at the order's own price, as if others
// had given it before the cancelling arrived. Without the money for it nothing happens.

import type { Context, OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import { micros } from "@holdfast/core";
import { toMicros } from "@holdfast/purpleflea/wire";
import { openBy, reduceBy, remaining } from "./fill-order.ts";

/** Fills the rest of a cancelled order. */
export function fillCancelled(orderId: string, own: OwnContext, journal: Journal): void {
  const { store, market, rules, at } = own;
  const order = store.orders.get(orderId);
  const pair = order === undefined ? undefined : market.pair(order.symbol);
  if (order?.status !== "cancelled" || pair === undefined) return;
  const { agent, ref } = order;
  const command = journal.nextId();
  const context: Context = { ...own, command, agent, key: undefined, ref: ref ?? undefined };
  const fill = { price: order.level, quantity: remaining(order) };
  const taken = { fill, feePpm: rules.makerFeePpm };
  const after = order.reduceOnly
    ? reduceBy(order, pair, taken, context)
    : openBy(order, pair, taken, context);
  if (after === undefined || after.filled === order.filled) return;
  const ended = {
    ...after,
    reason: after.status === "filled" ? null : order.reason,
    changedAt: at,
  };
  store.orders.update(ended);
  const value = micros(ended.filledValue - order.filledValue);
  journal.keepOwn({
    id: command,
    operation: "fill-order",
    agent,
    ref,
    at,
    amount: value,
    event: {
      type: "trade.order_filled",
      payload: {
        order_id: order.id,
        symbol: order.symbol,
        status: ended.status,
        reason: ended.reason,
        filled_micros: toMicros(value),
        position_id: ended.position,
      },
    },
  });
}
