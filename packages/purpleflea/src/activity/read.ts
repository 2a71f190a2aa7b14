// Activities that read the market and the account. They have no effect and may be repeated freely.

import { type Activity, activity } from "@holdfast/core";
import { z } from "zod";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { CandleInterval, type Position as WirePosition } from "../wire/index.ts";

const Positions = z.array(
  z.object({
    positionId: z.string(),
    symbol: z.string(),
    side: z.enum(["long", "short"]),
    entryPrice: money(),
    markPrice: money(),
    /** Value at the mark. */
    size: money(),
    margin: money(),
    unrealised: money(),
  }),
);

/** The open positions, oldest first. */
export const getPositions: Activity<void, z.output<typeof Positions>> = activity({
  name: "purpleflea.getPositions",
  input: z.void(),
  output: Positions,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  observe: (positions) => [{ kind: "positions", positions: positions.map(held) }],
  run: async (_input, a) => (await a.use(purpleFlea).trade.positions()).map(listed),
});

function listed(position: WirePosition): z.input<typeof Positions>[number] {
  return {
    positionId: position.position_id,
    symbol: position.symbol,
    side: position.side,
    entryPrice: position.entry_price_micros,
    markPrice: position.mark_price_micros,
    size: position.size_micros,
    margin: position.margin_micros,
    unrealised: position.unrealised_pnl_micros,
  };
}

function held({ positionId: id, symbol, size }: z.output<typeof Positions>[number]) {
  return { id, symbol, notional: size };
}

const Portfolio = z.object({
  available: money(),
  margin: money(),
  unrealised: money(),
  equity: money(),
  exposure: money(),
  /** 0.15 when the equity is 15 % below its peak, as the venue reckons it. */
  drawdown: z.number(),
  /** Oldest first. */
  positions: Positions,
});

/** What the agent is worth now. */
export const getPortfolio: Activity<void, z.output<typeof Portfolio>> = activity({
  name: "purpleflea.getPortfolio",
  input: z.void(),
  output: Portfolio,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  observe: ({ equity, available, positions }) => [
    { kind: "equity", equity, available },
    { kind: "positions", positions: positions.map(held) },
  ],
  run: async (_input, a) => {
    const answer = await a.use(purpleFlea).portfolio();
    return {
      available: answer.available_micros,
      margin: answer.margin_micros,
      unrealised: answer.unrealised_pnl_micros,
      equity: answer.equity_micros,
      exposure: answer.exposure_micros,
      drawdown: answer.drawdown_fraction,
      positions: answer.positions.map(listed),
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
  observe: (prices) => prices.map(({ symbol, price, at }) => ({ kind: "mark", symbol, price, at })),
  run: async (_input, a) =>
    (await a.use(purpleFlea).market.prices()).map((pair) => ({
      symbol: pair.symbol,
      price: pair.price_micros,
      at: pair.timestamp_ms,
    })),
});

const CandlesInput = z.object({
  symbol: z.string(),
  interval: CandleInterval.optional(),
  since: z.number().int().min(0).optional(),
  until: z.number().int().min(0).optional(),
  limit: z.number().int().min(1).max(1_000).optional(),
});

const Candles = z.array(
  z.object({
    /** Its first millisecond, and the first after it. */
    at: z.number(),
    end: z.number(),
    open: money(),
    high: money(),
    low: money(),
    close: money(),
    /** In units of the asset. */
    volume: z.number(),
    /** True where nothing traded. */
    synthetic: z.boolean(),
  }),
);

/** Candles that are over, oldest first; without `since` the last ones. */
export const getCandles: Activity<
  z.input<typeof CandlesInput>,
  z.output<typeof Candles>
> = activity({
  name: "purpleflea.getCandles",
  input: CandlesInput,
  output: Candles,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async (request, a) =>
    (await a.use(purpleFlea).market.candles(request)).map((candle) => ({
      at: candle.timestamp_ms,
      end: candle.end_ms,
      open: candle.open_micros,
      high: candle.high_micros,
      low: candle.low_micros,
      close: candle.close_micros,
      volume: candle.volume,
      synthetic: candle.synthetic,
    })),
});
