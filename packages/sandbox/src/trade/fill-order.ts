// Carries an order's fills out: opens or grows its position, or reduces those that it may reduce, and says how
// far the order then is. What it cannot do it leaves undone: the caller decides how the order ends.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { agentAccount, holdAccount } from "../ledger/ledger.ts";
import type { Pair } from "../market/pair.ts";
import type { Fill } from "./book.ts";
import { grow } from "./grow.ts";
import type { Order } from "./order.ts";
import { feeFor, marginFor, notional, smaller } from "./perpetual.ts";
import { type Position, opposite } from "./position.ts";
import { endOrdersOf, settle } from "./settle.ts";

/** How much of an order is not filled yet. */
export function remaining({ quantity, filled }: Order): bigint {
  return quantity - filled;
}

/** What an order to open reserves while so much of it rests at its limit. */
export function reservationFor(order: Order, quantity: bigint, takerFeePpm: bigint): Usdc {
  if (order.reduceOnly || order.type !== "limit" || quantity === 0n) return micros(0n);
  // With the higher fee: the difference covers what several fills round up.
  const value = notional(quantity, order.limit ?? order.level);
  return micros(marginFor(value, order.leverage) + feeFor(value, takerFeePpm));
}

/** Open positions that a reduce-only order may reduce, the oldest first. */
export function reducible(order: Order, { store }: Pick<Context, "store">): readonly Position[] {
  const { agent, symbol, side, reduces } = order;
  return store.positions
    .open(agent)
    .filter((one) => one.symbol === symbol && one.side === opposite(side))
    .filter((one) => reduces === null || one.id === reduces);
}

export interface Taken {
  readonly fill: Fill;
  readonly feePpm: bigint;
}

/**
 * Reduces positions by a fill, the oldest first; less where there are not so many. Other orders of a position
 * that it closes end with it.
 */
export function reduceBy(
  order: Order,
  pair: Pair,
  { fill, feePpm }: Taken,
  context: Context,
): Order {
  let left = fill.quantity;
  let value = 0n;
  let fees = 0n;
  for (const position of reducible(order, context)) {
    if (left === 0n) break;
    const quantity = left < position.quantity ? left : position.quantity;
    const part = { fill: { price: fill.price, quantity }, by: "order", feePpm } as const;
    const settled = settle(position, pair, part, context);
    if (quantity === position.quantity) endOrdersOf(position.id, context);
    left -= quantity;
    value += settled.value;
    fees += settled.fee;
  }
  return progressed(order, { quantity: fill.quantity - left, value, fees }, context);
}

/**
 * Opens or grows the order's position by a fill, paid from its reservation where it has one, else from what is
 * available. Undefined where that is not enough, and nothing is done.
 */
export function openBy(
  order: Order,
  pair: Pair,
  { fill, feePpm }: Taken,
  context: Context,
): Order | undefined {
  const { store, ledger, rules } = context;
  const value = notional(fill.quantity, fill.price);
  const fee = feeFor(value, feePpm);
  const isReserved = order.reserved > 0n;
  const left = isReserved
    ? reservationFor(order, remaining(order) - fill.quantity, rules.takerFeePpm)
    : order.reserved;
  const wanted = marginFor(value, order.leverage);
  const margin = isReserved ? smaller(wanted, micros(order.reserved - left - fee)) : wanted;
  const paid = micros(margin + fee);
  const payer = isReserved ? holdAccount(order.id) : agentAccount(order.agent);
  const available = isReserved ? order.reserved : ledger.balance(payer);
  if (available < paid) return undefined;
  if (isReserved) ledger.capture(order.id, paid, context);
  const known = order.position === null ? undefined : store.positions.get(order.position);
  const existing = known?.closedBy === null ? known.position : undefined;
  const { side, leverage } = order;
  const position = grow(existing, { pair, side, leverage, fill, margin, fee, payer }, context);
  if (isReserved) ledger.release(order.id, micros(order.reserved - paid - left), context);
  const done = { quantity: fill.quantity, value, fees: fee };
  return { ...progressed(order, done, context), reserved: left, position: position.id };
}

function progressed(
  order: Order,
  done: { readonly quantity: bigint; readonly value: bigint; readonly fees: bigint },
  { at }: Context,
): Order {
  const filled = order.filled + done.quantity;
  return {
    ...order,
    filled,
    filledValue: micros(order.filledValue + done.value),
    fees: micros(order.fees + done.fees),
    status: filled === order.quantity ? "filled" : order.status,
    changedAt: at,
  };
}
