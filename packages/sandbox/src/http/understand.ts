// Understands a request: which route it means, who calls and whether they may, which names it carries, and what
// it wants. Nothing is carried out here; what is refused is refused with everything that faults need to know.

import type { IncomingMessage } from "node:http";
import type { Command } from "../command/command.ts";
import type { RateLimits } from "../limit/rate-limits.ts";
import type { Venue } from "../venue.ts";
import { normalise } from "./alias.ts";
import { type RawBody, readIncoming } from "./body.ts";
import {
  type Caller,
  type Carried,
  callerOf,
  carriedBy,
  checkScope,
  missingKey,
} from "./caller.ts";
import type { Bindings, Exchange } from "./exchange.ts";
import { findRoute } from "./find-route.ts";
import { limited } from "./limited.ts";
import { type Headers, ProblemError } from "./problem.ts";
import { type RequestHead, headOf } from "./request-head.ts";
import { type Route, place } from "./route.ts";
import { scopeOf } from "./service.ts";
import { checkStrictly } from "./strict.ts";

/** What a request is, or why it is refused; faults need to know even of those that are refused. */
export type Understood =
  | {
      readonly kind: "read";
      readonly exchange: Exchange;
      readonly route: Extract<Route, { kind: "read" }>;
      readonly body: RawBody;
    }
  | {
      readonly kind: "write";
      readonly exchange: Exchange;
      readonly route: Extract<Route, { kind: "write" }>;
      readonly body: RawBody;
      readonly command: Command;
      readonly carried: Carried;
    }
  | {
      readonly kind: "refused";
      readonly exchange: Exchange;
      readonly route: Route | undefined;
      readonly error: ProblemError;
    };

/** What requests are understood with. */
export interface Understanding {
  readonly venue: Venue;
  readonly limits: RateLimits;
  readonly strict: boolean;
}

/** @throws ProblemError 400 where the request's target is no path */
export async function understand(
  { venue, limits, strict }: Understanding,
  bindings: Bindings,
): Promise<Understood> {
  const { incoming } = bindings;
  const url = urlOf(incoming);
  const { method = "GET" } = incoming;
  const { host, path } = place(incoming.headers.host ?? "", url.pathname);
  const request = headOf(incoming);
  const base = { request, bindings, url, method, path };
  let route: Route | undefined;
  let caller: Caller | undefined;
  let carried: Carried | undefined;
  let headers: Headers = {};
  try {
    route = findRoute(host, method, path);
    caller = whoCalls(venue, route, request);
    const holder = caller?.keyId ?? `at ${incoming.socket.remoteAddress ?? ""}`;
    headers = limited(limits, route, holder, venue.clock.now());
    if (route.kind === "read") {
      const body = route.method === "POST" ? await readIncoming(incoming) : {};
      return { kind: "read", route, body, exchange: { ...base, caller, key: undefined, headers } };
    }
    const raw = await readIncoming(incoming);
    carried = carriedBy(request, raw);
    if (strict) checkStrictly(route, raw, carried);
    const body = normalise(raw, route.aliases);
    const exchange = { ...base, caller, key: carried.key, headers };
    return { kind: "write", route, exchange, body, command: route.command(body, path), carried };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const exchange = { ...base, caller, key: carried?.key, headers };
    return { kind: "refused", route, error, exchange };
  }
}

/** @throws ProblemError 401, 403 */
function whoCalls(venue: Venue, route: Route, request: RequestHead): Caller | undefined {
  if (route.open === true) return undefined;
  const caller = callerOf(venue, request);
  if (caller === undefined) throw missingKey();
  checkScope(caller, route.scope ?? scopeOf(route));
  return caller;
}

/** The address that a request means. @throws ProblemError 400 */
export function urlOf({ url = "", headers, httpVersion }: IncomingMessage): URL {
  if (headers.host === undefined && httpVersion === "1.1") {
    throw new ProblemError("malformed_request", "The request has no Host header.");
  }
  const text = url.startsWith("/") ? `http://venue${url}` : url;
  if (/^https?:/u.test(text) && URL.canParse(text)) return new URL(text);
  throw new ProblemError("malformed_path", "The request's target is not a path.");
}
