// Ends an open order; what it has reserved goes back.

import { micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { orderAnswer } from "./order-answer.ts";
import type { Order } from "./order.ts";

export function cancelOrder(orderId: string, context: Context): Outcome {
  const { store, ledger, agent, at } = context;
  const order = store.orders.get(orderId);
  if (order === undefined || order.agent !== agent) {
    return refused("unknown_order", `No order ${orderId} of this agent.`);
  }
  if (order.status !== "open") {
    const detail = `Order ${orderId} has ended already: ${order.status}.`;
    return refused("order_ended", detail, { order_status: order.status });
  }
  ledger.release(order.id, order.reserved, context);
  const cancelled: Order = {
    ...order,
    status: "cancelled",
    reason: "by_caller",
    reserved: micros(0n),
    changedAt: at,
  };
  store.orders.update(cancelled);
  const { fillAfterCancelMs } = context.fate ?? {};
  if (fillAfterCancelMs !== undefined)
    store.timers.set(at + fillAfterCancelMs, "late-fill", orderId);
  return {
    kind: "done",
    status: 200,
    body: orderAnswer(cancelled),
    agent,
    amount: order.reserved,
    event: { type: "trade.order_cancelled", payload: { order_id: orderId, reason: "by_caller" } },
  };
}
