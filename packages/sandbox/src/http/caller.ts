// Who calls, and under which names: the agent of an API key, the key of the write, the name of its decision.

import { CARRIED_LENGTH_MAX, Carriers, CarriedText } from "@holdfast/purpleflea/wire";
import { isLiveKey } from "../agent/api-key.ts";
import type { KeyCarrier } from "../command/command.ts";
import type { Venue } from "../venue.ts";
import { type RawBody, parseBody } from "./body.ts";
import { ProblemError } from "./problem.ts";

export interface Caller {
  readonly id: string;
  readonly name: string;
}

/** The agent whose API key the request shows; undefined where it shows none. @throws ProblemError 401, 403 */
export function callerOf(venue: Venue, request: Pick<Request, "headers">): Caller | undefined {
  const header = request.headers.get("authorization") ?? "";
  const apiKey = /^Bearer\s+(\S+)$/iu.exec(header)?.[1];
  if (apiKey === undefined) return undefined;
  const caller = venue.authenticate(apiKey);
  if (caller === undefined) throw refusedKey(apiKey);
  const named = request.headers.get("x-agent-id");
  if (named !== null && named !== caller.id) {
    const detail = "The API key belongs to another agent than X-Agent-Id names.";
    throw new ProblemError("agent_mismatch", detail);
  }
  return caller;
}

function refusedKey(apiKey: string): ProblemError {
  if (isLiveKey(apiKey)) {
    const detail = "This is a paper venue: it takes no live keys. Register an agent here.";
    return new ProblemError("live_key_refused", detail);
  }
  return new ProblemError("unknown_api_key", "No agent of this paper venue has this API key.");
}

export function missingKey(): ProblemError {
  const detail = "Send the agent's API key: Authorization: Bearer pf_test_…";
  return new ProblemError("missing_api_key", detail, {}, { "www-authenticate": "Bearer" });
}

/** What a write carries beside its own fields. */
export interface Carried {
  readonly key: string | undefined;
  readonly carrier: KeyCarrier | undefined;
  readonly ref: string | undefined;
}

/** @throws ProblemError 400 where two carriers differ, 422 where one is not text of 1 to 255 characters */
export function carriedBy(request: Request, body: RawBody): Carried {
  const carriers = parseBody(Carriers, body);
  const header = textOf("Idempotency-Key", request.headers.get("idempotency-key"));
  const found: readonly (readonly [KeyCarrier, string | undefined])[] = [
    ["header", header],
    ["client_request_id", carriers.client_request_id],
    ["idempotency_key", carriers.idempotency_key],
  ];
  const [first, ...others] = found.filter(([, key]) => key !== undefined);
  if (others.some(([, key]) => key !== first?.[1])) {
    throw new ProblemError("key_conflict", "The request carries several keys, and they differ.");
  }
  return { carrier: first?.[0], key: first?.[1], ref: refOf(request, carriers.ref) };
}

function refOf(request: Request, inBody: string | undefined): string | undefined {
  const header = request.headers.get("x-holdfast-ref");
  // Header values are bytes: names beyond ASCII come percent-encoded.
  const inHeader = textOf("X-Holdfast-Ref", header === null ? null : decoded(header));
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody) {
    throw new ProblemError("ref_conflict", "The request carries two refs, and they differ.");
  }
  return inHeader ?? inBody;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function textOf(name: string, value: string | null): string | undefined {
  if (value === null || value === "") return undefined;
  if (CarriedText.safeParse(value).success) return value;
  const detail = `${name}: expected 1 to ${CARRIED_LENGTH_MAX} characters of text`;
  throw new ProblemError("invalid_request", detail);
}
