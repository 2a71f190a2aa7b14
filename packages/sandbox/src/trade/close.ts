// Closes positions at market, whole, each in its own linked transfers: at the other side of the book, moved by
// its own size.

import { type CloseAllResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import type { Market, Quote } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import { type CloseAnswer, closeAnswer, total } from "./answer.ts";
import { type Fill, farSide, slipped } from "./book.ts";
import { notional } from "./perpetual.ts";
import { type ClosedBy, type Position, opposite } from "./position.ts";
import { type Settled, endOrdersOf, settle } from "./settle.ts";

interface Closed extends Settled {
  readonly body: CloseAnswer;
  /** Orders that ended with it. */
  readonly cancelled: readonly string[];
}

export function closePosition(positionId: string, context: Context): Outcome {
  const found = context.store.positions.get(positionId);
  if (found === undefined || found.position.agent !== context.agent) {
    return refused("unknown_position", `No position ${positionId} of this agent.`);
  }
  if (found.closedBy !== null) {
    const detail = `Position ${positionId} is closed already, by ${found.closedBy}.`;
    return refused("position_closed", detail, { closed_by: found.closedBy });
  }
  const { body, realised, value, cancelled } = closeNow(found.position, "close", context);
  const payload = {
    position_id: positionId,
    realised_pnl_micros: toMicros(realised),
    cancelled_orders: cancelled,
  };
  return {
    kind: "done",
    status: 200,
    body,
    agent: context.agent,
    amount: value,
    event: { type: "trade.closed", payload },
  };
}

/** Closes what is open. With nothing open it is done, too: an effect like any other, under its key and ref. */
export function closeAll(context: Context): Outcome {
  const open = context.store.positions.open(context.agent);
  const settled = open.map((position) => closeNow(position, "close-all", context));
  const realised = total(settled.map((one) => one.realised));
  const fees = total(settled.map((one) => one.fee));
  return {
    kind: "done",
    status: 200,
    body: {
      closed: settled.map(({ body }) => body),
      errors: [],
      realised_pnl_micros: toMicros(realised),
      realised_pnl_usdc: toGuideNumber(realised),
      realized_pnl: toGuideNumber(realised),
      fees_micros: toMicros(fees),
      fees: toGuideNumber(fees),
      fees_paid: toGuideNumber(fees),
      fees_paid_usdc: toGuideNumber(fees),
    } satisfies z.input<typeof CloseAllResponse>,
    agent: context.agent,
    amount: total(settled.map((one) => one.value)),
    event: {
      type: "trade.closed_all",
      payload: {
        positions: settled.length,
        realised_pnl_micros: toMicros(realised),
        cancelled_orders: settled.flatMap(({ cancelled }) => cancelled),
      },
    },
  };
}

function closeNow(position: Position, by: ClosedBy, context: Context): Closed {
  const { market, rules, at } = context;
  const pair = pairOf(position, market);
  const fill = closingFill(market.quote(pair, at), position);
  const settlement = { fill, by, feePpm: rules.takerFeePpm };
  const settled = settle(position, pair, settlement, context);
  const cancelled = endOrdersOf(position.id, context);
  const { realised, fee, funding } = settled;
  const ending = { exitPrice: fill.price, realised, fee, funding, at };
  return { ...settled, body: closeAnswer(position, ending), cancelled };
}

/** All of a position at market: closing is never left half done for want of depth. */
export function closingFill(quote: Quote, { side, quantity }: Position): Fill {
  const direction = opposite(side);
  const value = notional(quantity, farSide(quote, direction));
  return { price: slipped(quote, direction, value), quantity };
}

export function pairOf({ id, symbol }: Position, market: Market): Pair {
  const pair = market.pair(symbol);
  if (pair === undefined) throw new Error(`Position ${id} is of no known pair.`);
  return pair;
}
