// Answers of the public servers in the client's spelling.

import { microsOf, numberOf, quantityOf, valueOf } from "./amount.ts";
import type { CloseAnswer, HeldAnswer, OpenAnswer, TradeAnswer } from "./public-answer.ts";
import { symbolOf } from "./public-coin.ts";

export function openedOf(answer: OpenAnswer): Readonly<Record<string, unknown>> {
  const price = microsOf(answer.entry_price);
  const size = microsOf(answer.size_usd);
  const { liquidation_price: liquidation } = answer;
  return {
    position_id: answer.position_id,
    order_id: answer.order_id,
    symbol: symbolOf(answer.coin),
    side: answer.side,
    entry_price_micros: price,
    entry_price: numberOf(price),
    size_micros: size,
    quantity: quantityOf(size, price),
    margin_micros: microsOf(answer.margin_used),
    fee_micros: microsOf(answer.fee),
    leverage: answer.leverage,
    ...(typeof liquidation === "string" ? { liquidation_price_micros: microsOf(liquidation) } : {}),
    status: answer.status,
  };
}

export function closedOf(answer: CloseAnswer): Readonly<Record<string, unknown>> {
  const price = microsOf(answer.exit_price);
  const realised = microsOf(answer.pnl);
  return {
    position_id: answer.position_id,
    symbol: symbolOf(answer.coin),
    exit_price_micros: price,
    exit_price: numberOf(price),
    realised_pnl_micros: realised,
    realised_pnl_usdc: numberOf(realised),
    fee_micros: microsOf(answer.fee),
    status: answer.status,
  };
}

export function positionOf(held: HeldAnswer): Readonly<Record<string, unknown>> {
  const entry = microsOf(held.entry_price ?? held.entryPrice);
  const value = microsOf(held.size_usd ?? held.sizeUsd);
  const mark = typeof held.current_price === "string" ? microsOf(held.current_price) : entry;
  const quantity = quantityOf(value, entry);
  const unrealised = microsOf(held.unrealized_pnl ?? "0");
  const { liquidation_price: liquidation, openedAt } = held;
  return {
    // One that the exchange holds and the server has no record of cannot be closed by its id.
    position_id: held.position_id ?? held.id ?? `unrecorded:${held.coin}`,
    symbol: symbolOf(held.coin),
    side: held.side,
    quantity,
    entry_price_micros: entry,
    mark_price_micros: mark,
    size_micros: valueOf(quantity, mark),
    margin_micros: microsOf(held.margin_used ?? held.marginUsed ?? "0"),
    unrealised_pnl_micros: unrealised,
    unrealized_pnl: numberOf(unrealised),
    ...(typeof liquidation === "string" ? { liquidation_price_micros: microsOf(liquidation) } : {}),
    leverage: held.leverage ?? 1,
    ...(openedAt === undefined ? {} : { opened_at: new Date(openedAt * 1_000).toISOString() }),
  };
}

/** A fill as a change of the balance: what it has realised, less its fee. */
export function transactionOf(trade: TradeAnswer): Readonly<Record<string, unknown>> {
  const realised = microsOf(trade.realizedPnl);
  const amount = BigInt(realised) - BigInt(microsOf(trade.fee));
  const isEnding = BigInt(realised) !== 0n;
  return {
    id: trade.id,
    date: new Date(trade.createdAt * 1_000).toISOString(),
    kind: "trade",
    ...(typeof trade.orderId === "string" ? { subject: trade.orderId } : {}),
    amount_micros: amount.toString(),
    ...(isEnding ? { pnl_micros: realised, pnl_usdc: numberOf(realised) } : {}),
    ref: null,
  };
}
