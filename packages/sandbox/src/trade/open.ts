// Opens a position at market: margin and fee leave the agent's account in one step. Fills at the far side of
// the spread, moved by the order's own size, and no further than the book reaches.

import type { Usdc } from "@holdfast/core";
import { QUANTITY_MAX, toMicros } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import { agentAccount } from "../ledger/ledger.ts";
import type { Market } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import type { OrderSize, TradeCommand } from "./command.ts";
import { openAnswer } from "./answer.ts";
import { type Fill, farSide, marketFill } from "./book.ts";
import { shareOf } from "./fate.ts";
import { grow } from "./grow.ts";
import { ORDER_MAX, feeFor, marginFor, notional, quantityFor } from "./perpetual.ts";

type OpenCommand = Extract<TradeCommand, { operation: "open" }>;

export function openPosition(command: OpenCommand, context: Context): Outcome {
  const { ledger, market, agent } = context;
  const { symbol, side, leverage } = command;
  const pair = tradable(symbol, leverage, market);
  if ("kind" in pair) return pair;
  const filled = fill(command, pair, context);
  if ("kind" in filled) return filled;
  const value = notional(filled.quantity, filled.price);
  const margin = marginFor(value, leverage);
  const fee = feeFor(value, context.rules.takerFeePpm);
  const payer = agentAccount(agent);
  const poor = unaffordable(margin + fee, ledger.balance(payer));
  if (poor !== undefined) return poor;
  const purchase = { pair, side, leverage, fill: filled, margin, fee, payer };
  const position = grow(undefined, purchase, context);
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

/** Why an order cannot be paid for; undefined where it can. */
export function unaffordable(needed: bigint, available: Usdc): Refused | undefined {
  if (available >= needed) return undefined;
  return refused("insufficient_funds", "The order needs more than is available.", {
    needed_micros: needed.toString(),
    available_micros: toMicros(available),
  });
}

/** The price and quantity of a fill at market, or why there is none. */
function fill({ size, side }: OpenCommand, pair: Pair, context: Context): Fill | Refused {
  const { market, at } = context;
  const quote = market.quote(pair, at);
  const asked = quantityOf(size, farSide(quote, side));
  if (typeof asked !== "bigint") return asked;
  const found = marketFill(quote, side, asked);
  if (size.kind === "quantity") return sized(found, context);
  // The fill has moved the price: so much less is bought for the same amount.
  const bought = quantityFor(size.amount, found.price);
  const quantity = bought < found.quantity ? bought : found.quantity;
  return sized({ ...found, quantity }, context);
}

function sized({ price, quantity: found }: Fill, context: Context): Fill | Refused {
  const quantity = shareOf(found, context);
  return isTooSmall(quantity, price) ? tooSmall() : { price, quantity };
}

/** What a size comes to at a price, in 1e-8 of the asset. */
export function quantityOf(size: OrderSize, price: Usdc): bigint | Refused {
  // In plain integers first: a product of two extremes does not fit an amount.
  const most = quantityFor(ORDER_MAX, price);
  const asked = size.kind === "quantity" ? size.quantity : quantityFor(size.amount, price);
  if (asked > most || asked > QUANTITY_MAX) {
    return refused("size_too_large", `An order is worth at most ${ORDER_MAX} micro-USDC.`);
  }
  return isTooSmall(asked, price) ? tooSmall() : asked;
}

function isTooSmall(quantity: bigint, price: Usdc): boolean {
  return quantity === 0n || notional(quantity, price) === 0n;
}

function tooSmall(): Refused {
  const detail = "The order is worth less than one micro-USDC or buys less than 1e-8.";
  return refused("size_too_small", detail);
}

/** The pair of an order, or why it takes none. */
export function tradable(symbol: string, leverage: number, market: Market): Pair | Refused {
  const pair = market.pair(symbol);
  if (pair === undefined) {
    const known = market.pairs.map((one) => one.symbol).join(", ");
    return refused("unknown_symbol", `No pair ${symbol}; there are ${known}.`);
  }
  if (leverage <= pair.leverageMax) return pair;
  const detail = `Leverage of ${pair.symbol} is at most ${pair.leverageMax}.`;
  return refused("leverage_too_high", detail);
}
