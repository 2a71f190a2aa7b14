// What an order gets from the book: a fill moves the price by one millionth for each `depth` of its value, so
// that a limit is filled as far as its price reaches, and the rest waits.

import { type Usdc, micros } from "@holdfast/core";
import type { Quote } from "../market/market.ts";
import { PPM, notional, quantityFor, smaller } from "./perpetual.ts";
import type { Side } from "./position.ts";

/** The book ends here: no order at market moves the price by more than 5 %. */
const REACH_PPM = 50_000n;

export interface Fill {
  readonly price: Usdc;
  /** In 1e-8 of the asset; 0 where there is none. */
  readonly quantity: bigint;
}

/** The price at which the book begins for a buyer (long) or a seller (short). */
export function farSide({ ask, bid }: Quote, side: Side): Usdc {
  return side === "long" ? ask : bid;
}

/** The price after a fill of this value has moved it; 5 % away at most. */
export function slipped(quote: Quote, side: Side, value: Usdc): Usdc {
  const price = farSide(quote, side);
  const most = (price * REACH_PPM) / PPM;
  const move = (price * value) / (quote.depth * PPM);
  const bounded = move < most ? move : most;
  return micros(side === "long" ? price + bounded : price - bounded);
}

/** An order at market: all of it, or as much as the book holds. */
export function marketFill(quote: Quote, side: Side, quantity: bigint): Fill {
  const far = farSide(quote, side);
  const most = quantityFor(micros(quote.depth * REACH_PPM), far);
  const filled = quantity < most ? quantity : most;
  return { price: slipped(quote, side, notional(filled, far)), quantity: filled };
}

/** The part of a limit order that meets the book when it is placed: no fill is worse than the limit. */
export function crossingFill(quote: Quote, side: Side, quantity: bigint, limit: Usdc): Fill {
  const far = farSide(quote, side);
  const room = side === "long" ? limit - far : far - limit;
  if (room <= 0n) return { price: limit, quantity: 0n };
  const reach = (room * PPM) / far;
  const value = micros(quote.depth * (reach < REACH_PPM ? reach : REACH_PPM));
  const most = quantityFor(value, side === "long" ? limit : far);
  const filled = quantity < most ? quantity : most;
  const price = slipped(quote, side, notional(filled, far));
  const isBetter = side === "long" ? price <= limit : price >= limit;
  return { price: isBetter ? price : limit, quantity: filled };
}

/** What others give a resting limit order at its own price, once the book has come to it. */
export function restingFill(quote: Quote, side: Side, quantity: bigint, limit: Usdc): Fill {
  const far = farSide(quote, side);
  const through = side === "long" ? limit - far : far - limit;
  if (through < 0n) return { price: limit, quantity: 0n };
  const value = micros(
    quote.depth * smaller(micros(REACH_PPM), micros(1n + (through * PPM) / far)),
  );
  const most = quantityFor(value, limit);
  return { price: limit, quantity: quantity < most ? quantity : most };
}
