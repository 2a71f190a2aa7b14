// The arithmetic of perpetual positions: isolated margin, fees, liquidation. Pure integers: prices are
// micro-USDC per whole unit, quantities 1e-8 of a unit. Charges round up, payouts down, to one micro-USDC.

import { type Usdc, micros } from "@holdfast/core";
import type { Position, Side } from "./position.ts";
import type { TradeRules } from "./rules.ts";

/** Quantities count in 1e-8 of the asset. */
export const QUANTITY_SCALE = 100_000_000n;
/** Largest order: a billion USDC. */
export const ORDER_MAX: Usdc = micros(1_000_000_000_000_000n);
export const PPM = 1_000_000n;

/** Value of a quantity at a price, rounded down. */
export function notional(quantity: bigint, price: Usdc): Usdc {
  return micros((quantity * price) / QUANTITY_SCALE);
}

/** Quantity that an amount buys at a price, rounded down. */
export function quantityFor(amount: Usdc, price: Usdc): bigint {
  return (amount * QUANTITY_SCALE) / price;
}

/** Fee for a fill of this value. */
export function feeFor(value: Usdc, feePpm: bigint): Usdc {
  return micros(divideUp(value * feePpm, PPM));
}

export function marginFor(value: Usdc, leverage: number): Usdc {
  return micros(divideUp(value, BigInt(leverage)));
}

/** Profit of a position at a price, rounded down; negative for a loss. */
export function profitAt(
  position: Pick<Position, "side" | "quantity" | "entryPrice">,
  price: Usdc,
): Usdc {
  const { side, quantity, entryPrice } = position;
  const move = side === "long" ? price - entryPrice : entryPrice - price;
  return micros(divideDown(quantity * move, QUANTITY_SCALE));
}

/** The entry price of two purchases together, rounded to the caller's disadvantage. */
export function averageEntry(
  side: Side,
  one: { readonly quantity: bigint; readonly price: Usdc },
  other: { readonly quantity: bigint; readonly price: Usdc },
): Usdc {
  const cost = one.quantity * one.price + other.quantity * other.price;
  const divide = side === "long" ? divideUp : divideDown;
  return micros(divide(cost, one.quantity + other.quantity));
}

/** Maintenance margin as a share of value, in millionths: half of the smallest initial margin. */
export function maintenancePpm(leverageMax: number): bigint {
  return PPM / BigInt(2 * leverageMax);
}

export interface Exposure {
  readonly side: Side;
  readonly quantity: bigint;
  readonly entryPrice: Usdc;
  readonly margin: Usdc;
}

/** The terms of a market under which a position is liquidated. */
export type Terms = Pick<TradeRules, "liquidation" | "takerFeePpm"> & {
  readonly leverageMax: number;
};

/**
 * The price at which a position is liquidated, never below zero. With the first formula that is
 * price − s·(margin − mmr·value) / quantity / (1 − mmr·s), s = 1 for long and −1 for short.
 *
 * @example
 * // entry 60,000, leverage 2, mmr 1 %: 30,303.0303 for a long, 89,108.9109 for a short
 */
export function liquidationPrice(exposure: Exposure, terms: Terms): Usdc {
  const { side, quantity, entryPrice, margin } = exposure;
  const isLong = side === "long";
  const cost = quantity * entryPrice;
  const bankrupt = isLong ? cost - margin * QUANTITY_SCALE : cost + margin * QUANTITY_SCALE;
  const shift = terms.liquidation === "bybit" ? cost * maintenancePpm(terms.leverageMax) : 0n;
  const value = bankrupt * PPM + (isLong ? shift : -shift);
  const price = (isLong ? divideUp : divideDown)(value, quantity * liquidationDivisor(side, terms));
  return micros(price < 0n ? 0n : price);
}

/** By how much, in millionths, a change of margin per unit is divided to give that of the liquidation price. */
export function liquidationDivisor(side: Side, terms: Terms): bigint {
  const { liquidation, takerFeePpm, leverageMax } = terms;
  if (liquidation === "bybit") return PPM;
  const kept = maintenancePpm(leverageMax) + (liquidation === "gate" ? takerFeePpm : 0n);
  return side === "long" ? PPM - kept : PPM + kept;
}

export function divideUp(value: bigint, by: bigint): bigint {
  return value <= 0n || value % by === 0n ? value / by : value / by + 1n;
}

export function divideDown(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}

export function smaller(a: Usdc, b: Usdc): Usdc {
  return a < b ? a : b;
}
