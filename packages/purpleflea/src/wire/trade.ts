// Opening and closing positions: POST …/api/v1/trade, …/api/trade, …/api/trade/open, …/close, …/close-all.

import { z } from "zod";
import { Micros, RequestAmount } from "./money.ts";

/** Carriers of a key and of a business name, understood in every write's body. */
const carriers = {
  client_request_id: z.string().min(1).max(255).optional(),
  idempotency_key: z.string().min(1).max(255).optional(),
  ref: z.string().min(1).max(255).optional(),
};

const leverage = z.number().min(1).max(50).optional();
const side = z.enum(["long", "short"]);

/** The first guide's order: size in USD. */
export const TradeV1Request = z.object({ symbol: z.string(), side, size: RequestAmount, leverage, ...carriers });

/** The second guide's order: size in USDC. */
export const TradeOpenRequest = z.object({ pair: z.string(), direction: side, size_usdc: RequestAmount, leverage, ...carriers });

/** The fifth guide's order: size in units of the asset. */
export const TradeAssetRequest = z.object({
  asset: z.string(),
  size: z.number().positive(),
  side: side.optional(),
  direction: side.optional(),
  leverage,
  ...carriers,
});

export const CloseRequest = z.object({ position_id: z.string(), ...carriers });

export const CloseAllRequest = z.object({ ...carriers }).default({});

export const OpenResponse = z.object({
  position_id: z.string(),
  order_id: z.string(),
  symbol: z.string(),
  side,
  entry_price: z.number(),
  entry_price_micros: Micros,
  size_micros: Micros,
  quantity: z.string(),
  margin_micros: Micros,
  fee_micros: Micros,
  liquidation_price: z.number(),
  leverage: z.number(),
});

export const CloseResponse = z.object({
  position_id: z.string(),
  exit_price: z.number(),
  exit_price_micros: Micros,
  realised_pnl_usdc: z.number(),
  realised_pnl_micros: Micros,
  fee_micros: Micros,
});

export const CloseAllResponse = z.object({
  closed: z.array(CloseResponse),
  realized_pnl: z.number(),
  fees_paid: z.number(),
  realised_pnl_micros: Micros,
  fees_micros: Micros,
});

export const Position = z.object({
  position_id: z.string(),
  symbol: z.string(),
  side,
  quantity: z.string(),
  entry_price_micros: Micros,
  mark_price_micros: Micros,
  size_micros: Micros,
  margin_micros: Micros,
  unrealised_pnl_micros: Micros,
  unrealized_pnl: z.number(),
  leverage: z.number(),
  opened_at: z.string(),
});

export const PositionsResponse = z.object({ positions: z.array(Position) });
