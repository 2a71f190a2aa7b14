// The one error class of Holdfast and the plain record that crosses boundaries (journal, HTTP, another
// engine). Errors are recognised by `code`, never by `instanceof`: a copy of this class may be loaded twice.

/** Where a failure comes from. */
export type FailureClass = "network" | "api" | "data" | "logic" | "state" | "resource";

/** What may be done about a failure. */
export type Disposition = "retry" | "retry-after" | "refused" | "terminal" | "cancelled";

/**
 * What is known about the effect of a failed attempt at the venue:
 * `refused` (it certainly did not happen and never will), `not-sent` (it certainly did not happen, trying
 * again is fine) or `unknown` (it may have happened). Whatever is not classified is `unknown`.
 */
export type Outcome = "refused" | "not-sent" | "unknown";

/** A failure as plain data: what is journaled, sent over the control API and shown to people. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly class: FailureClass;
  readonly disposition: Disposition;
  readonly outcome: Outcome;
  /** Small, serialisable, free of secrets. */
  readonly details: Readonly<Record<string, unknown>>;
  /** True while an effect was sent and its outcome is unknown. */
  readonly inDoubt: boolean;
  readonly cause?: Failure | undefined;
  /** Wish of the failure itself (`Retry-After`): no earlier than so many milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  readonly stack?: string | undefined;
}

export interface FailureOptions {
  readonly class?: FailureClass;
  readonly disposition?: Disposition;
  readonly outcome?: Outcome;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly inDoubt?: boolean;
  readonly cause?: unknown;
  /** Not before so many milliseconds from now. The disposition is then "retry-after" by default. */
  readonly retryAfterMs?: number;
}

/**
 * An operating failure with a stable code such as `HF-RUN-CLOSED`.
 *
 * @example
 * throw new HoldfastError("HF-RUN-UNKNOWN", 'Cannot signal run "dca": no run has this id.');
 */
export class HoldfastError extends Error implements Failure {
  override readonly name: string = "HoldfastError";
  readonly code: string;
  readonly class: FailureClass;
  readonly disposition: Disposition;
  readonly outcome: Outcome;
  readonly details: Readonly<Record<string, unknown>>;
  readonly inDoubt: boolean;
  readonly retryAfterMs: number | undefined;
  override readonly cause: Failure | undefined;

  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message);
    this.code = code;
    this.class = options.class ?? "logic";
    this.disposition =
      options.disposition ?? (options.retryAfterMs === undefined ? "terminal" : "retry-after");
    this.outcome = options.outcome ?? "unknown";
    this.details = options.details ?? {};
    this.inDoubt = options.inDoubt ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.cause = options.cause === undefined ? undefined : toFailure(options.cause);
  }
}

/** True when `value` is a failure with this code, whichever copy of the library made it. */
export function hasCode<Code extends string>(
  value: unknown,
  code: Code,
): value is Failure & { readonly code: Code } {
  return typeof value === "object" && value !== null && "code" in value && value.code === code;
}

const DISPOSITIONS: readonly string[] = [
  "retry",
  "retry-after",
  "refused",
  "terminal",
  "cancelled",
] satisfies readonly Disposition[];

function isFailure(value: unknown): value is Failure {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    "disposition" in value &&
    "message" in value &&
    typeof value.code === "string" &&
    DISPOSITIONS.includes(String(value.disposition))
  );
}

/**
 * Turns anything that was thrown into a plain failure. What is not a Holdfast failure becomes
 * `HF-USER-ERROR`: retried for an activity, final for a workflow, its outcome unknown.
 */
export function toFailure(thrown: unknown): Failure {
  if (isFailure(thrown)) {
    return {
      code: thrown.code,
      message: thrown.message,
      class: thrown.class ?? "logic",
      disposition: thrown.disposition,
      outcome: thrown.outcome ?? "unknown",
      details: thrown.details ?? {},
      inDoubt: thrown.inDoubt ?? false,
      ...(thrown.cause === undefined ? {} : { cause: toFailure(thrown.cause) }),
      ...(thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }),
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const details = thrown instanceof Error && thrown.name !== "Error" ? { name: thrown.name } : {};
  return {
    code: "HF-USER-ERROR",
    message,
    class: "logic",
    disposition: "retry",
    outcome: "unknown",
    details,
    inDoubt: false,
    ...(thrown instanceof Error && thrown.stack !== undefined ? { stack: thrown.stack } : {}),
  };
}

/** Turns a failure record back into an error that can be thrown. */
export function fromFailure(failure: Failure): HoldfastError {
  return new HoldfastError(failure.code, failure.message, {
    class: failure.class,
    disposition: failure.disposition,
    outcome: failure.outcome,
    details: failure.details,
    inDoubt: failure.inDoubt,
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}
