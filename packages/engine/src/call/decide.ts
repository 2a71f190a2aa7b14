// What to do after an attempt has failed or a reconciliation has answered. Pure: the rules of retry, of
// money whose outcome is unknown, and of time running out, in one place.

import {
  type Effect,
  type Failure,
  HoldfastError,
  type Random,
  type RetryPolicy,
  type VenueCapabilities,
  formatDuration,
  retryDelayMs,
  toFailure,
} from "@holdfast/core";

/** What the rules look at. Times are milliseconds since the epoch. */
export interface CallSituation {
  readonly activity: string;
  readonly effect: Effect;
  readonly policy: RetryPolicy;
  readonly venue: VenueCapabilities;
  readonly canReconcile: boolean;
  readonly attempt: number;
  readonly scheduledAt: number;
  readonly deadlineAt: number;
  /** True when some send so far may have had an effect. */
  readonly unknown: boolean;
  /** True where it may have been sent in a time that a restore has lost: the venue is asked before anything is sent. */
  readonly lost: boolean;
  /** The first send whose outcome may be unknown. */
  readonly sentAt: number | undefined;
  /** The last send, or the moment of a restart that may hide one. */
  readonly lastSendAt: number;
  readonly cancelled: boolean;
}

export type Verdict =
  | { readonly kind: "fail"; readonly failure: Failure }
  | { readonly kind: "retry"; readonly at: number }
  | { readonly kind: "reconcile"; readonly at: number }
  | { readonly kind: "doubt"; readonly failure: Failure };

/** Nothing is resent in the last hour in which a venue remembers a key. */
export const KEY_MARGIN_MS = 3_600_000;

/** For how long after the last send a failing reconciliation is tried again, before a person is asked. */
export const RECONCILE_MS_MAX = 3_600_000;

/**
 * The verdict on a failed attempt. `call.unknown` already counts this failure.
 *
 * A money call fails only when every send was refused or never left; when something may have happened, it is
 * sent again with the same key while the venue remembers it, else reconciled, else in doubt.
 */
export function afterFailure(
  call: CallSituation,
  failure: Failure,
  now: number,
  random: Random,
): Verdict {
  const delay = call.cancelled
    ? undefined
    : retryDelayMs(call.policy, call.attempt, failure, random);
  const at = delay === undefined ? undefined : now + delay;
  const late = at !== undefined && at >= call.deadlineAt;
  const retryAt = late ? undefined : at;
  if (call.effect !== "money" || !call.unknown) {
    if (retryAt !== undefined) return { kind: "retry", at: retryAt };
    return { kind: "fail", failure: late ? totalExceeded(call, failure) : lastWord(call, failure) };
  }
  if (retryAt !== undefined && maySend(call, retryAt)) return { kind: "retry", at: retryAt };
  return withoutSending(call, failure, now);
}

/**
 * The verdict on a call that a stop left open: what may have happened is sent again only to a venue that
 * still remembers its key; any other is asked first, or a person.
 */
export function afterStop(call: CallSituation, failure: Failure, now: number): Verdict {
  const mayGoOn = maySend(call, now) && !(call.lost && call.canReconcile);
  return mayGoOn ? { kind: "retry", at: now } : withoutSending(call, failure, now);
}

type Sendable = Pick<CallSituation, "effect" | "unknown" | "venue" | "sentAt">;

/** False where sending could make an effect happen twice. */
export function maySend(call: Sendable, at: number): boolean {
  if (call.effect !== "money" || !call.unknown) return true;
  return call.venue.idempotency !== "none" && keyLives(call, at);
}

/** Something may have happened and nothing more may be sent: the venue is asked, or a person. */
function withoutSending(call: CallSituation, failure: Failure, now: number): Verdict {
  if (!call.canReconcile) return { kind: "doubt", failure: inDoubt(call, failure) };
  return { kind: "reconcile", at: Math.max(now, call.lastSendAt + call.venue.settleMs) };
}

/** The verdict when reconcile has proven that nothing happened. */
export function afterNotDone(
  call: CallSituation,
  failure: Failure,
  now: number,
  random: Random,
): Verdict {
  return afterFailure({ ...call, unknown: false, sentAt: undefined }, failure, now, random);
}

/** The verdict when reconcile itself could not tell. */
export function afterUnclear(
  call: CallSituation,
  failure: Failure,
  tries: number,
  now: number,
  random: Random,
): Verdict {
  const retryable: Failure = { ...failure, disposition: "retry" };
  const delay =
    retryDelayMs({ ...call.policy, attempts: undefined }, tries, retryable, random) ?? 0;
  const at = now + Math.max(delay, call.policy.firstMs);
  return at < questionsUntil(call)
    ? { kind: "reconcile", at }
    : { kind: "doubt", failure: inDoubt(call, failure) };
}

/** The verdict when the venue may not be asked before an instant: asked then, or, after its time, a person. */
export function afterHeldQuestion(
  call: CallSituation,
  at: number,
  failure: Failure,
  now: number,
): Verdict {
  const until = questionsUntil(call);
  if (now >= until) return { kind: "doubt", failure: inDoubt(call, failure) };
  return { kind: "reconcile", at: Math.min(at, until) };
}

/** For how long the venue is asked. */
export function questionsUntil(
  call: Pick<CallSituation, "lastSendAt" | "venue" | "deadlineAt">,
): number {
  return Math.max(call.lastSendAt + call.venue.settleMs, call.deadlineAt) + RECONCILE_MS_MAX;
}

/** True while the venue still remembers the key of the first send. */
function keyLives(call: Sendable, at: number): boolean {
  return call.sentAt === undefined || at < call.sentAt + call.venue.keyTtlMs - KEY_MARGIN_MS;
}

function totalExceeded(call: CallSituation, cause: Failure): Failure {
  const total = formatDuration(call.deadlineAt - call.scheduledAt);
  return toFailure(
    new HoldfastError(
      "HF-TOTAL-EXCEEDED",
      `Cannot go on with activity "${call.activity}": its total time-out of ${total} is over after ${call.attempt} attempts. Last failure: ${cause.message}`,
      { class: cause.class, outcome: "not-sent", cause, details: { attempts: call.attempt } },
    ),
  );
}

function lastWord(call: CallSituation, failure: Failure): Failure {
  if (!call.cancelled) return failure;
  return toFailure(
    new HoldfastError(
      "HF-CANCELLED",
      `Activity "${call.activity}" was cancelled before it took effect.`,
      {
        class: "state",
        disposition: "cancelled",
        outcome: "not-sent",
        cause: failure,
      },
    ),
  );
}

/** What is said of a call that a person has to settle; `why` where the venue's own answer leaves it open. */
export function inDoubt(
  call: Pick<CallSituation, "activity">,
  cause: Failure,
  why = "it was sent and no answer settles it",
): Failure {
  return toFailure(
    new HoldfastError(
      "HF-IN-DOUBT",
      `Cannot tell whether activity "${call.activity}" took effect: ${why}. Look at the venue, then resolve it: done, not done, or resend. Last failure: ${cause.message}`,
      { class: cause.class, disposition: "terminal", outcome: "unknown", inDoubt: true, cause },
    ),
  );
}
