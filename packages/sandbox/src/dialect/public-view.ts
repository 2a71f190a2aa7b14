// Answers in the public servers' dialect of March 2026, from the venue's own answers and records.

import { micros } from "@holdfast/core";
import { toGuideNumber } from "@holdfast/purpleflea/wire";
import type { StoredFill, StoredRecord } from "../store/record-table.ts";
import { decimalQuantity } from "../trade/answer.ts";
import { notional } from "../trade/perpetual.ts";
import type { Position } from "../trade/position.ts";
import type { Fields, FrontRequest } from "./dialect.ts";

/** Records of positions in one answer, at most. */
const RECORDS_MAX = 50;

function coinOf(symbol: unknown): string {
  return String(symbol).replace(/-PERP$/u, "");
}

function usd(amount: bigint): number {
  return toGuideNumber(micros(amount));
}

/** The servers reckon in seconds. */
function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

export function opened(inner: Fields): Fields {
  return {
    position_id: inner["position_id"],
    order_id: inner["order_id"],
    coin: coinOf(inner["symbol"]),
    side: inner["side"],
    size_usd: inner["size_usd"],
    entry_price: inner["entry_price"],
    leverage: inner["leverage"],
    margin_used: inner["margin_used"],
    liquidation_price: inner["liquidation_price"],
    fee: inner["fee"],
    hl_order_id: inner["trade_id"],
    execution: "paper",
    status: "open",
  };
}

export function closed(inner: Fields): Fields {
  return {
    position_id: inner["position_id"],
    coin: coinOf(inner["symbol"]),
    exit_price: inner["exit_price"],
    pnl: inner["pnl"],
    fee: inner["fee"],
    hl_order_id: inner["position_id"],
    execution: "paper",
    status: "closed",
  };
}

/** The records, newest first. */
export function records({ venue, agent }: FrontRequest): Fields {
  const positions = venue.look(agent, ({ store }) => store.records.positions(agent, RECORDS_MAX));
  return { positions: positions.map(record), count: positions.length, source: "database" };
}

function record(stored: StoredRecord): Fields {
  const { id, symbol, side, quantity, entryPrice, closedBy, leverage } = stored;
  const status = closedBy === null ? "open" : closedBy === "liquidation" ? "liquidated" : "closed";
  return {
    id,
    coin: coinOf(symbol),
    side,
    sizeUsd: usd(notional(quantity, micros(entryPrice))),
    entryPrice: usd(entryPrice),
    leverage,
    marginUsed: usd(stored.margin),
    liquidationPrice: usd(stored.liquidationPrice),
    unrealizedPnl: status === "open" ? 0 : usd(stored.realised),
    status,
    openedAt: seconds(stored.openedAt),
  };
}

/** What the exchange holds: one net position for each coin. */
export function held({ venue, agent }: FrontRequest): Fields {
  return venue.look(agent, ({ store, market, at }) => {
    const nets = new Map<string, bigint>();
    for (const { symbol, side, quantity } of store.records.held(agent)) {
      nets.set(symbol, (nets.get(symbol) ?? 0n) + (side === "long" ? quantity : -quantity));
    }
    const open = store.records.positions(agent, RECORDS_MAX).filter((one) => one.closedBy === null);
    const positions = [...nets].flatMap(([symbol, net]) => {
      const pair = market.pair(symbol);
      if (net === 0n || pair === undefined) return [];
      const first = open.findLast((one) => one.symbol === symbol);
      const size = net < 0n ? -net : net;
      const entry = first?.entryPrice ?? market.quote(pair, at).mark;
      return [
        {
          position_id: first?.id ?? null,
          coin: coinOf(symbol),
          side: net > 0n ? "long" : "short",
          size: Number(decimalQuantity(size)),
          size_usd: usd(notional(size, micros(entry))),
          entry_price: usd(entry),
          current_price: usd(market.quote(pair, at).mark),
          leverage: first?.leverage ?? 1,
          margin_used: usd(first?.margin ?? 0n),
          liquidation_price: null,
          unrealized_pnl: 0,
        },
      ];
    });
    return { positions, count: positions.length, source: "hyperliquid" };
  });
}

/** Fills, newest first. */
export function fills({ venue, agent }: FrontRequest, limit: number): Fields {
  const trades = venue.look(agent, ({ store }) =>
    store.records.fills(agent, limit).flatMap((fill) => {
      const trade = fillOf(fill, (id) => store.positions.get(id)?.position);
      return trade === undefined ? [] : [trade];
    }),
  );
  return { trades, count: trades.length };
}

function fillOf(fill: StoredFill, find: (id: string) => Position | undefined): Fields | undefined {
  const body = JSON.parse(fill.body) as Fields;
  const position = find(String(body["position_id"]));
  const isOpening = fill.operation === "open";
  if (position === undefined) return undefined;
  const { side, quantity, entryPrice } = position;
  return {
    id: `trd_${fill.id}`,
    orderId: `ord_${fill.id}`,
    coin: coinOf(body["symbol"]),
    side: (side === "long") === isOpening ? "buy" : "sell",
    // A closing fill is said to be of the size that was opened.
    sizeUsd: usd(notional(quantity, entryPrice)),
    price: isOpening ? body["entry_price"] : body["exit_price"],
    fee: body["fee"],
    realizedPnl: isOpening ? 0 : body["pnl"],
    createdAt: seconds(fill.at),
  };
}

export function worth(inner: Fields): Fields {
  const { positions } = inner;
  const listed = Array.isArray(positions) ? (positions as readonly Fields[]) : [];
  return {
    summary: {
      open_positions: listed.length,
      total_exposure_usd: inner["total_exposure"],
      unrealized_pnl: inner["unrealized_pnl"],
    },
    positions: listed.map((one) => ({
      id: one["position_id"],
      coin: coinOf(one["symbol"]),
      side: one["side"],
      size_usd: one["size_usdc"],
      leverage: one["leverage"],
      entry_price: one["entry_price"],
      current_price: one["mark_price"],
      unrealized_pnl: one["unrealized_pnl"],
    })),
  };
}

export function prices(inner: Fields, { url, venue }: FrontRequest): Fields {
  const wanted = (url.searchParams.get("coins") ?? "").toUpperCase().split(",");
  const { pairs } = inner;
  const all = Array.isArray(pairs) ? (pairs as readonly Fields[]) : [];
  const found = all
    .map(({ symbol, price }) => ({ coin: coinOf(symbol), price }))
    .filter(({ coin }) => wanted.includes(coin));
  return {
    prices: found,
    count: found.length,
    timestamp: new Date(venue.clock.now()).toISOString(),
  };
}
