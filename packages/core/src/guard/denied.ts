// How the guard's word reaches an agent: as failures that an activity may be expected to have.

import { type FailureDefinition, failure } from "../activity/failure.ts";
import type { Check } from "./check.ts";
import type { Mode, ModeRow } from "./mode.ts";
import { HoldfastError } from "../base/error.ts";

/** Why an effect is not let through. */
export type Denial = Check | "UNGUARDED" | "REJECTED" | "EXPIRED";

interface DeniedDetails {
  readonly check: Denial;
  readonly operation: string;
  /** The mode that is on, where that is why. */
  readonly mode?: Mode;
}

/** A check denied it: it was not sent, and never will be by this decision. `check` says which. */
export const GuardDenied: FailureDefinition<"HF-GUARD-DENIED", DeniedDetails> =
  failure<DeniedDetails>()("HF-GUARD-DENIED", { class: "logic" });

export function deniedBy(
  why: {
    readonly check: Denial;
    readonly note?: string | undefined;
    readonly mode?: Mode | undefined;
  },
  of: { readonly ref: string; readonly operation: string },
): HoldfastError {
  const { check, note, mode } = why;
  const text = note === undefined ? check : `${check}: ${note}`;
  return GuardDenied.create(`The guard denied ${of.ref} (${of.operation}). ${text}.`, {
    check,
    operation: of.operation,
    ...(mode === undefined ? {} : { mode }),
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
