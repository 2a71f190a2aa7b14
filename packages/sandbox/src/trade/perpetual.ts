// The arithmetic of perpetual positions: isolated margin, fees, liquidation. Prices are micro-USDC per whole
// unit, quantities 1e-8 of a unit. Charges round up, payouts down, to one micro-USDC.

import { type Usdc, micros } from "@holdfast/core";

export type Side = "long" | "short";

export interface Position {
  readonly id: string;
  readonly agent: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: bigint;
  readonly entryPrice: Usdc;
  readonly margin: Usdc;
  readonly leverage: number;
  readonly openedAt: number;
  readonly ref: string | null;
}

/** Taker fee: 5 basis points. */
export const TAKER_FEE_PPM = 500n;
/** Quantities count in 1e-8 of the asset. */
export const QUANTITY_SCALE = 100_000_000n;
/** Slippage: one part per million of the price for each 10,000 USDC. */
const SLIPPAGE_USDC_PER_PPM = 10_000_000_000n;

/** Value of a quantity at a price, rounded down. */
export function notional(quantity: bigint, price: Usdc): Usdc {
  return micros((quantity * price) / QUANTITY_SCALE);
}

/** Quantity that an amount buys at a price, rounded down. */
export function quantityFor(amount: Usdc, price: Usdc): bigint {
  return (amount * QUANTITY_SCALE) / price;
}

export function fee(amount: Usdc): Usdc {
  return micros(divideUp(amount * TAKER_FEE_PPM, 1_000_000n));
}

export function marginFor(amount: Usdc, leverage: number): Usdc {
  return micros(divideUp(amount, BigInt(leverage)));
}

/** The price after a market order of this size has moved it. */
export function slipped(price: Usdc, amount: Usdc, direction: "up" | "down"): Usdc {
  const move = (price * (amount / SLIPPAGE_USDC_PER_PPM)) / 1_000_000n;
  return micros(direction === "up" ? price + move : price - move);
}

/** Profit of a position at a price, rounded down; negative for a loss. */
export function profit(position: Pick<Position, "side" | "quantity" | "entryPrice">, price: Usdc): Usdc {
  const move = position.side === "long" ? price - position.entryPrice : position.entryPrice - price;
  return micros(divideDown(position.quantity * move, QUANTITY_SCALE));
}

/** Maintenance margin as a share of value, in millionths: half of the smallest initial margin. */
export function maintenancePpm(leverageMax: number): bigint {
  return 1_000_000n / BigInt(2 * leverageMax);
}

/**
 * The price at which a position is liquidated: price − s·(margin − mmr·value) / quantity / (1 − mmr·s), with
 * s = 1 for long and −1 for short.
 *
 * @example
 * // entry 60,000, leverage 2, mmr 1 %: 30,303.0303 for a long
 */
export function liquidationPrice(
  position: Pick<Position, "side" | "quantity" | "entryPrice" | "margin">,
  leverageMax: number,
): Usdc {
  const mmr = maintenancePpm(leverageMax);
  const value = notional(position.quantity, position.entryPrice);
  const buffer = position.margin * 1_000_000n - mmr * value;
  const long = position.side === "long";
  const divisor = long ? 1_000_000n - mmr : 1_000_000n + mmr;
  const move = (buffer * QUANTITY_SCALE) / position.quantity / divisor;
  const price = long ? position.entryPrice - move : position.entryPrice + move;
  return micros(price < 0n ? 0n : price);
}

export function isLiquidated(position: Position, mark: Usdc, leverageMax: number): boolean {
  const price = liquidationPrice(position, leverageMax);
  return position.side === "long" ? mark <= price : mark >= price;
}

function divideUp(value: bigint, by: bigint): bigint {
  return value % by === 0n ? value / by : value / by + 1n;
}

function divideDown(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}
