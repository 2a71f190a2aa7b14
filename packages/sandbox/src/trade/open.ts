// Opens a position at market: margin and fee leave the agent's account in one step. Fills at the far side of
// the spread, moved by the order's own size.

import type { Usdc } from "@holdfast/core";
import { QUANTITY_MAX, toMicros } from "@holdfast/purpleflea/wire";
import type { Command } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import { VENUE, agentAccount, marginAccount } from "../ledger/ledger.ts";
import type { Pair } from "../market/pair.ts";
import { openAnswer } from "./answer.ts";
import {
  ORDER_MAX,
  liquidationPrice,
  marginFor,
  notional,
  quantityFor,
  slipped,
  takerFee,
} from "./perpetual.ts";
import type { Position } from "./position.ts";

type OpenCommand = Extract<Command, { operation: "open" }>;

export function openPosition(command: OpenCommand, context: Context): Outcome {
  const { store, ledger, market, at, agent } = context;
  const { symbol, side, leverage } = command;
  const pair = market.pair(symbol);
  if (pair === undefined) {
    const known = market.pairs.map((known) => known.symbol).join(", ");
    return refused("unknown_symbol", `No pair ${symbol}; there are ${known}.`);
  }
  if (leverage > pair.leverageMax) {
    const detail = `Leverage of ${pair.symbol} is at most ${pair.leverageMax}.`;
    return refused("leverage_too_high", detail);
  }
  const filled = fill(command, pair, context);
  if ("kind" in filled) return filled;
  const { price, quantity } = filled;
  const value = notional(quantity, price);
  const margin = marginFor(value, leverage);
  const fee = takerFee(value);
  const account = agentAccount(agent);
  const available = ledger.balance(account);
  const needed = margin + fee;
  if (available < needed) {
    return refused("insufficient_funds", "The order needs more than is available.", {
      needed_micros: needed.toString(),
      available_micros: toMicros(available),
    });
  }
  const exposure = { side, quantity, entryPrice: price, margin };
  const position: Position = {
    ...exposure,
    id: context.identities.id("pos", context.command),
    agent,
    symbol,
    liquidationPrice: liquidationPrice(exposure, pair.leverageMax),
    leverage,
    openedAt: at,
    ref: context.ref ?? null,
  };
  store.positions.insert(position);
  const common = { agent, subject: position.id, at, command: context.command, debit: account };
  ledger.post([
    { ...common, credit: marginAccount(position.id), amount: margin, kind: "margin" },
    { ...common, credit: VENUE.fees, amount: fee, kind: "fee" },
  ]);
  const body = openAnswer(position, fee, context.key);
  const payload = { position_id: position.id, symbol, side, size_micros: toMicros(value) };
  return {
    kind: "done",
    status: 200,
    body,
    agent,
    amount: value,
    event: { type: "trade.opened", payload },
  };
}

/** The price and quantity of a fill at market, or why there is none. */
function fill(
  { size, side }: OpenCommand,
  pair: Pair,
  { market, at }: Context,
): { readonly price: Usdc; readonly quantity: bigint } | Refused {
  const { bid, ask } = market.quote(pair, at);
  const far = side === "long" ? ask : bid;
  // Checked in plain integers first: a product of two extremes does not fit an amount.
  const most = quantityFor(ORDER_MAX, far);
  const amount = size.kind === "value" ? size.amount : undefined;
  const asked = size.kind === "quantity" ? size.quantity : quantityFor(size.amount, far);
  if (asked > most || asked > QUANTITY_MAX) {
    return refused("size_too_large", `An order is worth at most ${ORDER_MAX} micro-USDC.`);
  }
  const price = slipped(far, notional(asked, far), side === "long" ? "up" : "down");
  const quantity = amount === undefined ? asked : quantityFor(amount, price);
  if (quantity === 0n || notional(quantity, price) === 0n) {
    const detail = "The order is worth less than one micro-USDC or buys less than 1e-8.";
    return refused("size_too_small", detail);
  }
  return { price, quantity };
}
