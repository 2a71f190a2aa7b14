// How the guard's word reaches an agent: as failures that an activity may be expected to have.

import { type FailureDefinition, failure } from "../activity/failure.ts";
import type { Check, CheckResult } from "./check.ts";
import type { ModeRow } from "./mode.ts";
import { HoldfastError } from "../base/error.ts";

/** A check denied it: it was not sent, and never will be by this decision. `check` says which. */
export const GuardDenied: FailureDefinition<
  "HF-GUARD-DENIED",
  { readonly check: Check | "UNGUARDED" | "REJECTED" | "EXPIRED"; readonly operation: string }
> = failure<{
  readonly check: Check | "UNGUARDED" | "REJECTED" | "EXPIRED";
  readonly operation: string;
}>()("HF-GUARD-DENIED", { class: "logic" });

export function deniedBy(
  {
    check,
    note,
  }: Pick<CheckResult, "note"> & { readonly check: Check | "UNGUARDED" | "REJECTED" | "EXPIRED" },
  of: { readonly ref: string; readonly operation: string },
): HoldfastError {
  const why = note === undefined ? check : `${check}: ${note}`;
  return GuardDenied.create(`The guard denied ${of.ref} (${of.operation}). ${why}.`, {
    check,
    operation: of.operation,
  });
}

/** It was decided before a mode came that holds it back: not sent while that lasts, and no longer than its total. */
export function heldBy(row: ModeRow, ref: string): HoldfastError {
  return new HoldfastError(
    "HF-GUARD-HELD",
    `Cannot send ${ref} now: ${row.scope} is ${row.mode} (${row.cause}: ${row.reason}).`,
    {
      class: "state",
      disposition: "retry",
      outcome: "not-sent",
      details: { scope: row.scope, mode: row.mode },
    },
  );
}
