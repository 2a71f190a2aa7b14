// The venue's API over HTTP: finds the route, the caller and the names that a request carries, lets faults
// strike, and serves it. Bad input is answered with 4xx, always; a 5xx is a fault that was asked for, or a bug.

import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Command } from "../command/command.ts";
import type { Faults } from "../fault/faults.ts";
import type { FaultRequest, RequestRule } from "../fault/rule.ts";
import type { Venue } from "../venue.ts";
import { normalise } from "./alias.ts";
import { type RawBody, readObject } from "./body.ts";
import { type Caller, type Carried, callerOf, carriedBy, missingKey } from "./caller.ts";
import { type Exchange, cut } from "./exchange.ts";
import { addFairnessPage } from "./fairness-page.ts";
import { InFlight } from "./in-flight.ts";
import { distorted, toldInstant } from "./market-fault.ts";
import { ProblemError, bugResponse, jsonText, problemResponse } from "./problem.ts";
import { type Route, isPath, place } from "./route.ts";
import { ROUTES } from "./routes.ts";
import { keyTtlOf } from "./sender-fault.ts";
import { serveWrite } from "./serve-write.ts";
import { strike } from "./strike.ts";
import { skewOf, tamper } from "./tamper.ts";

export interface Bindings {
  Bindings: HttpBindings;
}

const VENUE_TIME = "x-venue-time";

export function createApi(venue: Venue, faults: Faults): Hono<Bindings> {
  const inFlight = new InFlight();
  const app = new Hono<Bindings>();
  addFairnessPage(app);
  app.all("*", async (c) => {
    let response: Response;
    try {
      response = await serve(venue, faults, inFlight, { request: c.req.raw, bindings: c.env });
    } catch (error) {
      response = error instanceof ProblemError ? problemResponse(error) : bugResponse(error);
    }
    if (!response.headers.has(VENUE_TIME)) {
      response.headers.set(VENUE_TIME, String(venue.clock.now()));
    }
    response.headers.set("x-venue-instance", venue.instanceId);
    return response;
  });
  return app;
}

async function serve(
  venue: Venue,
  faults: Faults,
  inFlight: InFlight,
  arrived: Pick<Exchange, "request" | "bindings">,
): Promise<Response> {
  const understood = await understand(venue, arrived);
  const { exchange, route } = understood;
  const { method, path, caller, key } = exchange;
  const operation = route?.operation ?? "unknown";
  const at = venue.clock.now();
  const request = { operation, method, path, agent: caller, key, at };
  const struck = faults.hit(request);
  // An outage asks nobody anything.
  if (struck.some(({ kind }) => kind === "outage")) return cut(exchange);
  const response = await answered({ venue, faults, inFlight }, understood, request, struck);
  const skew = skewOf(struck);
  if (skew !== 0) response.headers.set(VENUE_TIME, String(venue.clock.now() + skew));
  return tamper(response, struck, exchange);
}

interface Served {
  readonly venue: Venue;
  readonly faults: Faults;
  readonly inFlight: InFlight;
}

async function answered(
  { venue, faults, inFlight }: Served,
  understood: Understood,
  request: FaultRequest,
  struck: readonly RequestRule[],
): Promise<Response> {
  if (understood.kind === "refused") {
    const before = await strike(struck, "before", understood.exchange, venue.clock);
    return before ?? problemResponse(understood.error);
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
): Promise<Response> {
  const before = await strike(struck, "before", exchange, venue.clock);
  if (before !== undefined) return before;
  const { caller, url, path } = exchange;
  const told = {
    marketAt: toldInstant(struck),
    keyTtlMs: keyTtlOf(struck),
    skewMs: skewOf(struck),
  };
  const body = route.answer({
    venue,
    inFlight,
    agent: caller?.id ?? "",
    url,
    path,
    told,
    body: asked,
  });
  const shown = route.render?.(body, url) ?? body;
  const response = jsonText(200, distorted(shown, struck, venue.clock.now()));
  return (await strike(struck, "after", exchange, venue.clock)) ?? response;
}

/** What a request is, or why it is refused; faults need to know even of those that are refused. */
type Understood =
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

async function understand(
  venue: Venue,
  { request, bindings }: Pick<Exchange, "request" | "bindings">,
): Promise<Understood> {
  const url = new URL(request.url);
  const { method } = request;
  const { host, path } = place(request.headers.get("host") ?? "", url.pathname);
  const base = { request, bindings, url, method, path };
  let route: Route | undefined;
  let caller: Caller | undefined;
  let carried: Carried | undefined;
  try {
    route = findRoute(host, method, path);
    caller = whoCalls(venue, route, request);
    if (route.kind === "read") {
      const body = route.method === "POST" ? await readObject(request) : {};
      return { kind: "read", route, body, exchange: { ...base, caller, key: undefined } };
    }
    const raw = await readObject(request);
    carried = carriedBy(request, raw);
    const body = normalise(raw, route.aliases);
    const exchange = { ...base, caller, key: carried.key };
    return { kind: "write", route, exchange, body, command: route.command(body, path), carried };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: "refused", route, error, exchange: { ...base, caller, key: carried?.key } };
  }
}

function whoCalls(venue: Venue, route: Route, request: Request): Caller | undefined {
  if (route.open === true) return undefined;
  const caller = callerOf(venue, request);
  if (caller === undefined) throw missingKey();
  return caller;
}

function findRoute(host: string, method: string, path: string): Route {
  const here = ROUTES.filter((route) => route.host === host && isPath(route.path, path));
  const found = here.find((route) => route.method === method);
  if (found !== undefined) return found;
  if (here.length === 0) {
    throw new ProblemError("unknown_path", `The paper venue has no ${method} ${path}.`);
  }
  const allow = here.map((route) => route.method).join(", ");
  const detail = `${path} takes ${allow}, not ${method}.`;
  throw new ProblemError("method_not_allowed", detail, {}, { allow });
}
