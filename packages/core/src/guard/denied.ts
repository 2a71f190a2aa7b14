// How the guard's word reaches an agent: as failures that an activity may be expected to have.

import type { GuardedCommand } from "../activity/command.ts";
import { type FailureDefinition, failure } from "../activity/failure.ts";
import { type Failure, HoldfastError, toFailure } from "../base/error.ts";
import { type Check, modeOf } from "./check.ts";
import { type Mode, type ModeRow, holding } from "./mode.ts";

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

/**
 * What holds back, at this instant, an effect that was decided before a mode came: it is not sent while that lasts,
 * and no longer than its total. Undefined where none of the modes does.
 */
export function heldBy(
  effect: {
    readonly account: string;
    readonly workflow: string;
    readonly venue: string;
    readonly ref: string;
  },
  command: Pick<GuardedCommand, "kind" | "symbol"> | undefined,
  modes: readonly ModeRow[],
  now: number,
): Failure | undefined {
  const row = modeOf(effect, command, holding(modes), now);
  if (row === undefined) return undefined;
  const { scope, mode, cause, reason } = row;
  return toFailure(
    new HoldfastError(
      "HF-GUARD-HELD",
      `Cannot send ${effect.ref} now: ${scope} is ${mode} (${cause}: ${reason}).`,
      { class: "state", disposition: "retry", outcome: "not-sent", details: { scope, mode } },
    ),
  );
}
