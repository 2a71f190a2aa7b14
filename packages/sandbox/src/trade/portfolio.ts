// What an agent is worth: balance, margin, unrealised profit, and how far below its peak it stands.

import { type Usdc, micros } from "@holdfast/core";
import type { Json } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import { agentAccount } from "../ledger/ledger.ts";
import { positionTable } from "../store/positions.ts";
import { decimalQuantity, usd } from "./open.ts";
import { type Position, notional, profit } from "./perpetual.ts";

interface Valued {
  readonly position: Position;
  readonly mark: Usdc;
  readonly value: Usdc;
  readonly unrealised: Usdc;
}

export function positions(context: Context): readonly Json[] {
  return valued(context).map(render);
}

/** The portfolio; remembers a new peak of the equity. */
export function portfolio(context: Context): Json {
  const held = valued(context);
  const available = context.ledger.balance(agentAccount(context.agent));
  const margin = total(held.map(({ position }) => position.margin));
  const unrealised = total(held.map((one) => one.unrealised));
  const equity = micros(available + margin + unrealised);
  const peak = rememberPeak(context, equity);
  const exposure = total(held.map(({ value }) => value));
  // Parts per million, rounded: a fraction for people and comparisons, not for arithmetic with money.
  const drawdown = peak <= 0n ? 0 : Number(((peak - equity) * 1_000_000n) / peak) / 1_000_000;
  return {
    positions: held.map(render),
    available_usdc: usd(available),
    available_micros: available.toString(),
    margin_usdc: usd(margin),
    margin_micros: margin.toString(),
    unrealized_pnl: usd(unrealised),
    unrealised_pnl_usdc: usd(unrealised),
    unrealised_pnl_micros: unrealised.toString(),
    equity_usdc: usd(equity),
    equity_micros: equity.toString(),
    peak_equity_micros: peak.toString(),
    total_exposure: usd(exposure),
    exposure_micros: exposure.toString(),
    drawdown_fraction: drawdown,
    drawdown_percent: drawdown * 100,
  };
}

function rememberPeak(context: Context, equity: Usdc): Usdc {
  const read = context.database.raw.prepare("SELECT peak FROM agent WHERE id = ?");
  read.setReadBigInts(true);
  const found = read.get(context.agent)?.["peak"];
  const peak = micros(typeof found === "bigint" ? found : 0n);
  if (equity <= peak) return peak;
  context.database.raw.prepare("UPDATE agent SET peak = ? WHERE id = ?").run(equity, context.agent);
  return equity;
}

function valued(context: Context): readonly Valued[] {
  return positionTable(context.database)
    .open(context.agent)
    .flatMap((position) => {
      const pair = context.market.pair(position.symbol);
      if (pair === undefined) return [];
      const { mark } = context.market.quote(pair, context.at);
      return [{ position, mark, value: notional(position.quantity, mark), unrealised: profit(position, mark) }];
    });
}

function render({ position, mark, value, unrealised }: Valued): Json {
  return {
    position_id: position.id,
    symbol: position.symbol,
    pair: position.symbol,
    side: position.side,
    direction: position.side,
    quantity: decimalQuantity(position.quantity),
    entry_price: usd(position.entryPrice),
    entry_price_micros: position.entryPrice.toString(),
    mark_price: usd(mark),
    mark_price_micros: mark.toString(),
    size_usdc: usd(value),
    size_micros: value.toString(),
    margin_micros: position.margin.toString(),
    unrealized_pnl: usd(unrealised),
    unrealised_pnl_micros: unrealised.toString(),
    leverage: position.leverage,
    opened_at: new Date(position.openedAt).toISOString(),
    ref: position.ref,
  };
}

function total(amounts: readonly Usdc[]): Usdc {
  return micros(amounts.reduce((sum, amount) => sum + amount, 0n));
}
