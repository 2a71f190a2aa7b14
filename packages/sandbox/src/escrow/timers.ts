// What the venue does with escrows by itself: gives back what is still locked at its deadline, and decides
// disputes.

import { micros } from "@holdfast/core";
import type { Context, OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import { type Refused, refused } from "../command/outcome.ts";
import { end } from "./end.ts";
import type { Escrow } from "./escrow.ts";
import { type Change, keepDeed } from "./told.ts";
import { type Decision, decisionOf, resolve } from "./transition.ts";

export const escrowTimers = {
  "escrow-deadline"(id: string, own: OwnContext, journal: Journal): void {
    byItself(id, "expire-escrow", own, journal, (escrow, context) =>
      escrow.status === "locked" ? end(escrow, micros(0n), "expiry", context) : undefined,
    );
  },
  "escrow-arbiter"(id: string, own: OwnContext, journal: Journal): void {
    byItself(id, "resolve-escrow", own, journal, (escrow, context) =>
      escrow.status === "disputed"
        ? resolve(escrow, decisionOf(escrow, context), context)
        : undefined,
    );
  },
} as const;

/** The arbiter's decision, as the controls give it: the escrow after it, or why there is nothing to decide. */
export function arbitrate(
  id: string,
  decision: Decision,
  own: OwnContext,
  journal: Journal,
): Escrow | Refused {
  const escrow = own.store.escrows.get(id);
  if (escrow === undefined) return refused("unknown_escrow", `No escrow ${id} at this venue.`);
  if (escrow.status !== "disputed") {
    const detail = `Cannot decide on escrow ${id}: it is ${escrow.status}, and nobody disputes it.`;
    return refused("escrow_state", detail, { escrow_status: escrow.status });
  }
  if (decision.kind === "split" && decision.payee > escrow.amount) {
    return refused("invalid_request", "payee_amount: expected at most the amount of the escrow");
  }
  byItself(id, "resolve-escrow", own, journal, (one, context) => resolve(one, decision, context));
  return own.store.escrows.get(id) ?? escrow;
}

/** Changes an escrow in the venue's own name. */
export function byItself(
  id: string,
  operation: string,
  own: OwnContext,
  journal: Journal,
  change: (escrow: Escrow, context: Context) => Change | undefined,
): void {
  const escrow = own.store.escrows.get(id);
  if (escrow === undefined) return;
  const { payer, ref } = escrow;
  const command = journal.nextId();
  const context = { ...own, command, agent: payer, key: undefined, ref: ref ?? undefined };
  const changed = change(escrow, context);
  if (changed !== undefined) keepDeed(changed, operation, context, journal);
}
