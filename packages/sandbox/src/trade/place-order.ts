// Takes an order: carries out at once what meets the book, and lets the rest wait where its type says so. An
// order to open that rests at its limit has its margin and fee reserved; a trigger reserves nothing.

import { type Usdc, micros } from "@holdfast/core";
import { OPEN_ORDERS_MAX, toMicros } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import { agentAccount, holdAccount } from "../ledger/ledger.ts";
import type { Quote } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import type { TradeCommand } from "./command.ts";
import { type Fill, crossingFill, farSide, marketFill, slipped } from "./book.ts";
import { shareOf } from "./fate.ts";
import { openBy, reduceBy, reducible, remaining, reservationFor } from "./fill-order.ts";
import { quantityOf, tradable, unaffordable } from "./open.ts";
import { orderAnswer } from "./order-answer.ts";
import { type Order, watchOf } from "./order.ts";
import { feeFor, marginFor, notional, quantityFor } from "./perpetual.ts";

type PlaceCommand = Extract<TradeCommand, { operation: "place-order" }>;

export function placeOrder(command: PlaceCommand, context: Context): Outcome {
  const { store, market, at, agent } = context;
  const pair = tradable(command.symbol, command.leverage, market);
  if ("kind" in pair) return pair;
  const quote = market.quote(pair, at);
  const quantity = quantityAsked(command, quote);
  if (typeof quantity !== "bigint") return quantity;
  const asked = newOrder(command, quantity, quote, context);
  const why = irreducible(asked, context);
  if (why !== undefined) return why;
  if (store.orders.countOpen(agent) >= OPEN_ORDERS_MAX) {
    const detail = `An agent has at most ${OPEN_ORDERS_MAX} open orders.`;
    return refused("too_many_orders", detail);
  }
  const order = placed(asked, pair, quote, context);
  if ("kind" in order) return order;
  const ended = endOf(order, command, context);
  const kept = ended === undefined ? reserve(order, context) : { ...order, ...ended };
  store.orders.insert(kept);
  return {
    kind: "done",
    status: 200,
    body: orderAnswer(kept),
    agent,
    amount: kept.filledValue > 0n ? kept.filledValue : notional(quantity, kept.level),
    event: {
      type: "trade.order_placed",
      payload: {
        order_id: kept.id,
        symbol: kept.symbol,
        type: kept.type,
        side: kept.side,
        status: kept.status,
        filled_micros: toMicros(kept.filledValue),
        position_id: kept.position,
      },
    },
  };
}

/** A value becomes a quantity at the order's own price; at market, at the price that it moves the book to. */
function quantityAsked({ size, side, ...order }: PlaceCommand, quote: Quote): bigint | Refused {
  const far = farSide(quote, side);
  const asked = quantityOf(size, order.limit ?? order.trigger ?? far);
  if (typeof asked !== "bigint" || size.kind === "quantity" || order.type !== "market")
    return asked;
  return quantityOf(
    { kind: "quantity", quantity: quantityFor(size.amount, slipped(quote, side, size.amount)) },
    far,
  );
}

function newOrder(
  command: PlaceCommand,
  quantity: bigint,
  quote: Quote,
  { identities, agent, key, ref, at, ...context }: Context,
): Order {
  const { symbol, type, side, limit, trigger, leverage, reduceOnly, positionId } = command;
  return {
    id: identities.id("order", context.command),
    number: context.command,
    agent,
    symbol,
    type,
    side,
    quantity,
    limit: limit ?? null,
    trigger: trigger ?? null,
    leverage,
    reduceOnly,
    reduces: positionId ?? null,
    key: key ?? null,
    ref: ref ?? null,
    placedAt: at,
    watch: watchOf(type, side),
    level: limit ?? trigger ?? farSide(quote, side),
    notBefore: at,
    reserved: micros(0n),
    filled: 0n,
    filledValue: micros(0n),
    fees: micros(0n),
    position: null,
    status: "open",
    reason: null,
    changedAt: at,
  };
}

/** Why a reduce-only order has nothing to reduce; undefined where it has, or may open. */
function irreducible(order: Order, context: Context): Refused | undefined {
  const { reduces, reduceOnly, agent } = order;
  if (!reduceOnly) return undefined;
  if (reduces !== null) {
    const found = context.store.positions.get(reduces);
    if (found === undefined || found.position.agent !== agent) {
      return refused("unknown_position", `No position ${reduces} of this agent.`);
    }
    if (found.closedBy !== null) {
      const detail = `Position ${reduces} is closed already, by ${found.closedBy}.`;
      return refused("position_closed", detail, { closed_by: found.closedBy });
    }
  }
  if (reducible(order, context).length > 0) return undefined;
  const detail = "The order may only reduce, and no open position of the other side is there.";
  return refused("nothing_to_reduce", detail);
}

/** What of an order the book gives at once. */
function meets(order: Order, quote: Quote): Fill {
  const { type, side, quantity, limit } = order;
  if (type === "market") return marketFill(quote, side, quantity);
  if (type === "limit") return crossingFill(quote, side, quantity, limit ?? order.level);
  return { price: order.level, quantity: 0n };
}

/** The order after its first moment: met by the book, or refused; an order that the venue rejects is kept as such. */
function placed(asked: Order, pair: Pair, quote: Quote, context: Context): Order | Refused {
  const { reject } = context.fate ?? {};
  if (reject !== undefined) return { ...asked, status: "rejected", reason: reject };
  const { price, quantity } = meets(asked, quote);
  return carryOut(asked, pair, { price, quantity: shareOf(quantity, context) }, context);
}

function carryOut(order: Order, pair: Pair, fill: Fill, context: Context): Order | Refused {
  const { rules, ledger } = context;
  const taken = { fill, feePpm: rules.takerFeePpm };
  if (order.reduceOnly) return fill.quantity === 0n ? order : reduceBy(order, pair, taken, context);
  const value = notional(fill.quantity, fill.price);
  const now = marginFor(value, order.leverage) + feeFor(value, rules.takerFeePpm);
  const later = reservationFor(order, order.quantity - fill.quantity, rules.takerFeePpm);
  const available = ledger.balance(agentAccount(order.agent));
  const poor = unaffordable(now + later, available);
  if (poor !== undefined || fill.quantity === 0n) return poor ?? order;
  return openBy(order, pair, taken, context) ?? order;
}

type End = Pick<Order, "status" | "reason">;

/** How an order ends with its placing; undefined where it goes on. */
function endOf(order: Order, command: PlaceCommand, context: Context): End | undefined {
  if (order.status !== "open") return { status: order.status, reason: order.reason };
  const cancelled = (reason: string): End => ({ status: "cancelled", reason });
  if (order.reduceOnly && reducible(order, context).length === 0) {
    return cancelled("nothing_to_reduce");
  }
  if (order.type === "market") {
    return cancelled(context.fate?.share === undefined ? "beyond_depth" : "partial_fill");
  }
  return command.isImmediate ? cancelled("immediate_or_cancel") : undefined;
}

function reserve(order: Order, context: Context): Order {
  const { ledger, rules, at, command } = context;
  const reserved: Usdc = reservationFor(order, remaining(order), rules.takerFeePpm);
  const { id: subject, agent } = order;
  const common = { agent, subject, at, command, amount: reserved };
  const debit = agentAccount(agent);
  ledger.reserve({ ...common, debit, credit: holdAccount(subject), kind: "hold" });
  return { ...order, reserved };
}
