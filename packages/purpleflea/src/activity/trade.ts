// Activities that trade: open, close, close all, and what can be read of positions and prices.

import { type Activity, activity } from "@holdfast/core";
import { z } from "zod";
import { InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { CloseAllResponse, CloseResponse, OpenResponse } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const Order = z.object({
  symbol: z.string(),
  side: z.enum(["long", "short"]),
  sizeUsd: money(),
  leverage: z.number().int().min(1).max(50).optional(),
});

/** The receipt of an opened position. */
export const Fill = z.object({
  positionId: z.string(),
  symbol: z.string(),
  side: z.enum(["long", "short"]),
  entryPrice: money(),
  size: money(),
  margin: money(),
  fee: money(),
});

/** Opens a position at market. `total` (default 5 min) says how late it may still be filled. */
export const openPosition: Activity<z.input<typeof Order>, z.output<typeof Fill>> = activity({
  name: "purpleflea.openPosition",
  input: Order,
  output: Fill,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "5m", attempt: "10s" },
  failures: [InsufficientFunds],
  run: async (order, a) => filled(await a.use(purpleFlea).trade.open(order)),
  reconcile: (_order, a) => byKey(a, OpenResponse, filled),
});

function filled(answer: z.output<typeof OpenResponse>): z.input<typeof Fill> {
  return {
    positionId: answer.position_id,
    symbol: answer.symbol,
    side: answer.side,
    entryPrice: answer.entry_price_micros,
    size: answer.size_micros,
    margin: answer.margin_micros,
    fee: answer.fee_micros,
  };
}

/** The receipt of a closed position. */
export const Closed = z.object({
  positionId: z.string(),
  exitPrice: money(),
  realised: money(),
  fee: money(),
});

/** Closes one position at market. */
export const closePosition: Activity<{ positionId: string }, z.output<typeof Closed>> = activity({
  name: "purpleflea.closePosition",
  input: z.object({ positionId: z.string() }),
  output: Closed,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "5m", attempt: "10s" },
  run: async ({ positionId }, a) => closed(await a.use(purpleFlea).trade.close(positionId)),
  reconcile: (_input, a) => byKey(a, CloseResponse, closed),
});

function closed(answer: z.output<typeof CloseResponse>): z.input<typeof Closed> {
  return {
    positionId: answer.position_id,
    exitPrice: answer.exit_price_micros,
    realised: answer.realised_pnl_micros,
    fee: answer.fee_micros,
  };
}

/** The receipt of closing everything. */
export const ClosedAll = z.object({ positions: z.number(), realised: money(), fees: money() });

/** Closes all positions at market; sent again, it answers as the first time. */
export const closeAllPositions: Activity<void, z.output<typeof ClosedAll>> = activity({
  name: "purpleflea.closeAllPositions",
  input: z.void(),
  output: ClosedAll,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "22h", attempt: "10s" },
  run: async (_input, a) => closedAll(await a.use(purpleFlea).trade.closeAll()),
  reconcile: (_input, a) => byKey(a, CloseAllResponse, closedAll),
});

function closedAll(answer: z.output<typeof CloseAllResponse>): z.input<typeof ClosedAll> {
  return {
    positions: answer.closed.length,
    realised: answer.realised_pnl_micros,
    fees: answer.fees_micros,
  };
}

const Portfolio = z.object({
  available: money(),
  margin: money(),
  unrealised: money(),
  equity: money(),
  exposure: money(),
  positions: z.number(),
});

/** What the agent is worth now. */
export const getPortfolio: Activity<void, z.output<typeof Portfolio>> = activity({
  name: "purpleflea.getPortfolio",
  input: z.void(),
  output: Portfolio,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async (_input, a) => {
    const answer = await a.use(purpleFlea).portfolio();
    return {
      available: answer.available_micros,
      margin: answer.margin_micros,
      unrealised: answer.unrealised_pnl_micros,
      equity: answer.equity_micros,
      exposure: answer.exposure_micros,
      positions: answer.positions.length,
    };
  },
});

const Prices = z.array(z.object({ symbol: z.string(), price: money(), at: z.number() }));

/** Marks of all pairs. */
export const getPrices: Activity<void, z.output<typeof Prices>> = activity({
  name: "purpleflea.getPrices",
  input: z.void(),
  output: Prices,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async (_input, a) =>
    (await a.use(purpleFlea).market.prices()).map((pair) => ({
      symbol: pair.symbol,
      price: pair.price_micros,
      at: pair.timestamp_ms,
    })),
});
