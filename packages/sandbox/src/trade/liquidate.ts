// Takes the margin of positions that the market has gone through: the loss goes to clearing, the rest to the
// insurance. Looked at whenever an agent is touched and whenever the clock is advanced, at that instant's mark.

import { type Usdc, micros } from "@holdfast/core";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import { VENUE, marginAccount } from "../ledger/ledger.ts";
import { notional, profitAt } from "./perpetual.ts";
import type { Position } from "./position.ts";

/** Returns how many positions it took. Each is a deed of the venue with an event of its own. */
export function liquidate(context: Omit<Context, "command">, journal: Journal): number {
  const { store, market, at, agent } = context;
  let taken = 0;
  for (const pair of market.pairs) {
    const { mark } = market.quote(pair, at);
    for (const position of store.positions.reached(agent, pair.symbol, mark)) {
      take(position, mark, { ...context, command: journal.nextId() }, journal);
      taken += 1;
    }
  }
  return taken;
}

function take(position: Position, mark: Usdc, context: Context, journal: Journal): void {
  const { store, ledger, at, command } = context;
  const unlimited = -profitAt(position, mark);
  const bounded = unlimited > position.margin ? position.margin : unlimited;
  const loss = micros(bounded < 0n ? 0n : bounded);
  const rest = micros(position.margin - loss);
  const debit = marginAccount(position.id);
  const common = { agent: position.agent, subject: position.id, at, command, debit };
  ledger.post([
    { ...common, credit: VENUE.clearing, amount: loss, kind: "liquidation" },
    { ...common, credit: VENUE.insurance, amount: rest, kind: "insurance" },
  ]);
  const realised = micros(-loss);
  store.positions.close(position.id, { at, by: "liquidation", exitPrice: mark, realised });
  journal.keepOwn({
    id: command,
    operation: "liquidate",
    agent: position.agent,
    at,
    amount: notional(position.quantity, mark),
    event: {
      type: "trade.liquidated",
      payload: {
        position_id: position.id,
        symbol: position.symbol,
        price: toGuideNumber(mark),
        margin_micros: toMicros(position.margin),
      },
    },
  });
}
