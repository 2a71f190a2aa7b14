// Liquidates positions that the mark has reached: at market, and what is left goes back to the agent. Where
// hardly anything is left the insurance takes the position over, and the rest of the margin with it.

import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Context, OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import type { Pair } from "../market/pair.ts";
import { closingFill } from "./close.ts";
import { PPM, maintenancePpm, notional, profitAt } from "./perpetual.ts";
import type { Position, Side } from "./position.ts";
import { marginNow, riskAt, termsOf } from "./risk.ts";
import { endOrdersOf, settle } from "./settle.ts";

const SIDES: readonly Side[] = ["long", "short"];

/** Open positions of a pair that the mark of this instant liquidates, oldest first. */
export function liquidated(pair: Pair, context: OwnContext): readonly Position[] {
  const { store, market, funding, at } = context;
  const { mark } = market.quote(pair, at);
  const index = funding.at(pair, at);
  const terms = termsOf(pair, context);
  return SIDES.flatMap((side) =>
    store.positions.atRisk(pair.symbol, side, riskAt(side, mark, index, terms)),
  );
}

/** Takes one of them: a deed of the venue with an event of its own. */
export function liquidate(position: Position, pair: Pair, own: OwnContext, journal: Journal): void {
  const { id, agent, symbol, quantity, ref } = position;
  const command = journal.nextId();
  const context: Context = { ...own, command, agent, key: undefined, ref: ref ?? undefined };
  const quote = own.market.quote(pair, own.at);
  const margin = marginNow(position, own.funding.at(pair, own.at));
  const equity = margin + profitAt(position, quote.mark);
  const maintenance = (notional(quantity, quote.mark) * maintenancePpm(pair.leverageMax)) / PPM;
  const isBackstop = equity * 3n < maintenance * 2n;
  const fill = isBackstop ? { price: quote.mark, quantity } : closingFill(quote, position);
  const settlement = {
    fill,
    by: "liquidation",
    feePpm: own.rules.takerFeePpm,
    isBackstop,
  } as const;
  const { value, realised, uncovered } = settle(position, pair, settlement, context);
  const cancelled = endOrdersOf(id, context);
  journal.keepOwn({
    id: command,
    operation: "liquidate",
    agent,
    ref,
    at: own.at,
    amount: value,
    event: {
      type: "trade.liquidated",
      payload: {
        position_id: id,
        symbol,
        price: toGuideNumber(fill.price),
        margin_micros: toMicros(margin),
        realised_pnl_micros: toMicros(realised),
        backstop: isBackstop,
        uncovered_micros: toMicros(uncovered),
        cancelled_orders: cancelled,
      },
    },
  });
}
