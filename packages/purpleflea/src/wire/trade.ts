// Opening and closing positions. The guides have three dialects of one order; each opens a position of its own
// (there is no netting), which is closed by its id or together with all others.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount, RequestQuantity } from "./money.ts";

/** Highest leverage of any pair. */
export const LEVERAGE_MAX = 50;

const leverage = z.number().int().min(1).max(LEVERAGE_MAX).optional();
const side = z.enum(["long", "short"]);
const symbol = z.string().min(1).max(40);

/** POST /api/v1/trade, the first guide's order: `size` is its value in USD. Leverage is 1 where absent. */
export const TradeV1Request = z.object({
  symbol,
  side,
  size: RequestAmount,
  leverage,
  ...Carriers.shape,
});

/** POST /api/trade/open, the second guide's order: `size_usdc` is its value. */
export const TradeOpenRequest = z.object({
  pair: symbol,
  direction: side,
  size_usdc: RequestAmount,
  leverage,
  ...Carriers.shape,
});

/** POST /api/trade, the fifth guide's order: `size` is a quantity of the asset. Long where no side is named. */
export const TradeAssetRequest = z.object({
  asset: symbol,
  size: RequestQuantity,
  side: side.optional(),
  leverage,
  ...Carriers.shape,
});

/** POST /api/trade/close. */
export const CloseRequest = z.object({
  position_id: z.string().min(1).max(100),
  ...Carriers.shape,
});

/** POST /api/v1/trade/close-all; the body may be absent. */
export const CloseAllRequest = Carriers.default({});

export const OpenResponse = z.object({
  position_id: z.string(),
  order_id: z.string(),
  trade_id: z.string().optional(),
  client_order_id: z.string().nullable().optional(),
  /** "BTC-PERP", however the caller spelled it; `pair` and `asset` echo the caller. */
  symbol: z.string(),
  pair: z.string().optional(),
  asset: z.string().optional(),
  side,
  direction: side.optional(),
  entry_price_micros: Micros,
  entry_price: z.number(),
  /** Value of the position at its entry. */
  size_micros: Micros,
  size_usd: GuideNumber,
  size_usdc: GuideNumber,
  /** Exact decimal, in units of the asset. */
  quantity: z.string(),
  qty: GuideNumber,
  margin_micros: Micros,
  margin_used: GuideNumber,
  fee_micros: Micros,
  fee: GuideNumber,
  fee_usdc: GuideNumber,
  leverage: z.number(),
  liquidation_price_micros: Micros.optional(),
  liquidation_price: GuideNumber,
  status: z.string().optional(),
  /** Milliseconds since the epoch. */
  ts: z.number().optional(),
});

export const CloseResponse = z.object({
  position_id: z.string(),
  symbol: z.string().optional(),
  exit_price_micros: Micros,
  exit_price: z.number(),
  /** Before fees; never below minus the margin. */
  realised_pnl_micros: Micros,
  realised_pnl_usdc: z.number(),
  realized_pnl_usd: GuideNumber,
  pnl: GuideNumber,
  fee_micros: Micros,
  fee: GuideNumber,
  fee_usdc: GuideNumber,
  /** Funding settled with it, out of the margin; negative where it was received. */
  funding_micros: Micros.optional(),
  funding: GuideNumber,
  status: z.string().optional(),
  ts: z.number().optional(),
});

export const CloseAllResponse = z.object({
  closed: z.array(CloseResponse),
  errors: z.array(z.object({ position_id: z.string(), code: z.string() })).optional(),
  realised_pnl_micros: Micros,
  realised_pnl_usdc: GuideNumber,
  realized_pnl: z.number(),
  fees_micros: Micros,
  fees: GuideNumber,
  fees_paid: z.number(),
  fees_paid_usdc: GuideNumber,
});

export const Position = z.object({
  position_id: z.string(),
  symbol: z.string(),
  pair: z.string().optional(),
  asset: z.string().optional(),
  side,
  direction: side.optional(),
  quantity: z.string(),
  entry_price_micros: Micros,
  entry_price: GuideNumber,
  mark_price_micros: Micros,
  mark_price: GuideNumber,
  /** Value at the mark. */
  size_micros: Micros,
  size_usdc: GuideNumber,
  margin_micros: Micros,
  margin_used: GuideNumber,
  unrealised_pnl_micros: Micros,
  unrealised_pnl_usdc: GuideNumber,
  unrealized_pnl: z.number(),
  liquidation_price_micros: Micros.optional(),
  liquidation_price: GuideNumber,
  /** Due since it was settled last, and out of the margin already; negative where it is received. */
  funding_micros: Micros.optional(),
  funding: GuideNumber,
  leverage: z.number(),
  /** ISO 8601; absent where the venue does not say. */
  opened_at: z.string().optional(),
  ref: z.string().nullable().optional(),
});

/** GET /api/trade/positions: open positions, oldest first. */
export const PositionsResponse = z.object({ positions: z.array(Position) });

export type TradeV1Request = z.output<typeof TradeV1Request>;
export type TradeOpenRequest = z.output<typeof TradeOpenRequest>;
export type TradeAssetRequest = z.output<typeof TradeAssetRequest>;
export type CloseRequest = z.output<typeof CloseRequest>;
export type CloseAllRequest = z.output<typeof CloseAllRequest>;
export type OpenResponse = z.output<typeof OpenResponse>;
export type CloseResponse = z.output<typeof CloseResponse>;
export type CloseAllResponse = z.output<typeof CloseAllResponse>;
export type Position = z.output<typeof Position>;
export type PositionsResponse = z.output<typeof PositionsResponse>;
