// Who calls, and under which names: the agent of an API key, the key of the write, the name of its decision.

import { CARRIED_LENGTH_MAX, Carriers, CarriedText } from "@holdfast/purpleflea/wire";
import type { KeyHolder } from "../agent/keyring.ts";
import type { NeededScope } from "../agent/scope.ts";
import type { KeyCarrier } from "../command/command.ts";
import type { Venue } from "../venue.ts";
import { type RawBody, parseBody } from "./body.ts";
import { ProblemError } from "./problem.ts";
import type { RequestHead } from "./request-head.ts";

export type Caller = KeyHolder;

/** The agent whose API key the request shows; undefined where it shows none. @throws ProblemError 401, 403 */
export function callerOf(venue: Venue, request: RequestHead): Caller | undefined {
  const header = request.headers.get("authorization") ?? "";
  const apiKey = /^Bearer\s+(\S+)$/iu.exec(header)?.[1];
  if (apiKey === undefined) return undefined;
  const caller = venue.keyHolder(apiKey);
  if (typeof caller === "string") throw refusedKey(caller);
  const named = request.headers.get("x-agent-id");
  if (named !== null && named !== caller.id) {
    const detail = "The API key belongs to another agent than X-Agent-Id names.";
    throw new ProblemError("agent_mismatch", detail);
  }
  return caller;
}

function refusedKey(state: Extract<ReturnType<Venue["keyHolder"]>, string>): ProblemError {
  switch (state) {
    case "live": {
      const detail =
        "This is a paper venue: it takes no live keys, and this one was neither kept nor sent on. Register an agent here (POST /@faucet/api/register) and use its pf_test_… key.";
      return new ProblemError("live_key_refused", detail);
    }
    case "revoked":
      return new ProblemError("revoked_api_key", "This API key has been revoked.");
    case "expired":
      return new ProblemError("expired_api_key", "This API key has expired.");
    case "unknown":
      return new ProblemError("unknown_api_key", "No agent of this paper venue has this API key.");
  }
}

/** @throws ProblemError 403 where the key may not do it */
export function checkScope({ scopes, isFull }: Caller, needed: NeededScope): void {
  if (needed === "full" ? isFull : scopes.includes(needed)) return;
  const has = scopes.join(", ");
  const wanted =
    needed === "full" ? "a full key: all scopes and no expiry" : `a key with the scope ${needed}`;
  const detail = `This needs ${wanted}; this key has ${has}.`;
  throw new ProblemError("missing_scope", detail, { needed });
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
export function carriedBy(request: RequestHead, body: RawBody): Carried {
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
  if (first?.[1] !== undefined && RESERVED.test(first[1])) {
    throw new ProblemError("invalid_request", "A key of this form is reserved: choose another.");
  }
  return { carrier: first?.[0], key: first?.[1], ref: refOf(request, carriers.ref) };
}

/** How the keys of answers that hold secrets stand in the file. */
const RESERVED = /^sha256:[0-9a-f]{64}$/u;

function refOf(request: RequestHead, inBody: string | undefined): string | undefined {
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
