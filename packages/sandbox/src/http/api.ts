// The venue's API over HTTP: finds the route, the caller and the names that a request carries, lets faults
// strike, and serves it. Bad input is answered with 4xx, always; a 5xx is a fault that was asked for, or a bug.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Faults } from "../fault/faults.ts";
import type { FaultRequest, RequestRule } from "../fault/rule.ts";
import { type RateLimitOption, createRateLimits } from "../limit/rate-limits.ts";
import type { Venue } from "../venue.ts";
import { type Answer, CUT, bugAnswer, problemAnswer, textAnswer, send } from "./answer.ts";
import { type Cors, createCors } from "./cors.ts";
import { type Bindings, cut } from "./exchange.ts";
import { fairnessPage } from "./fairness-page.ts";
import { methodsAt } from "./find-route.ts";
import { InFlight } from "./in-flight.ts";
import { distorted, toldInstant } from "./market-fault.ts";
import { type Headers, ProblemError } from "./problem.ts";
import { place } from "./route.ts";
import { keyTtlOf } from "./sender-fault.ts";
import { serveWrite } from "./serve-write.ts";
import { strike } from "./strike.ts";
import { breakOff, skewOf, tamper } from "./tamper.ts";
import { type Understanding, type Understood, understand, urlOf } from "./understand.ts";

export interface ApiOptions {
  /** Limits for each API key and service. Default false: none. */
  readonly rateLimits?: RateLimitOption;
  /** Refuses writes without a key and fields that it does not know. Default false. */
  readonly strict?: boolean;
  /** Origins whose pages may call, such as "http://localhost:5173". Default: none. */
  readonly cors?: readonly string[];
}

/** What the serving of a request works with. */
interface Api extends Understanding {
  readonly faults: Faults;
  readonly inFlight: InFlight;
  readonly cors: Cors;
}

const VENUE_TIME = "x-venue-time";

/** An API has no pages: whatever a browser takes its answers for, it runs nothing of them. */
const SECURITY: Headers = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** @throws RangeError where an option is not one */
export function createApi(
  venue: Venue,
  faults: Faults,
  { rateLimits = false, strict = false, cors = [] }: ApiOptions = {},
): RequestListener {
  const api: Api = {
    venue,
    faults,
    inFlight: new InFlight(),
    limits: createRateLimits(rateLimits),
    strict,
    cors: createCors(cors),
  };
  return (incoming, outgoing) => {
    void respond(api, incoming, outgoing);
  };
}

async function respond(
  api: Api,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { venue, cors } = api;
  const { answer, headers } = await answerTo(api, { incoming, outgoing });
  if (answer === CUT) return;
  const more = {
    [VENUE_TIME]: String(venue.clock.now()),
    "x-venue-instance": venue.instanceId,
    ...SECURITY,
    ...cors.headers(incoming.headers.origin ?? null),
    ...headers,
    ...answer.headers,
  };
  const isHead = incoming.method === "HEAD";
  send(outgoing, answer, more, isHead);
  if (answer.promised !== undefined && !isHead) await breakOff(outgoing);
}

interface Answered {
  readonly answer: Answer;
  /** Of the exchange, whatever is answered. */
  readonly headers: Headers;
}

async function answerTo(api: Api, bindings: Bindings): Promise<Answered> {
  try {
    if (bindings.incoming.method === "OPTIONS") {
      return { answer: options(api, bindings.incoming), headers: {} };
    }
    const page = pageFor(bindings.incoming);
    if (page !== undefined) return { answer: page, headers: {} };
    const understood = await understand(api, bindings);
    const { headers } = understood.exchange;
    try {
      return { answer: await serve(api, understood), headers };
    } catch (error) {
      return { answer: failure(error), headers };
    }
  } catch (error) {
    return { answer: failure(error), headers: {} };
  }
}

function failure(error: unknown): Answer {
  return error instanceof ProblemError ? problemAnswer(error) : bugAnswer(error);
}

/** Which methods a path takes, and to a browser whether its page may use them. @throws ProblemError 400, 404 */
function options({ cors }: Api, incoming: IncomingMessage): Answer {
  const { host, path } = place(incoming.headers.host ?? "", urlOf(incoming).pathname);
  const allow = methodsAt(host, path);
  const isPreflight = incoming.headers["access-control-request-method"] !== undefined;
  const asked = isPreflight ? cors.preflight(incoming.headers.origin ?? null, allow) : {};
  return { status: 204, headers: { allow, ...asked }, body: "" };
}

/** The one page of the venue, for whoever plays a bet again. @throws ProblemError 400 */
function pageFor(incoming: IncomingMessage): Answer | undefined {
  const isAsked = incoming.method === "GET" || incoming.method === "HEAD";
  return isAsked ? fairnessPage(urlOf(incoming).pathname) : undefined;
}

async function serve(api: Api, understood: Understood): Promise<Answer> {
  const { venue, faults } = api;
  const { exchange, route } = understood;
  const { method, path, caller, key } = exchange;
  const operation = route?.operation ?? "unknown";
  const at = venue.clock.now();
  const ref = understood.kind === "write" ? understood.carried.ref : undefined;
  const request = { operation, method, path, agent: caller, key, ref, at };
  const struck = faults.hit(request);
  // An outage asks nobody anything.
  if (struck.some(({ kind }) => kind === "outage")) return cut(exchange);
  const answer = await answered(api, understood, request, struck);
  if (answer === CUT) return answer;
  const skew = skewOf(struck);
  const time = skew === 0 ? {} : { [VENUE_TIME]: String(venue.clock.now() + skew) };
  return tamper({ ...answer, headers: { ...answer.headers, ...time } }, struck);
}

async function answered(
  { venue, faults, inFlight }: Api,
  understood: Understood,
  request: FaultRequest,
  struck: readonly RequestRule[],
): Promise<Answer> {
  if (understood.kind === "refused") {
    const before = await strike(struck, "before", understood.exchange, venue.clock);
    return before ?? problemAnswer(understood.error);
  }
  if (understood.kind === "read") return serveReadStruck(venue, inFlight, understood, struck);
  const committed = (): boolean => faults.committed(request);
  return serveWrite(venue, inFlight, { ...understood, struck, committed });
}

async function serveReadStruck(
  venue: Venue,
  inFlight: InFlight,
  { route, exchange, body: asked }: Extract<Understood, { kind: "read" }>,
  struck: readonly RequestRule[],
): Promise<Answer> {
  const before = await strike(struck, "before", exchange, venue.clock);
  if (before !== undefined) return before;
  const { caller, url, path } = exchange;
  const told = {
    marketAt: toldInstant(struck),
    keyTtlMs: keyTtlOf(struck),
    skewMs: skewOf(struck),
  };
  const agent = caller?.id ?? "";
  const body = route.answer({ venue, inFlight, agent, url, path, told, body: asked });
  const shown = route.render?.(body, url) ?? body;
  const answer = textAnswer(200, distorted(shown, struck, venue.clock.now()));
  return (await strike(struck, "after", exchange, venue.clock)) ?? answer;
}
