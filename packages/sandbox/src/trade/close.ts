// Closes positions at market, and liquidates those whose margin is used up.

import { type Usdc, micros } from "@holdfast/core";
import { type Json, type Outcome, refusal } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import { type Transfer, agentAccount, marginAccount } from "../ledger/ledger.ts";
import { positionTable } from "../store/positions.ts";
import { usd } from "./open.ts";
import { type Position, fee as feeOf, isLiquidated, notional, profit, slipped } from "./perpetual.ts";

interface Closed {
  readonly body: Json;
  readonly realised: Usdc;
  readonly fee: Usdc;
  readonly value: Usdc;
}

export function closePosition(positionId: string, context: Context): Outcome {
  const position = positionTable(context.database).get(positionId);
  if (position === undefined || position.agent !== context.agent) {
    return refusal(404, "unknown_position", `No position ${positionId} of this agent.`);
  }
  if (position.closed) return refusal(409, "position_closed", `Position ${positionId} is closed already.`);
  const closed = settle(position, context);
  return {
    status: 200,
    body: closed.body,
    effect: true,
    amount: closed.value,
    event: { type: "trade.closed", payload: { position_id: positionId } },
  };
}

export function closeAll(context: Context): Outcome {
  const closed = positionTable(context.database).open(context.agent).map((position) => settle(position, context));
  const realised = sum(closed.map((one) => one.realised));
  const fees = sum(closed.map((one) => one.fee));
  return {
    status: 200,
    body: {
      closed: closed.map(({ body }) => body),
      realized_pnl: usd(realised),
      realised_pnl_usdc: usd(realised),
      realised_pnl_micros: realised.toString(),
      fees_paid: usd(fees),
      fees_micros: fees.toString(),
    },
    // Even with nothing to close, the command was carried out: it counts as one effect of its business name.
    effect: true,
    amount: sum(closed.map((one) => one.value)),
    event: { type: "trade.closed-all", payload: { positions: closed.length } },
  };
}

/** Takes the margin of positions that the market has gone through. */
export function liquidate(context: Context): void {
  const table = positionTable(context.database);
  for (const position of table.open(context.agent)) {
    const pair = context.market.pair(position.symbol);
    if (pair === undefined) continue;
    const { mark } = context.market.quote(pair, context.at);
    if (!isLiquidated(position, mark, pair.leverageMax)) continue;
    const loss = min(micros(-profit(position, mark)), position.margin);
    const common = { agent: position.agent, subject: position.id, at: context.at, command: context.command };
    context.ledger.post([
      { ...common, debit: marginAccount(position.id), credit: "venue:clearing", amount: loss, kind: "liquidation" },
      { ...common, debit: marginAccount(position.id), credit: "venue:insurance", amount: micros(position.margin - loss), kind: "fee" },
    ]);
    table.close(position.id, context.at, mark, -loss);
  }
}

function settle(position: Position, context: Context): Closed {
  const pair = context.market.pair(position.symbol);
  if (pair === undefined) throw new Error(`Position ${position.id} is of an unknown pair.`);
  const quote = context.market.quote(pair, context.at);
  const long = position.side === "long";
  const base = long ? quote.bid : quote.ask;
  const price = slipped(base, notional(position.quantity, base), long ? "down" : "up");
  const value = notional(position.quantity, price);
  // Isolated margin: no position loses more than its own.
  const realised = max(profit(position, price), micros(-position.margin));
  const margin = marginAccount(position.id);
  const own = agentAccount(position.agent);
  const common = { agent: position.agent, subject: position.id, at: context.at, command: context.command };
  const transfers: Transfer[] = [];
  if (realised < 0n) {
    transfers.push({ ...common, debit: margin, credit: "venue:clearing", amount: micros(-realised), kind: "loss" });
  } else {
    transfers.push({ ...common, debit: "venue:clearing", credit: own, amount: realised, kind: "profit" });
  }
  const returned = realised < 0n ? micros(position.margin + realised) : position.margin;
  const fee = min(feeOf(value), micros(returned + max(realised, micros(0n))));
  transfers.push(
    { ...common, debit: margin, credit: own, amount: returned, kind: "margin-return" },
    { ...common, debit: own, credit: "venue:fees", amount: fee, kind: "fee" },
  );
  context.ledger.post(transfers);
  positionTable(context.database).close(position.id, context.at, price, realised);
  return {
    realised,
    fee,
    value,
    body: {
      position_id: position.id,
      symbol: position.symbol,
      exit_price: usd(price),
      exit_price_micros: price.toString(),
      realised_pnl_usdc: usd(realised),
      realized_pnl: usd(realised),
      realised_pnl_micros: realised.toString(),
      fee_micros: fee.toString(),
      status: "closed",
    },
  };
}

function sum(amounts: readonly Usdc[]): Usdc {
  return micros(amounts.reduce((total, amount) => total + amount, 0n));
}

function min(a: Usdc, b: Usdc): Usdc {
  return a < b ? a : b;
}

function max(a: Usdc, b: Usdc): Usdc {
  return a > b ? a : b;
}
