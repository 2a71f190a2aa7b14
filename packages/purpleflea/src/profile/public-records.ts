// What the public servers keep of an account: records of positions and fills, and what the exchange behind them
// holds. The record of a fill is written after it, so that the exchange's own word counts, too.

import { microsOf } from "./amount.ts";
import type { PositionRecord, ReadRaw, Records, TradeRecord } from "./dialect.ts";
import {
  type HeldAnswer,
  HistoryAnswer,
  PositionsAnswer,
  type RecordAnswer,
  RecordsAnswer,
  type TradeAnswer,
} from "./public-answer.ts";
import { symbolOf } from "./public-coin.ts";

/** Most that one answer lists. */
const LIMITS = { positions: 50, trades: 200 } as const;

export async function readRecords(read: ReadRaw): Promise<Records> {
  const { positions } = await read("/@trading/v1/trade/positions?status=all", RecordsAnswer);
  const { trades } = await read(`/@trading/v1/trade/history?limit=${LIMITS.trades}`, HistoryAnswer);
  const held = await read("/@trading/v1/trade/positions", PositionsAnswer);
  return {
    positions: positions.map(positionRecord),
    trades: trades.map(tradeRecord),
    limits: LIMITS,
    exposure: exposureOf(held.positions, held.source ?? ""),
  };
}

function positionRecord(row: RecordAnswer): PositionRecord {
  const { id, side, status, leverage, openedAt, liquidationPrice } = row;
  return {
    id,
    symbol: symbolOf(row.coin),
    side,
    status,
    sizeMicros: microsOf(row.sizeUsd),
    entryPriceMicros: microsOf(row.entryPrice),
    marginMicros: microsOf(row.marginUsed),
    liquidationPriceMicros:
      typeof liquidationPrice === "string" ? microsOf(liquidationPrice) : undefined,
    realisedMicros: status === "open" ? "0" : microsOf(row.unrealizedPnl ?? "0"),
    leverage,
    openedAt: openedAt * 1_000,
  };
}

function tradeRecord(row: TradeAnswer): TradeRecord {
  const { id, side, createdAt } = row;
  return {
    id,
    symbol: symbolOf(row.coin),
    side,
    sizeMicros: microsOf(row.sizeUsd),
    priceMicros: microsOf(row.price),
    feeMicros: microsOf(row.fee),
    realisedMicros: microsOf(row.realizedPnl),
    at: createdAt * 1_000,
  };
}

/** Sizes only: prices move by themselves. Another source says the same in another way, and counts as a change. */
function exposureOf(held: readonly HeldAnswer[], source: string): Records["exposure"] {
  const bySymbol = new Map<string, string[]>();
  for (const { coin, side, size, size_usd: sizeUsd, sizeUsd: recorded } of held) {
    const symbol = symbolOf(coin);
    const sizes = bySymbol.get(symbol) ?? [];
    sizes.push(`${side} ${size ?? recorded ?? sizeUsd ?? "?"}`);
    bySymbol.set(symbol, sizes);
  }
  const entries = [...bySymbol].map(
    ([symbol, sizes]) => [symbol, sizes.sort().join(", ")] as const,
  );
  return { source, ...Object.fromEntries(entries) };
}
