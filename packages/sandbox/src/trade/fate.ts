// How an order's fate is carried out: what fills of it, and that it is refused.

import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";

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
