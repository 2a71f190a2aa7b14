// What went wrong at the venue, in the words that decide whether and how a call is repeated: nothing was sent,
// it was refused, or nobody knows. Never mentions an API key.

import { type FailureClass, HoldfastError, type Outcome, failure } from "@holdfast/core";

/** The order needs more than is available. */
export const InsufficientFunds = failure<{
  readonly needed?: string;
  readonly available?: string;
}>()("PF-INSUFFICIENT-FUNDS");

export interface RequestFacts {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** True when repeating it blindly could act twice. */
  readonly write: boolean;
}

/** The connection failed, or the answer never came whole. */
export function transportFailure(request: RequestFacts, cause: unknown): HoldfastError {
  const code = systemCode(cause);
  const neverSent = code !== undefined && NEVER_SENT.has(code);
  return new HoldfastError(
    neverSent ? "HF-VENUE-UNREACHABLE" : "HF-VENUE-NO-ANSWER",
    neverSent
      ? `Cannot reach the venue for ${request.method} ${request.path}: ${code}.`
      : `The venue gave no answer to ${request.method} ${request.path}${code === undefined ? "" : `: ${code}`}.`,
    {
      class: "network",
      disposition: "retry",
      outcome: neverSent || !request.write ? "not-sent" : "unknown",
    },
  );
}

/** Errors of a connection that never was: nothing has left. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function systemCode(error: unknown): string | undefined {
  for (let cause: unknown = error, depth = 0; depth < 4; depth += 1) {
    if (typeof cause !== "object" || cause === null) return undefined;
    if ("code" in cause && typeof cause.code === "string") return cause.code;
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if ("cause" in cause) cause = cause.cause;
    else return undefined;
  }
  return undefined;
}

/** The venue answered, but not in its own format: for a write, nobody knows what it did. */
export function unreadable(request: RequestFacts, why: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-UNREADABLE",
    `Cannot read the venue's answer to ${request.method} ${request.path}: ${why}.`,
    { class: "data", disposition: "retry", outcome: request.write ? "unknown" : "not-sent" },
  );
}

/** An error status with its problem document. */
export function statusFailure(
  request: RequestFacts,
  status: number,
  problem: Readonly<Record<string, unknown>>,
  retryAfterMs: number | undefined,
): HoldfastError {
  const text = (name: string): string | undefined =>
    typeof problem[name] === "string" ? problem[name] : undefined;
  const venueCode = text("code") ?? text("error");
  const detail = text("detail") ?? text("message") ?? venueCode ?? "no reason given";
  const what = `${request.method} ${request.path}`;
  const details = { status, ...(venueCode === undefined ? {} : { venueCode }) };
  const make = (
    code: string,
    message: string,
    failureClass: FailureClass,
    disposition: HoldfastError["disposition"],
    outcome: Outcome,
  ): HoldfastError =>
    new HoldfastError(code, message, {
      class: failureClass,
      disposition,
      outcome,
      details,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  if (status === 429)
    return make(
      "HF-VENUE-THROTTLED",
      `The venue asks to wait before ${what}: ${detail}`,
      "api",
      "retry-after",
      "not-sent",
    );
  if (status === 409 && venueCode === "idempotency_in_flight") {
    return make(
      "HF-VENUE-IN-FLIGHT",
      `The venue is still at the first ${what} with this key.`,
      "api",
      "retry-after",
      "unknown",
    );
  }
  if (status >= 500) {
    return make(
      "HF-VENUE-ERROR",
      `The venue failed at ${what} (${status}): ${detail}`,
      "api",
      "retry",
      request.write ? "unknown" : "not-sent",
    );
  }
  if (status === 402 || venueCode === "insufficient_funds") {
    const needed = text("needed_micros");
    const available = text("available_micros");
    return InsufficientFunds.create(`The venue refused ${what}: ${detail}`, {
      ...(needed === undefined ? {} : { needed }),
      ...(available === undefined ? {} : { available }),
    });
  }
  if (status === 401 || status === 403) {
    return make(
      "HF-VENUE-UNAUTHORISED",
      `The venue refused ${what} (${status}): ${detail} Check the account's API key.`,
      "api",
      "refused",
      "refused",
    );
  }
  return make(
    "HF-VENUE-REFUSED",
    `The venue refused ${what} (${status}): ${detail}`,
    "api",
    "refused",
    "refused",
  );
}
