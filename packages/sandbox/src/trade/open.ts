// Opens a position at market: margin and fee leave the agent's account in one step.

import { type Usdc, formatUsdc, micros } from "@holdfast/core";
import { type Command, type Outcome, refusal } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import { agentAccount, marginAccount } from "../ledger/ledger.ts";
import { positionTable } from "../store/positions.ts";
import {
  QUANTITY_SCALE,
  fee as feeOf,
  liquidationPrice,
  marginFor,
  notional,
  quantityFor,
  slipped,
} from "./perpetual.ts";

export function openPosition(command: Command & { readonly operation: "open" }, context: Context): Outcome {
  const { ledger, market, at, agent } = context;
  const pair = market.pair(command.symbol);
  if (pair === undefined) {
    return refusal(422, "unknown_symbol", `No pair ${command.symbol}; there are ${market.pairs.map(({ symbol }) => symbol).join(", ")}.`);
  }
  if (command.leverage > pair.leverageMax) {
    return refusal(422, "leverage_too_high", `Leverage of ${pair.symbol} is at most ${pair.leverageMax}.`);
  }
  const quote = market.quote(pair, at);
  const long = command.side === "long";
  const side = long ? quote.ask : quote.bid;
  const wanted = command.size.kind === "value" ? command.size.amount : notional(command.size.quantity, side);
  const price = slipped(side, wanted, long ? "up" : "down");
  const quantity = command.size.kind === "value" ? quantityFor(command.size.amount, price) : command.size.quantity;
  const value = notional(quantity, price);
  if (value < 1n) return refusal(422, "size_too_small", "The order is worth less than one micro-USDC.");
  const margin = marginFor(value, command.leverage);
  const fee = feeOf(value);
  const available = ledger.balance(agentAccount(agent));
  if (available < margin + fee) {
    return refusal(402, "insufficient_funds", "The order needs more than is available.", {
      needed_micros: (margin + fee).toString(),
      available_micros: available.toString(),
    });
  }
  const id = context.newId("pos");
  const position = { id, agent, symbol: pair.symbol, side: command.side, quantity, entryPrice: price, margin, leverage: command.leverage, openedAt: at, ref: context.ref ?? null };
  positionTable(context.database).insert(position);
  const common = { agent, subject: id, at, command: context.command };
  ledger.post([
    { ...common, debit: agentAccount(agent), credit: marginAccount(id), amount: margin, kind: "margin" },
    { ...common, debit: agentAccount(agent), credit: "venue:fees", amount: fee, kind: "fee" },
  ]);
  const liquidation = liquidationPrice(position, pair.leverageMax);
  return {
    status: 200,
    body: {
      position_id: id,
      order_id: `order_${id.slice("pos_".length)}`,
      symbol: pair.symbol,
      side: command.side,
      direction: command.side,
      entry_price: usd(price),
      entry_price_micros: price.toString(),
      size_usd: usd(value),
      size_usdc: usd(value),
      size_micros: value.toString(),
      quantity: decimalQuantity(quantity),
      margin_used: usd(margin),
      margin_micros: margin.toString(),
      fee: usd(fee),
      fee_micros: fee.toString(),
      leverage: command.leverage,
      liquidation_price: usd(liquidation),
      status: "open",
    },
    effect: true,
    amount: value,
    event: { type: "trade.opened", payload: { position_id: id, symbol: pair.symbol } },
  };
}

export function usd(amount: Usdc): number {
  return Number(formatUsdc(micros(amount)));
}

/** A quantity as a decimal of the asset. */
export function decimalQuantity(quantity: bigint): string {
  return `${quantity / QUANTITY_SCALE}.${(quantity % QUANTITY_SCALE).toString().padStart(8, "0")}`;
}
