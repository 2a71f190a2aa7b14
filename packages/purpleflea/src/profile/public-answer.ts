// Answers of the public servers, each JSON number as the text of its digits. What is not read is not named.

import { z } from "zod";

/** The digits of a JSON number. */
const Amount = z.string();
const side = z.enum(["long", "short"]);
const leverage = z.coerce.number();
/** Seconds since the epoch. */
const seconds = z.coerce.number().int();

export const RegisterAnswer = z.object({ agent_id: z.string(), api_key: z.string() });
export const ClaimAnswer = z.object({ credited: Amount, claim_id: z.string() });
export const BalanceAnswer = z.object({ agent_id: z.string(), balance_usd: Amount });

/** POST /v1/trade/open. The size is that of the fill. */
export const OpenAnswer = z.object({
  position_id: z.string(),
  order_id: z.string(),
  coin: z.string(),
  side,
  size_usd: Amount,
  entry_price: Amount,
  leverage,
  margin_used: Amount,
  liquidation_price: Amount.nullable().optional(),
  fee: Amount,
  status: z.string().optional(),
});

/** POST /v1/trade/close. */
export const CloseAnswer = z.object({
  position_id: z.string(),
  coin: z.string(),
  exit_price: Amount,
  pnl: Amount,
  fee: Amount,
  status: z.string().optional(),
});

/**
 * GET /v1/trade/positions: what the exchange holds, netted by coin, or the server's own records where it cannot be
 * asked. A position of the exchange without a record has no id.
 */
export const PositionsAnswer = z.object({
  positions: z.array(
    z.object({
      position_id: z.string().nullable().optional(),
      id: z.string().optional(),
      coin: z.string(),
      side,
      /** In units of the coin. */
      size: Amount.optional(),
      size_usd: Amount.optional(),
      sizeUsd: Amount.optional(),
      entry_price: Amount.optional(),
      entryPrice: Amount.optional(),
      current_price: Amount.nullable().optional(),
      margin_used: Amount.optional(),
      marginUsed: Amount.optional(),
      liquidation_price: Amount.nullable().optional(),
      unrealized_pnl: Amount.optional(),
      leverage: leverage.optional().catch(undefined),
      openedAt: seconds.optional(),
    }),
  ),
  source: z.string().optional(),
});

/** GET /v1/trade/positions?status=all: the server's own records, newest first, at most 50. */
export const RecordsAnswer = z.object({
  positions: z.array(
    z.object({
      id: z.string(),
      coin: z.string(),
      side,
      sizeUsd: Amount,
      entryPrice: Amount,
      leverage,
      marginUsed: Amount,
      liquidationPrice: Amount.nullable().optional(),
      /** Of a closed one, what it has realised. */
      unrealizedPnl: Amount.optional(),
      status: z.enum(["open", "closed", "liquidated"]),
      openedAt: seconds,
    }),
  ),
});

/** GET /v1/trade/history: fills, newest first, at most 200. */
export const HistoryAnswer = z.object({
  trades: z.array(
    z.object({
      id: z.string(),
      orderId: z.string().nullable().optional(),
      coin: z.string(),
      side: z.enum(["buy", "sell"]),
      sizeUsd: Amount,
      price: Amount,
      fee: Amount,
      realizedPnl: Amount,
      createdAt: seconds,
    }),
  ),
});

/** GET /v1/markets/multi-price. */
export const PricesAnswer = z.object({
  prices: z.array(z.object({ coin: z.string(), price: Amount.nullable() })),
  timestamp: z.string(),
});

export type OpenAnswer = z.output<typeof OpenAnswer>;
export type CloseAnswer = z.output<typeof CloseAnswer>;
export type HeldAnswer = z.output<typeof PositionsAnswer>["positions"][number];
export type RecordAnswer = z.output<typeof RecordsAnswer>["positions"][number];
export type TradeAnswer = z.output<typeof HistoryAnswer>["trades"][number];
