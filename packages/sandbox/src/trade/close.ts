// Closes positions at market. Each settles in its own linked transfers, at the near side of the spread moved by
// its own size; no position loses more than its margin.

import { type Usdc, micros } from "@holdfast/core";
import { type CloseAllResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { type Transfer, VENUE, agentAccount, marginAccount } from "../ledger/ledger.ts";
import { type CloseAnswer, closeAnswer, total } from "./answer.ts";
import { notional, profitAt, slipped, takerFee } from "./perpetual.ts";
import type { ClosedBy, Position } from "./position.ts";

interface Settled {
  readonly body: CloseAnswer;
  readonly realised: Usdc;
  readonly fee: Usdc;
  readonly value: Usdc;
}

const NOTHING = micros(0n);

export function closePosition(positionId: string, context: Context): Outcome {
  const found = context.store.positions.get(positionId);
  if (found === undefined || found.position.agent !== context.agent) {
    return refused("unknown_position", `No position ${positionId} of this agent.`);
  }
  if (found.closedBy !== null) {
    const detail = `Position ${positionId} is closed already, by ${found.closedBy}.`;
    return refused("position_closed", detail, { closed_by: found.closedBy });
  }
  const { body, realised, value } = settle(found.position, "close", context);
  const payload = { position_id: positionId, realised_pnl_micros: toMicros(realised) };
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
  const settled = open.map((position) => settle(position, "close-all", context));
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
      payload: { positions: settled.length, realised_pnl_micros: toMicros(realised) },
    },
  };
}

function settle(position: Position, by: ClosedBy, context: Context): Settled {
  const { store, ledger, market, at } = context;
  const pair = market.pair(position.symbol);
  if (pair === undefined) throw new Error(`Position ${position.id} is of no known pair.`);
  const { bid, ask } = market.quote(pair, at);
  const near = position.side === "long" ? bid : ask;
  const moved = position.side === "long" ? "down" : "up";
  const exitPrice = slipped(near, notional(position.quantity, near), moved);
  const value = notional(position.quantity, exitPrice);
  const realised = larger(profitAt(position, exitPrice), micros(-position.margin));
  const loss = realised < 0n ? micros(-realised) : NOTHING;
  const gain = realised > 0n ? realised : NOTHING;
  const returned = micros(position.margin - loss);
  // A position that has lost everything pays what is left of the fee.
  const fee = smaller(takerFee(value), micros(returned + gain));
  ledger.post(closing(position, context, { loss, gain, returned, fee }));
  store.positions.close(position.id, { at, by, exitPrice, realised });
  return { realised, fee, value, body: closeAnswer(position, { exitPrice, realised, fee, at }) };
}

interface Amounts {
  readonly loss: Usdc;
  readonly gain: Usdc;
  readonly returned: Usdc;
  readonly fee: Usdc;
}

function closing(
  position: Position,
  { at, command }: Context,
  { loss, gain, returned, fee }: Amounts,
): readonly Transfer[] {
  const margin = marginAccount(position.id);
  const own = agentAccount(position.agent);
  const common = { agent: position.agent, subject: position.id, at, command };
  return [
    { ...common, debit: margin, credit: VENUE.clearing, amount: loss, kind: "loss" },
    { ...common, debit: VENUE.clearing, credit: own, amount: gain, kind: "profit" },
    { ...common, debit: margin, credit: own, amount: returned, kind: "margin-return" },
    { ...common, debit: own, credit: VENUE.fees, amount: fee, kind: "fee" },
  ];
}

function smaller(a: Usdc, b: Usdc): Usdc {
  return a < b ? a : b;
}

function larger(a: Usdc, b: Usdc): Usdc {
  return a > b ? a : b;
}
