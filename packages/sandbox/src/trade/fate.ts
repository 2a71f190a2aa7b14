// What a venue does to an order of its own will: decided before the transaction that carries the order out, and
// passed with its sender. Nothing of it is by the market's rules.

import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";

export interface Fate {
  /** Only this share of what would fill at once is filled, between 0 and 1. */
  readonly share?: number;
  /** The venue refuses, and says this. */
  readonly reject?: string;
  /** The cancelling is confirmed, and so many milliseconds later the order is filled all the same. */
  readonly fillAfterCancelMs?: number;
}

const SHARE_SCALE = 1_000_000;

/** What is left of a quantity that would fill at once. */
export function shareOf(quantity: bigint, { fate }: Pick<Context, "fate">): bigint {
  if (fate?.share === undefined) return quantity;
  return (quantity * BigInt(Math.floor(fate.share * SHARE_SCALE))) / BigInt(SHARE_SCALE);
}

type Carry<Command> = (command: Command, context: Context) => Outcome;

/** An operation that the venue may refuse by its own will. */
export function rejectable<Command>(carry: Carry<Command>): Carry<Command> {
  return (command, context) => {
    const { fate } = context;
    if (fate?.reject === undefined) return carry(command, context);
    const detail = `The venue rejects it: ${fate.reject}.`;
    return refused("order_rejected", detail, { reason: fate.reject });
  };
}
