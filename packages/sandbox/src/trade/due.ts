// What falls due by itself: liquidations and resting orders. Found by looking through the market's path at
// whole seconds, and carried out in due order before anything that happens later, so that the outcome does not
// depend on when somebody looks.

import { type Usdc, micros } from "@holdfast/core";
import { toMicros } from "@holdfast/purpleflea/wire";
import type { Context, OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import type { Quote } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import { SECOND_MS, firstSecond } from "../market/search.ts";
import { marketFill, restingFill } from "./book.ts";
import { openBy, reduceBy, reducible, remaining } from "./fill-order.ts";
import { liquidate, liquidated } from "./liquidate.ts";
import type { Order } from "./order.ts";
import { liquidationDivisor } from "./perpetual.ts";
import type { Side } from "./position.ts";
import { termsOf } from "./risk.ts";

/** How long the book takes to fill up again behind a resting order. */
export const REFILL_MS = 60_000;

/** Carries out what fell due after one instant and not after another. */
export function settleDue(own: OwnContext, from: number, to: number, journal: Journal): void {
  // Between two whole seconds nothing is due.
  if (Math.floor(from / SECOND_MS) === Math.floor(to / SECOND_MS)) return;
  const { pairs } = own.market;
  const next = new Map(pairs.map((pair) => [pair, nextDue(pair, own, from, to)]));
  for (;;) {
    const at = Math.min(...[...next.values()].map((instant) => instant ?? Infinity));
    if (at === Infinity) return;
    for (const pair of pairs) {
      if (next.get(pair) !== at) continue;
      carryOut(pair, { ...own, at }, journal);
      next.set(pair, nextDue(pair, own, at, to));
    }
  }
}

function carryOut(pair: Pair, own: OwnContext, journal: Journal): void {
  for (const position of liquidated(pair, own)) liquidate(position, pair, own, journal);
  const quote = own.market.quote(pair, own.at);
  for (const { id } of own.store.orders.due(pair.symbol, quote, own.at)) {
    // An earlier one of this instant may have ended it.
    const order = own.store.orders.get(id);
    if (order?.status === "open") fill(order, pair, quote, own, journal);
  }
}

/** The first second after one instant and not after another at which the market makes something due. */
export function nextMarketDue(own: OwnContext, from: number, to: number): number | undefined {
  const due = own.market.pairs.map((pair) => nextDue(pair, own, from, to) ?? Infinity);
  const first = Math.min(...due);
  return first === Infinity ? undefined : first;
}

/** The first second at which something of a pair is due. */
function nextDue(pair: Pair, own: OwnContext, from: number, to: number): number | undefined {
  const { store, market, funding } = own;
  const { symbol } = pair;
  const nearest = (watch: Order["watch"]): Usdc | undefined => store.orders.nearest(symbol, watch);
  const askBelow = nearest("ask-below");
  const markBelow = nearest("mark-below");
  const bidAbove = nearest("bid-above");
  const markAbove = nearest("mark-above");
  const long = store.positions.riskiest(symbol, "long");
  const short = store.positions.riskiest(symbol, "short");
  const waiting = [askBelow, markBelow, bidAbove, markAbove, long, short];
  if (waiting.every((one) => one === undefined)) return undefined;
  const terms = termsOf(pair, own);
  const moved = (index: bigint, side: Side): bigint => index / liquidationDivisor(side, terms);
  const isBelow = (price: number | bigint, level: bigint | undefined): boolean =>
    level !== undefined && price <= level;
  const isAbove = (price: number | bigint, level: bigint | undefined): boolean =>
    level !== undefined && price >= level;
  return firstSecond(from, to, {
    mayHappen(start, end) {
      const { low, high } = market.range(pair, start, end);
      if (isBelow(low, askBelow) || isBelow(low, markBelow)) return true;
      if (isAbove(high, bidAbove) || isAbove(high, markAbove)) return true;
      if (long === undefined && short === undefined) return false;
      const index = funding.range(pair, start, end);
      if (long !== undefined && isBelow(low, long + moved(index.high, "long"))) return true;
      return short !== undefined && isAbove(high, short + moved(index.low, "short"));
    },
    happens(at) {
      const quote = market.quote(pair, at);
      const { ask, bid, mark } = quote;
      const isDue =
        isBelow(ask, askBelow) ||
        isBelow(mark, markBelow) ||
        isAbove(bid, bidAbove) ||
        isAbove(mark, markAbove);
      if (isDue && store.orders.due(symbol, quote, at).length > 0) return true;
      if (long === undefined && short === undefined) return false;
      const index = funding.at(pair, at);
      if (long !== undefined && isBelow(mark, long + moved(index, "long"))) return true;
      return short !== undefined && isAbove(mark, short + moved(index, "short"));
    },
  });
}

/** Carries a due order out: a deed of the venue with an event of its own. */
function fill(order: Order, pair: Pair, quote: Quote, own: OwnContext, journal: Journal): void {
  const command = journal.nextId();
  const { agent, ref } = order;
  const context: Context = { ...own, command, agent, key: undefined, ref: ref ?? undefined };
  const after = settled(filled(order, pair, quote, context), context);
  own.store.orders.update(after);
  const value = micros(after.filledValue - order.filledValue);
  const isFill = after.status === "filled" || after.status === "open";
  journal.keepOwn({
    id: command,
    operation: "fill-order",
    agent,
    ref,
    at: own.at,
    amount: value,
    event: {
      type: `trade.order_${isFill ? "filled" : after.status}`,
      payload: {
        order_id: order.id,
        symbol: order.symbol,
        status: after.status,
        reason: after.reason,
        filled_micros: toMicros(value),
        position_id: after.position,
      },
    },
  });
}

function filled(order: Order, pair: Pair, quote: Quote, context: Context): Order {
  const { rules } = context;
  const { side, limit } = order;
  const rest = remaining(order);
  const taken =
    order.type === "limit"
      ? { fill: restingFill(quote, side, rest, limit ?? order.level), feePpm: rules.makerFeePpm }
      : { fill: marketFill(quote, side, rest), feePpm: rules.takerFeePpm };
  if (order.reduceOnly) return reduceBy(order, pair, taken, context);
  const opened = openBy(order, pair, taken, context);
  return opened ?? { ...order, status: "rejected", reason: "insufficient_funds" };
}

/** How an order stands after its turn: waiting for the book to fill up again, or ended. */
function settled(order: Order, context: Context): Order {
  const { at } = context;
  if (order.status !== "open") return { ...order, changedAt: at };
  const cancelled = { ...order, status: "cancelled", changedAt: at } as const;
  if (order.reduceOnly && reducible(order, context).length === 0) {
    return { ...cancelled, reason: "nothing_to_reduce" };
  }
  if (order.type !== "limit") return { ...cancelled, reason: "beyond_depth" };
  return { ...order, notBefore: at + REFILL_MS, changedAt: at };
}
