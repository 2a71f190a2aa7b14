// An order in the words of the wire.

import { micros } from "@holdfast/core";
import { type OrderResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { decimalQuantity, symbolFields } from "./answer.ts";
import { remaining } from "./fill-order.ts";
import type { Order } from "./order.ts";
import { QUANTITY_SCALE } from "./perpetual.ts";

export type OrderAnswer = z.input<typeof OrderResponse>;

export function orderAnswer(order: Order): OrderAnswer {
  const { limit, trigger, filled, filledValue, fees, reserved } = order;
  const average = filled === 0n ? null : micros((filledValue * QUANTITY_SCALE) / filled);
  return {
    order_id: order.id,
    client_order_id: order.key,
    ...symbolFields(order.symbol),
    type: order.type,
    side: order.side,
    status: order.status,
    reason: order.reason,
    quantity: decimalQuantity(order.quantity),
    filled_quantity: decimalQuantity(filled),
    remaining_quantity: decimalQuantity(remaining(order)),
    limit_price_micros: limit === null ? null : toMicros(limit),
    limit_price: limit === null ? null : toGuideNumber(limit),
    trigger_price_micros: trigger === null ? null : toMicros(trigger),
    trigger_price: trigger === null ? null : toGuideNumber(trigger),
    average_price_micros: average === null ? null : toMicros(average),
    average_price: average === null ? null : toGuideNumber(average),
    filled_micros: toMicros(filledValue),
    filled_usdc: toGuideNumber(filledValue),
    fee_micros: toMicros(fees),
    fee_usdc: toGuideNumber(fees),
    reserved_micros: toMicros(reserved),
    reserved_usdc: toGuideNumber(reserved),
    leverage: order.leverage,
    reduce_only: order.reduceOnly,
    reduces_position_id: order.reduces,
    position_id: order.position,
    created_at: new Date(order.placedAt).toISOString(),
    updated_at: new Date(order.changedAt).toISOString(),
    ref: order.ref,
  };
}
