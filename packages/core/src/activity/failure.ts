// Failures that an activity declares: part of its contract, with a code and typed details.

import { type Failure, type FailureOptions, HoldfastError, hasCode } from "../base/error.ts";

/** A failure as an activity's contract names it. */
export interface DeclaredFailure {
  readonly kind: "failure";
  readonly code: string;
}

export interface FailureDefinition<
  Code extends string = string,
  Details extends object = object,
> extends DeclaredFailure {
  readonly code: Code;
  /** Makes the error to throw. */
  create(
    message: string,
    details: Details,
    options?: Omit<FailureOptions, "details">,
  ): HoldfastError;
  /** Narrows a caught failure to this one. */
  is(value: unknown): value is Failure & { readonly code: Code; readonly details: Details };
}

/** The failure that a declaration stands for, its code and the type of its details included. */
export type FailureOf<F extends DeclaredFailure> =
  F extends FailureDefinition<infer Code, infer Details>
    ? Omit<Failure, "code" | "details"> & { readonly code: Code; readonly details: Details }
    : Failure;

/**
 * Declares a failure. By default it is refused: certainly not done, never retried. With `retryAfterMs` it is
 * tried again, no earlier than so many milliseconds after it was thrown.
 *
 * @example
 * export const InsufficientFunds = failure<{ need: string; have: string }>()("PF-INSUFFICIENT-FUNDS");
 * throw Busy.create("The feed is busy.", {}, { retryAfterMs: 30_000 });
 * if (!result.ok && InsufficientFunds.is(result.failure)) result.failure.details.need;
 */
export function failure<Details extends object = Record<never, never>>() {
  return <Code extends string>(
    code: Code,
    defaults: Omit<FailureOptions, "details"> = {},
  ): FailureDefinition<Code, Details> =>
    Object.freeze({
      kind: "failure",
      code,
      create(message: string, details: Details, options: Omit<FailureOptions, "details"> = {}) {
        const later = (options.retryAfterMs ?? defaults.retryAfterMs) !== undefined;
        return new HoldfastError(code, message, {
          class: "api",
          disposition: later ? "retry-after" : "refused",
          outcome: later ? "not-sent" : "refused",
          ...defaults,
          ...options,
          details: details as Readonly<Record<string, unknown>>,
        });
      },
      is: (value: unknown): value is Failure & { readonly code: Code; readonly details: Details } =>
        hasCode(value, code),
    });
}
