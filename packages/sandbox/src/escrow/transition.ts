// How an escrow goes from one state to the next. Who may do it is decided before.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { end } from "./end.ts";
import type { Escrow } from "./escrow.ts";
import { type Change, tellSides } from "./told.ts";

/** The payee says that the work is done: the deadline no longer takes its money back. */
export function complete(escrow: Escrow, { store, at }: Context): Change {
  const changed: Escrow = { ...escrow, status: "completed", wasDone: true, changedAt: at };
  store.escrows.update(changed);
  store.timers.clear("escrow-deadline", escrow.id);
  return { escrow: changed, told: tellSides("escrow.completed", changed) };
}

/** From now on only the arbiter decides, or the payee gives it back. */
export function dispute(escrow: Escrow, reason: string, { store, at, terms }: Context): Change {
  const changed: Escrow = { ...escrow, status: "disputed", reason, changedAt: at };
  store.escrows.update(changed);
  store.timers.clear("escrow-deadline", escrow.id);
  if (terms.escrow.arbiterAfterMs !== null) {
    store.timers.set(at + terms.escrow.arbiterAfterMs, "escrow-arbiter", escrow.id);
  }
  return { escrow: changed, told: tellSides("escrow.disputed", changed) };
}

export type Decision =
  | { readonly kind: "release" }
  | { readonly kind: "refund" }
  | { readonly kind: "split"; readonly payee: Usdc };

/** The arbiter's decision on a disputed escrow. */
export function resolve(escrow: Escrow, decision: Decision, context: Context): Change {
  return end(escrow, paymentOf(escrow, decision), "resolve", context);
}

function paymentOf({ amount }: Escrow, decision: Decision): Usdc {
  switch (decision.kind) {
    case "release":
      return amount;
    case "refund":
      return micros(0n);
    case "split":
      return decision.payee;
  }
}

/** What the simulated arbiter decides. */
export function decisionOf(
  { amount, wasDone }: Escrow,
  { terms: { escrow: rules } }: Pick<Context, "terms">,
): Decision {
  switch (rules.arbiterDecides) {
    case "by-state":
      return { kind: wasDone ? "release" : "refund" };
    case "split":
      return { kind: "split", payee: micros(amount / 2n) };
    default:
      return { kind: rules.arbiterDecides };
  }
}
