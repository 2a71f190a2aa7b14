// What an agent is worth: available, reserved, margin, unrealised profit, and how far below its peak it stands. The
// drawdown is a ratio for people and comparisons, computed from exact amounts.

import { micros } from "@holdfast/core";
import { type PortfolioResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { agentAccount } from "../ledger/ledger.ts";
import { type PositionAnswer, type Valued, positionAnswer, total } from "./answer.ts";
import { notional, profitAt } from "./perpetual.ts";
import { fundingDue, liquidationNow, marginNow, termsOf } from "./risk.ts";

export type PortfolioAnswer = Omit<z.input<typeof PortfolioResponse>, "drawdown_pct">;

const PPM = 1_000_000n;

/** Open positions at the mark, oldest first. */
export function positions(context: Context): readonly PositionAnswer[] {
  return valued(context).map(positionAnswer);
}

/** The portfolio; remembers a new peak of the equity, which is the highest that was looked at. */
export function portfolio(context: Context): PortfolioAnswer {
  const held = valued(context);
  const available = context.ledger.balance(agentAccount(context.agent));
  const margin = total(held.map((one) => one.margin));
  const unrealised = total(held.map((one) => one.unrealised));
  const exposure = total(held.map(({ value }) => value));
  const reserved = context.store.orders.reserved(context.agent);
  const equity = micros(available + reserved + margin + unrealised);
  const known = context.store.agents.get(context.agent)?.peak ?? equity;
  const peak = equity > known ? equity : known;
  if (peak > known) context.store.agents.setPeak(context.agent, peak);
  const drawdown = peak <= 0n ? 0 : Number(((peak - equity) * PPM) / peak);
  return {
    positions: held.map(positionAnswer),
    available_micros: toMicros(available),
    available_usdc: toGuideNumber(available),
    reserved_micros: toMicros(reserved),
    reserved_usdc: toGuideNumber(reserved),
    margin_micros: toMicros(margin),
    margin_usdc: toGuideNumber(margin),
    unrealised_pnl_micros: toMicros(unrealised),
    unrealised_pnl_usdc: toGuideNumber(unrealised),
    unrealized_pnl: toGuideNumber(unrealised),
    equity_micros: toMicros(equity),
    equity_usdc: toGuideNumber(equity),
    peak_equity_micros: toMicros(peak),
    exposure_micros: toMicros(exposure),
    total_exposure: toGuideNumber(exposure),
    total_exposure_usdc: toGuideNumber(exposure),
    drawdown_fraction: drawdown / 1_000_000,
    drawdown_percent: drawdown / 10_000,
  };
}

function valued(context: Context): readonly Valued[] {
  const { store, market, funding, at, agent } = context;
  return store.positions.open(agent).flatMap((position) => {
    const pair = market.pair(position.symbol);
    if (pair === undefined) return [];
    const { mark } = market.quote(pair, at);
    const index = funding.at(pair, at);
    return [
      {
        position,
        mark,
        value: notional(position.quantity, mark),
        unrealised: profitAt(position, mark),
        margin: marginNow(position, index),
        liquidationPrice: liquidationNow(position, index, termsOf(pair, context)),
        funding: fundingDue(position, index),
      },
    ];
  });
}
