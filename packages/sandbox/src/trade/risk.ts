// Positions under funding that is not settled yet: what their margin is now, and where they are liquidated.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import type { Pair } from "../market/pair.ts";
import { fundingOwed } from "./funding.ts";
import {
  PPM,
  QUANTITY_SCALE,
  type Terms,
  divideUp,
  liquidationDivisor,
  liquidationPrice,
  smaller,
} from "./perpetual.ts";
import type { Position, Side } from "./position.ts";

export function termsOf({ leverageMax }: Pair, { rules }: Pick<Context, "rules">): Terms {
  const { liquidation, takerFeePpm } = rules;
  return { liquidation, takerFeePpm, leverageMax };
}

/** Funding since it was settled last, at most the margin; negative where it is received. */
export function fundingDue(
  { side, quantity, fundingIndex, margin }: Position,
  index: bigint,
): Usdc {
  return smaller(fundingOwed(side, quantity, index - fundingIndex), margin);
}

export function marginNow(position: Position, index: bigint): Usdc {
  return micros(position.margin - fundingDue(position, index));
}

export function liquidationNow(position: Position, index: bigint, terms: Terms): Usdc {
  return liquidationPrice({ ...position, margin: marginNow(position, index) }, terms);
}

/** Whether a mark liquidates a position. */
export function isReached(side: Side, price: Usdc, mark: Usdc): boolean {
  return side === "long" ? mark <= price : mark >= price;
}

/**
 * A position's liquidation price less what the index has moved all of its side by: with the index of any later
 * instant it gives a price that the liquidation price then does not lie beyond.
 */
export function riskOf(position: Position, terms: Terms): bigint {
  const { side, quantity, liquidationPrice: price, fundingIndex } = position;
  const divisor = liquidationDivisor(side, terms);
  // Funding is rounded by position, by less than one micro-USDC.
  const rounding = divideUp(QUANTITY_SCALE * PPM, quantity * divisor) + 2n;
  const moved = fundingIndex / divisor;
  return side === "long" ? price - moved + rounding : price - moved - rounding;
}

/** The risk that a mark reaches under an index: see `riskOf`. */
export function riskAt(side: Side, mark: bigint, index: bigint, terms: Terms): bigint {
  return mark - index / liquidationDivisor(side, terms);
}
