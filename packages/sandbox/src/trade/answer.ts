// Positions and their endings in the words of the wire: exact fields, and beside them what the callers of the
// published guides read.

import { type Usdc, micros } from "@holdfast/core";
import {
  type CloseResponse,
  type OpenResponse,
  type Position as WirePosition,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { QUANTITY_SCALE, notional } from "./perpetual.ts";
import type { Position } from "./position.ts";

export type OpenAnswer = z.input<typeof OpenResponse>;
export type CloseAnswer = z.input<typeof CloseResponse>;
export type PositionAnswer = z.input<typeof WirePosition>;

export function openAnswer(position: Position, fee: Usdc, key: string | undefined): OpenAnswer {
  const { id, symbol, side, quantity, entryPrice, margin, leverage } = position;
  const value = notional(quantity, entryPrice);
  const number = id.slice(id.indexOf("_") + 1);
  return {
    position_id: id,
    order_id: `order_${number}`,
    trade_id: `trade_${number}`,
    client_order_id: key ?? null,
    ...symbolFields(symbol),
    side,
    direction: side,
    entry_price_micros: toMicros(entryPrice),
    entry_price: toGuideNumber(entryPrice),
    size_micros: toMicros(value),
    size_usd: toGuideNumber(value),
    size_usdc: toGuideNumber(value),
    quantity: decimalQuantity(quantity),
    qty: Number(decimalQuantity(quantity)),
    margin_micros: toMicros(margin),
    margin_used: toGuideNumber(margin),
    fee_micros: toMicros(fee),
    fee: toGuideNumber(fee),
    fee_usdc: toGuideNumber(fee),
    leverage,
    liquidation_price_micros: toMicros(position.liquidationPrice),
    liquidation_price: toGuideNumber(position.liquidationPrice),
    status: "open",
    ts: position.openedAt,
  };
}

export interface Ending {
  readonly exitPrice: Usdc;
  readonly realised: Usdc;
  readonly fee: Usdc;
  /** Paid with it; negative where it was received. */
  readonly funding: Usdc;
  readonly at: number;
}

export function closeAnswer({ id, symbol }: Position, ending: Ending): CloseAnswer {
  const { exitPrice, realised, fee, funding, at } = ending;
  return {
    position_id: id,
    symbol,
    exit_price_micros: toMicros(exitPrice),
    exit_price: toGuideNumber(exitPrice),
    realised_pnl_micros: toMicros(realised),
    realised_pnl_usdc: toGuideNumber(realised),
    realized_pnl_usd: toGuideNumber(realised),
    pnl: toGuideNumber(realised),
    fee_micros: toMicros(fee),
    fee: toGuideNumber(fee),
    fee_usdc: toGuideNumber(fee),
    funding_micros: toMicros(funding),
    funding: toGuideNumber(funding),
    status: "closed",
    ts: at,
  };
}

export interface Valued {
  readonly position: Position;
  readonly mark: Usdc;
  readonly value: Usdc;
  readonly unrealised: Usdc;
  /** With the funding that is due. */
  readonly margin: Usdc;
  readonly liquidationPrice: Usdc;
  /** Due since it was settled last; negative where it is received. */
  readonly funding: Usdc;
}

export function positionAnswer(valued: Valued): PositionAnswer {
  const { position, mark, value, unrealised, margin, liquidationPrice, funding } = valued;
  const { side, entryPrice } = position;
  return {
    position_id: position.id,
    ...symbolFields(position.symbol),
    side,
    direction: side,
    quantity: decimalQuantity(position.quantity),
    entry_price_micros: toMicros(entryPrice),
    entry_price: toGuideNumber(entryPrice),
    mark_price_micros: toMicros(mark),
    mark_price: toGuideNumber(mark),
    size_micros: toMicros(value),
    size_usdc: toGuideNumber(value),
    margin_micros: toMicros(margin),
    margin_used: toGuideNumber(margin),
    unrealised_pnl_micros: toMicros(unrealised),
    unrealised_pnl_usdc: toGuideNumber(unrealised),
    unrealized_pnl: toGuideNumber(unrealised),
    liquidation_price_micros: toMicros(liquidationPrice),
    liquidation_price: toGuideNumber(liquidationPrice),
    funding_micros: toMicros(funding),
    funding: toGuideNumber(funding),
    leverage: position.leverage,
    opened_at: new Date(position.openedAt).toISOString(),
    ref: position.ref,
  };
}

export function total(amounts: readonly Usdc[]): Usdc {
  return micros(amounts.reduce((sum, amount) => sum + amount, 0n));
}

/** A quantity as an exact decimal, in units of the asset. */
export function decimalQuantity(quantity: bigint): string {
  const fraction = (quantity % QUANTITY_SCALE).toString().padStart(8, "0");
  return `${quantity / QUANTITY_SCALE}.${fraction}`;
}

export function symbolFields(symbol: string): { symbol: string; pair: string; asset: string } {
  return { symbol, pair: symbol, asset: symbol.slice(0, symbol.indexOf("-")) };
}
