// The arithmetic of perpetual positions: isolated margin, fees, slippage, liquidation. Pure integers: prices
// are micro-USDC per whole unit, quantities 1e-8 of a unit. Charges round up, payouts down, to one micro-USDC.

import { type Usdc, micros } from "@holdfast/core";
import type { Position, Side } from "./position.ts";

/** Taker fee: 5 basis points. */
export const TAKER_FEE_PPM = 500n;
/** Quantities count in 1e-8 of the asset. */
export const QUANTITY_SCALE = 100_000_000n;
/** Largest order: a billion USDC. */
export const ORDER_MAX: Usdc = micros(1_000_000_000_000_000n);

const PPM = 1_000_000n;
/** A market order moves the price by one millionth for each 10,000 USDC. */
const SLIPPAGE_USDC_PER_PPM = 10_000_000_000n;

/** Value of a quantity at a price, rounded down. */
export function notional(quantity: bigint, price: Usdc): Usdc {
  return micros((quantity * price) / QUANTITY_SCALE);
}

/** Quantity that an amount buys at a price, rounded down. */
export function quantityFor(amount: Usdc, price: Usdc): bigint {
  return (amount * QUANTITY_SCALE) / price;
}

/** Fee for a fill of this value. */
export function takerFee(value: Usdc): Usdc {
  return micros(divideUp(value * TAKER_FEE_PPM, PPM));
}

export function marginFor(value: Usdc, leverage: number): Usdc {
  return micros(divideUp(value, BigInt(leverage)));
}

/** The price after a market order of this size has moved it. */
export function slipped(price: Usdc, amount: Usdc, direction: "up" | "down"): Usdc {
  const move = (price * amount) / (SLIPPAGE_USDC_PER_PPM * PPM);
  return micros(direction === "up" ? price + move : price - move);
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

/**
 * The price at which a position is liquidated: price − s·(margin − mmr·value) / quantity / (1 − mmr·s), with
 * s = 1 for long and −1 for short; never below zero.
 *
 * @example
 * // entry 60,000, leverage 2, mmr 1 %: 30,303.0303 for a long, 89,108.9109 for a short
 */
export function liquidationPrice(exposure: Exposure, leverageMax: number): Usdc {
  const { side, quantity, entryPrice, margin } = exposure;
  const mmr = maintenancePpm(leverageMax);
  const buffer = margin * PPM - mmr * notional(quantity, entryPrice);
  const divisor = side === "long" ? PPM - mmr : PPM + mmr;
  const move = (buffer * QUANTITY_SCALE) / (quantity * divisor);
  const price = side === "long" ? entryPrice - move : entryPrice + move;
  return micros(price < 0n ? 0n : price);
}

function divideUp(value: bigint, by: bigint): bigint {
  return value % by === 0n ? value / by : value / by + 1n;
}

function divideDown(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}
