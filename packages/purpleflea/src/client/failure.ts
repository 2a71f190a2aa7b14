// What went wrong at the venue, in the words that decide whether and how a call is repeated: nothing was sent,
// it was refused, or nobody knows. Never mentions an API key.

import { HoldfastError, type Meaning, failure, meaningOf, systemCodeOf } from "@holdfast/core";

/** The order needs more than is available. */
export const InsufficientFunds = failure<{
  readonly needed?: string;
  readonly available?: string;
}>()("PF-INSUFFICIENT-FUNDS");

/** What was asked of an escrow does not fit its state: it has ended otherwise, or only the arbiter decides. */
export const EscrowState = failure<{
  readonly status?: string;
  readonly endedBy?: string;
}>()("PF-ESCROW-STATE");
/** The name is somebody's: `owned` where it is the caller's own. */
export const DomainTaken = failure<{
  readonly name?: string;
  readonly owned?: boolean;
  /** ISO 8601. */
  readonly expiresAt?: string;
}>()("PF-DOMAIN-TAKEN");

/** The grace is over: nobody can renew the name any more. */
export const DomainExpired = failure<{ readonly status?: string }>()("PF-DOMAIN-EXPIRED");

export interface RequestFacts {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** True when repeating it blindly could act twice. */
  readonly write: boolean;
}

/** The connection failed, or the answer never came whole. */
export function transportFailure(request: RequestFacts, cause: unknown): HoldfastError {
  const code = systemCodeOf(cause);
  const meaning = meaningOf("socket", code);
  const neverSent = meaning.outcome === "not-sent";
  return new HoldfastError(
    neverSent ? "HF-VENUE-UNREACHABLE" : "HF-VENUE-NO-ANSWER",
    neverSent
      ? `Cannot reach the venue for ${request.method} ${request.path}: ${code}.`
      : `The venue gave no answer to ${request.method} ${request.path}${code === undefined ? "" : `: ${code}`}.`,
    asAsked(request, meaning),
  );
}

/** The venue answered, but not in its own format: for a write, nobody knows what it did. */
export function unreadable(request: RequestFacts, why: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-UNREADABLE",
    `Cannot read the venue's answer to ${request.method} ${request.path}: ${why}.`,
    asAsked(request, meaningOf("schema", "answer")),
  );
}

/** Whether a read has happened does not matter. */
function asAsked(request: RequestFacts, meaning: Meaning): Meaning {
  const isFree = !request.write && meaning.outcome === "unknown";
  return isFree ? { ...meaning, outcome: "not-sent" } : meaning;
}

function domainFailure(
  { method, path }: RequestFacts,
  venueCode: string | undefined,
  problem: Readonly<Record<string, unknown>>,
  detail: string,
): HoldfastError | undefined {
  const message = `The venue refused ${method} ${path}: ${detail}`;
  const { name, owned, expires_at: expiresAt, domain_status: status } = problem;
  if (venueCode === "domain_taken") {
    return DomainTaken.create(message, {
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof owned === "boolean" ? { owned } : {}),
      ...(typeof expiresAt === "string" ? { expiresAt } : {}),
    });
  }
  if (venueCode !== "domain_expired") return undefined;
  return DomainExpired.create(message, typeof status === "string" ? { status } : {});
}

/** What an error status means for the request. */
interface Told extends Meaning {
  readonly code: string;
  readonly says: string;
}

export interface StatusOptions {
  readonly retryAfterMs?: number | undefined;
  /** Error codes after which a write may have happened, whatever the status. */
  readonly doubtful?: ReadonlySet<string> | undefined;
}

/** An error status with its problem document. */
export function statusFailure(
  request: RequestFacts,
  status: number,
  problem: Readonly<Record<string, unknown>>,
  { retryAfterMs, doubtful }: StatusOptions = {},
): HoldfastError {
  const text = (name: string): string | undefined =>
    typeof problem[name] === "string" ? problem[name] : undefined;
  const venueCode = text("code") ?? text("error");
  const detail = text("detail") ?? text("message") ?? venueCode ?? "no reason given";
  if (status === 402 || venueCode === "insufficient_funds") {
    const needed = text("needed_micros");
    const available = text("available_micros");
    return InsufficientFunds.create(
      `The venue refused ${request.method} ${request.path}: ${detail}`,
      {
        ...(needed === undefined ? {} : { needed }),
        ...(available === undefined ? {} : { available }),
      },
    );
  }
  if (venueCode === "escrow_state") {
    const escrowStatus = text("escrow_status");
    const endedBy = text("ended_by");
    return EscrowState.create(`The venue refused ${request.method} ${request.path}: ${detail}`, {
      ...(escrowStatus === undefined ? {} : { status: escrowStatus }),
      ...(endedBy === undefined ? {} : { endedBy }),
    });
  }
  const domain = domainFailure(request, venueCode, problem, detail);
  if (domain !== undefined) return domain;
  const isDoubtful = venueCode !== undefined && doubtful?.has(venueCode) === true;
  const meaning = isDoubtful ? failedAt(request) : toldBy(request, status, venueCode);
  return new HoldfastError(
    meaning.code,
    `The venue ${meaning.says} ${request.method} ${request.path} (${status}): ${detail}`,
    {
      class: meaning.class,
      disposition: meaning.disposition,
      outcome: meaning.outcome,
      details: { status, ...(venueCode === undefined ? {} : { venueCode }) },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function failedAt(request: RequestFacts): Told {
  return {
    ...asAsked(request, meaningOf("http", 500)),
    code: "HF-VENUE-ERROR",
    says: "failed at",
  };
}

/** The venue cannot do it: nothing was sent. */
export function unsupported(profile: string, operation: string): HoldfastError {
  return new HoldfastError(
    "HF-VENUE-UNSUPPORTED",
    `Cannot do "${operation}" at this venue: profile "${profile}" has no such operation.`,
    {
      class: "logic",
      disposition: "refused",
      outcome: "not-sent",
      details: { profile, operation },
    },
  );
}

function toldBy(request: RequestFacts, status: number, venueCode: string | undefined): Told {
  const meaning = meaningOf("http", status);
  if (status === 429)
    return { ...meaning, code: "HF-VENUE-THROTTLED", says: "asks to wait before" };
  if (status === 409 && venueCode === "idempotency_in_flight") {
    return {
      class: "api",
      disposition: "retry-after",
      outcome: "unknown",
      code: "HF-VENUE-IN-FLIGHT",
      says: "is still at the first",
    };
  }
  // A proxy's own time-out says nothing about what the venue behind it has done.
  if (meaning.disposition === "retry") return failedAt(request);
  if (status === 401) {
    return {
      ...meaning,
      code: "HF-VENUE-UNAUTHORISED",
      says: "does not know the account's API key (check PURPLEFLEA_API_KEY, or the account's saved key) for",
    };
  }
  if (status === 403) {
    return {
      ...meaning,
      code: "HF-VENUE-UNAUTHORISED",
      says: "does not let this account's API key do",
    };
  }
  return { ...meaning, code: "HF-VENUE-REFUSED", says: "refused" };
}
