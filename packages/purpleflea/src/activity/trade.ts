// Activities that trade: open, close, close all. Each is money: one effect for one decision.

import { type Activity, type ActivityContext, type Usdc, activity, micros } from "@holdfast/core";
import { z } from "zod";
import { InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { CloseAllResponse, CloseResponse, OpenResponse } from "../wire/index.ts";
import { closeEach, eachClosed } from "./close-each.ts";
import { type Ended, type Opened, closedBy, openedBy } from "./evidence.ts";
import { byRecords, isKeyless, keepBaseline } from "./keyless.ts";
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
  /** Where the venue takes the position away; null where it did not say. */
  liquidationPrice: money().nullable(),
});

/** Opens a position at market. `total` (default 5 min) says how late it may still be filled. */
export const executeTrade: Activity<
  z.input<typeof Order>,
  z.output<typeof Fill>,
  typeof InsufficientFunds
> = activity({
  name: "purpleflea.executeTrade",
  input: Order,
  output: Fill,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "5m", attempt: "10s" },
  failures: [InsufficientFunds],
  guard: ({ symbol, side, sizeUsd, leverage = 1 }) => ({
    operation: "trade.open",
    kind: "open",
    detail: side,
    amount: marginOf(sizeUsd, leverage),
    notional: sizeUsd,
    symbol,
    leverage,
  }),
  cost: ({ margin, fee }) => micros(margin + fee),
  observe: ({ positionId: id, symbol, size: notional }) => [
    { kind: "position", position: { id, symbol, notional } },
  ],
  run: async (order, a) => {
    if (isKeyless(a)) await keepBaseline(a);
    return filled(await a.use(purpleFlea).trade.open(order));
  },
  reconcile: ({ symbol, side, sizeUsd: size, leverage = 1 }, a) =>
    isKeyless(a)
      ? byRecords(
          a,
          ({ before, sentAt }, after) =>
            openedBy({ symbol: spelled(symbol, a), side, size, leverage, sentAt }, before, after),
          recorded,
        )
      : byKey(a, OpenResponse, filled),
});

/** Share of an order's size that a venue takes as its fee at most, in basis points. */
const FEE_BPS = 10n;

/** What an order may take: its margin, rounded up, and its fee. */
export function marginOf(size: Usdc, leverage: number): Usdc {
  const whole = BigInt(Math.max(1, Math.trunc(leverage)));
  return micros((size + whole - 1n) / whole + (size * FEE_BPS) / 10_000n);
}

function filled(answer: z.output<typeof OpenResponse>): z.input<typeof Fill> {
  return {
    positionId: answer.position_id,
    symbol: answer.symbol,
    side: answer.side,
    entryPrice: answer.entry_price_micros,
    size: answer.size_micros,
    margin: answer.margin_micros,
    fee: answer.fee_micros,
    liquidationPrice: answer.liquidation_price_micros ?? null,
  };
}

/** The pair as the venue's records spell it. */
function spelled(symbol: string, a: ActivityContext): string {
  return a.use(purpleFlea).profile.dialect?.symbol?.(symbol) ?? symbol;
}

/** The receipt from the venue's own record: the fee is that of its fill. */
function recorded({ position, fee }: Opened): z.input<typeof Fill> {
  return {
    positionId: position.id,
    symbol: position.symbol,
    side: position.side,
    entryPrice: micros(BigInt(position.entryPriceMicros)),
    size: micros(BigInt(position.sizeMicros)),
    margin: micros(BigInt(position.marginMicros)),
    fee: micros(BigInt(fee)),
    liquidationPrice:
      position.liquidationPriceMicros === undefined
        ? null
        : micros(BigInt(position.liquidationPriceMicros)),
  };
}

/** The receipt of a closed position. */
export const Closed = z.object({
  positionId: z.string(),
  exitPrice: money(),
  realised: money(),
  fee: money(),
  /** Settled with it, out of the margin; negative where it was received; absent where the venue did not say. */
  funding: money().optional(),
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
  guard: () => ({ operation: "trade.close", kind: "reduce", amount: micros(0) }),
  observe: ({ positionId: id }) => [{ kind: "position", position: { id, notional: micros(0) } }],
  run: async ({ positionId }, a) => {
    if (isKeyless(a)) await keepBaseline(a);
    return closed(await a.use(purpleFlea).trade.close(positionId));
  },
  reconcile: ({ positionId }, a) =>
    isKeyless(a)
      ? byRecords(a, ({ before }, after) => closedBy(positionId, before, after), closedAs)
      : byKey(a, CloseResponse, closed),
});

function closed(answer: z.output<typeof CloseResponse>): z.input<typeof Closed> {
  return {
    positionId: answer.position_id,
    exitPrice: answer.exit_price_micros,
    realised: answer.realised_pnl_micros,
    fee: answer.fee_micros,
    ...(answer.funding_micros === undefined ? {} : { funding: answer.funding_micros }),
  };
}

/** The receipt from the venue's own records. */
function closedAs({ position, fill }: Ended): z.input<typeof Closed> {
  return {
    positionId: position.id,
    exitPrice: micros(BigInt(fill.priceMicros)),
    realised: micros(BigInt(fill.realisedMicros)),
    fee: micros(BigInt(fill.feeMicros)),
  };
}

/** The receipt of closing everything. */
export const ClosedAll = z.object({
  positions: z.number(),
  /** Positions that the venue could not close: they are still open. */
  notClosed: z.number(),
  realised: money(),
  fees: money(),
});

/**
 * Closes all positions at market; sent again, it answers as the first time. `total` (default 2 min) says how late
 * it may still happen: a monitor that must get out, however late, asks for more.
 */
export const closeAllPositions: Activity<void, z.output<typeof ClosedAll>> = activity({
  name: "purpleflea.closeAllPositions",
  input: z.void(),
  output: ClosedAll,
  effect: "money",
  uses: { venue: purpleFlea },
  queue: "trading",
  timeouts: { total: "2m", attempt: "10s" },
  guard: () => ({ operation: "trade.closeAll", kind: "reduce", amount: micros(0) }),
  observe: ({ notClosed }) => (notClosed === 0 ? [{ kind: "positions", positions: [] }] : []),
  run: async (_input, a) =>
    isKeyless(a) ? closeEach(a) : closedAll(await a.use(purpleFlea).trade.closeAll()),
  reconcile: (_input, a) => (isKeyless(a) ? eachClosed(a) : byKey(a, CloseAllResponse, closedAll)),
});

function closedAll(answer: z.output<typeof CloseAllResponse>): z.input<typeof ClosedAll> {
  return {
    positions: answer.closed.length,
    notClosed: answer.errors?.length ?? 0,
    realised: answer.realised_pnl_micros,
    fees: answer.fees_micros,
  };
}
