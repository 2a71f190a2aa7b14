// When to try again: exponential back-off with full jitter, bounded by time (`total`) rather than by a count,
// because an agent must outlive an outage of hours without anybody's help.
// Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

import { type Duration, durationMs } from "../base/duration.ts";
import type { Failure } from "../base/error.ts";
import type { Random } from "../base/random.ts";

export interface RetryOptions {
  /** Ceiling of the first delay. Default 1 s. */
  readonly first?: Duration;
  /** Growth of the ceiling from one attempt to the next. Default 2. */
  readonly factor?: number;
  /** Largest ceiling. Default 5 min. */
  readonly max?: Duration;
  /** Attempts in all; unlimited unless set. Attempts that a crash interrupted then count too. */
  readonly attempts?: number;
}

export interface RetryPolicy {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly attempts: number | undefined;
}

export const RETRY_FIRST_MS = 1_000;
export const RETRY_FACTOR = 2;
export const RETRY_MAX_MS = 300_000;

/** Gives up after five tries, 1 s to 60 s apart: for what nobody needs any more when an outage is over. */
export const FIVE_TRIES: RetryOptions = { attempts: 5, first: "1s", max: "60s" };

export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
  return {
    firstMs: options.first === undefined ? RETRY_FIRST_MS : durationMs(options.first),
    factor: options.factor ?? RETRY_FACTOR,
    maxMs: options.max === undefined ? RETRY_MAX_MS : durationMs(options.max),
    attempts: options.attempts,
  };
}

/**
 * Milliseconds to wait after attempt number `attempt` (from 1) failed; undefined when it must not be tried
 * again by its nature. A wish of the failure itself (`retryAfterMs`) is a lower bound: the jitter of the
 * back-off is added to it, so that many callers do not come back at the same instant.
 *
 * @example
 * retryDelayMs(retryPolicy(), 3, failure, random); // between 0 and 4,000
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  failure: Failure,
  random: Random,
): number | undefined {
  if (failure.disposition !== "retry" && failure.disposition !== "retry-after") return undefined;
  if (policy.attempts !== undefined && attempt >= policy.attempts) return undefined;
  const ceiling = Math.min(policy.maxMs, policy.firstMs * policy.factor ** (attempt - 1));
  const wish = failure.retryAfterMs ?? 0;
  return Math.round(random.next() * ceiling) + (wish > 0 ? wish : 0);
}
