// What went wrong, and what may be done about it: the one table from HTTP statuses, socket codes, schemas, SQLite and
// the process to a class, a disposition and an outcome. docs/reference/failures.md shows it; a test holds the two together.

import type { Disposition, FailureClass, Outcome } from "../base/error.ts";

/** What a kind of failure means. */
export interface Meaning {
  readonly class: FailureClass;
  readonly disposition: Disposition;
  /** Of something that may act. Of a read an unknown outcome is as good as "not-sent". */
  readonly outcome: Outcome;
}

export type FailureSource = "http" | "socket" | "schema" | "sqlite" | "process";

export interface TaxonomyRow extends Meaning {
  readonly source: FailureSource;
  /** Statuses, or codes, that it is told by; the row without any is for all others of its source. */
  readonly codes: readonly (string | number)[];
  /** In words. */
  readonly says: string;
}

const REFUSED = { disposition: "refused", outcome: "refused" } as const;
const AGAIN = { disposition: "retry", outcome: "unknown" } as const;
const NOT_SENT = { disposition: "retry", outcome: "not-sent" } as const;

function row(
  source: FailureSource,
  codes: readonly (string | number)[],
  meaning: Meaning,
  says: string,
): TaxonomyRow {
  return { source, codes, says, ...meaning };
}

function http(
  codes: readonly number[],
  meaning: Omit<Meaning, "class">,
  says: string,
): TaxonomyRow {
  return row("http", codes, { class: "api", ...meaning }, says);
}

/** First come, first served; within a source the row without codes is the last. */
export const TAXONOMY: readonly TaxonomyRow[] = [
  http([400], REFUSED, "the request is malformed"),
  http([401], REFUSED, "the key is not known"),
  http([402], REFUSED, "there is not enough money"),
  http([403], REFUSED, "the key may not do this"),
  http([404], REFUSED, "there is no such thing"),
  http([422], REFUSED, "the request cannot be carried out"),
  http([408, 425], AGAIN, "the answer was given up on the way"),
  http(
    [429],
    { disposition: "retry-after", outcome: "not-sent" },
    "too many requests: it asks for patience",
  ),
  http([500, 502, 503, 504], AGAIN, "the other side failed; so do all other statuses from 500"),
  http([], REFUSED, "any other status below 500"),
  row(
    "socket",
    [
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "UND_ERR_CONNECT_TIMEOUT",
    ],
    { class: "network", ...NOT_SENT },
    "there was no connection",
  ),
  row(
    "socket",
    [
      "CERT_HAS_EXPIRED",
      "CERT_NOT_YET_VALID",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ],
    { class: "network", ...NOT_SENT },
    "the certificate does not hold: nothing was said to it",
  ),
  row(
    "socket",
    [
      "ECONNRESET",
      "EPIPE",
      "EPROTO",
      "ETIMEDOUT",
      "UND_ERR_SOCKET",
      "UND_ERR_HEADERS_TIMEOUT",
      "UND_ERR_BODY_TIMEOUT",
    ],
    { class: "network", ...AGAIN },
    "the connection broke, or no answer came",
  ),
  row("socket", [], { class: "network", ...AGAIN }, "anything else of a connection"),
  row("schema", ["input"], { class: "data", ...REFUSED }, "an input that its schema refuses"),
  row("schema", ["answer"], { class: "data", ...AGAIN }, "an answer that nobody can read"),
  row(
    "schema",
    ["output"],
    { class: "data", disposition: "terminal", outcome: "unknown" },
    "an output that its schema refuses: it has happened",
  ),
  row("sqlite", [13], { class: "resource", ...AGAIN }, "SQLITE_FULL: the disk is full"),
  row(
    "sqlite",
    [],
    { class: "state", ...AGAIN },
    "any other error of a file: locked, read-only, unreadable, damaged",
  ),
  row(
    "process",
    ["time-out"],
    { class: "network", ...AGAIN },
    "an attempt was given up: its attempt, heartbeat or total time-out is over",
  ),
  row(
    "process",
    ["interrupted"],
    { class: "state", ...AGAIN },
    "the process ended, or the journal was restored, while it was in flight",
  ),
  row(
    "process",
    ["never-began"],
    { class: "state", ...NOT_SENT },
    "its total was over before it began",
  ),
  row(
    "process",
    ["waited"],
    { class: "resource", disposition: "terminal", outcome: "not-sent" },
    "it waited in line for longer than its queued time-out",
  ),
  row(
    "process",
    ["crash-loop"],
    { class: "resource", disposition: "terminal", outcome: "unknown" },
    "the process died again and again while nothing else was in flight",
  ),
  row(
    "process",
    ["cancelled"],
    { class: "state", disposition: "cancelled", outcome: "not-sent" },
    "somebody cancelled it",
  ),
  row(
    "process",
    ["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "ERR_WORKER_OUT_OF_MEMORY"],
    { class: "resource", ...AGAIN },
    "the machine has no more memory, disk or files",
  ),
  row("process", [], { class: "logic", ...AGAIN }, "anything else that was thrown"),
];

const BY_SOURCE: ReadonlyMap<string, TaxonomyRow> = new Map(
  TAXONOMY.flatMap((found) =>
    (found.codes.length === 0 ? ["*"] : found.codes).map(
      (code) => [`${found.source} ${code}`, found] as const,
    ),
  ),
);

/**
 * What a code of a source means: for "http" a status, for "sqlite" a primary result code, for the others a name.
 *
 * @example
 * meaningOf("http", 404).disposition; // "refused": it is never tried again
 */
export function meaningOf(source: FailureSource, code?: string | number): Meaning {
  const known = source === "http" && typeof code === "number" && code > 500 ? 500 : code;
  const found = BY_SOURCE.get(`${source} ${known}`) ?? BY_SOURCE.get(`${source} *`);
  if (found === undefined) throw new TypeError(`no row of ${source} is for all others`);
  const { class: of, disposition, outcome } = found;
  return { class: of, disposition, outcome };
}

/** The code of a socket's or system's error, however deep it lies; undefined where there is none. */
export function systemCodeOf(error: unknown): string | undefined {
  for (let cause: unknown = error, depth = 0; depth < 4; depth += 1) {
    if (typeof cause !== "object" || cause === null) return undefined;
    if ("code" in cause && typeof cause.code === "string") return cause.code;
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if ("cause" in cause) cause = cause.cause;
    else return undefined;
  }
  return undefined;
}
