// Rows of breakers, whichever database they come from: the state is kept as one text.

import {
  type BreakerAudit,
  type BreakerState,
  type BreakerWish,
  decode,
  encode,
} from "@holdfast/core";

/** How much is told of what people have said. */
export const AUDIT_MAX = 100;

export function stateOf(
  row: Readonly<Record<string, unknown>> | undefined,
): BreakerState | undefined {
  return row === undefined ? undefined : (decode(String(row["state"])) as BreakerState);
}

export function textOfState(state: BreakerState): string {
  const told = Object.entries(state).filter(([, value]) => value !== undefined);
  return encode(Object.fromEntries(told));
}

export function auditOf(row: Readonly<Record<string, unknown>>): BreakerAudit {
  const { name, wish, actor, reason, at } = row;
  return {
    name: String(name),
    wish: String(wish) as BreakerWish,
    actor: String(actor),
    reason: String(reason),
    at: Number(at),
  };
}
