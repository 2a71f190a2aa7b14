// Positions under funding that is not settled yet: what their margin is now, and where they are liquidated.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import type { Pair } from "../market/pair.ts";
import { fundingOwed } from "./funding.ts";
import { type Terms, liquidationDivisor, smaller } from "./perpetual.ts";
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

/** Where a position is liquidated now: funding moves the price that its settled margin gives. */
export function liquidationNow(position: Position, index: bigint, terms: Terms): Usdc {
  const moved = index / liquidationDivisor(position.side, terms);
  const price = riskOf(position, terms) + moved;
  return micros(price < 0n ? 0n : price);
}

/**
 * A position's liquidation price less what the index has moved all of its side by: it can be compared between
 * positions, and stays as it is while funding accrues.
 */
export function riskOf({ side, liquidationPrice, fundingIndex }: Position, terms: Terms): bigint {
  return liquidationPrice - fundingIndex / liquidationDivisor(side, terms);
}

/** The risk that a mark reaches under an index: see `riskOf`. */
export function riskAt(side: Side, mark: bigint, index: bigint, terms: Terms): bigint {
  return mark - index / liquidationDivisor(side, terms);
}
