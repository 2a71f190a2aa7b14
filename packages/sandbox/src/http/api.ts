// The venue's API over HTTP: finds the operation, checks who calls, lets faults strike, carries out, answers.

import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Json, KeyCarrier, Sender } from "../command/command.ts";
import type { FaultRule, Faults } from "../fault/faults.ts";
import type { Venue } from "../venue.ts";
import { readBody } from "./body.ts";
import { ProblemError, json } from "./problem.ts";
import { type Carried, ROUTES, type ReadRoute, type Route, type WriteRoute, place } from "./routes.ts";

type Bindings = { Bindings: HttpBindings };

interface Exchange {
  readonly request: Request;
  readonly url: URL;
  readonly path: string;
  readonly bindings: HttpBindings;
}

/** Most transactions in one answer. */
const TRANSACTIONS_MAX = 1_000;

export function createApi(venue: Venue, faults: Faults): Hono<Bindings> {
  const app = new Hono<Bindings>();
  app.all("*", async (c) => {
    const url = new URL(c.req.url);
    const placed = place(c.req.header("host") ?? "", url.pathname);
    const exchange: Exchange = { request: c.req.raw, url, path: placed.path, bindings: c.env };
    let response: Response;
    try {
      const candidates = ROUTES.filter((route) => route.host === placed.host && route.path.test(placed.path));
      const route = candidates.find(({ method }) => method === c.req.method);
      if (route === undefined) throw noRoute(c.req.method, placed.path, candidates);
      response = await serve(venue, faults, route, exchange);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      response = json(error.status, error.body);
    }
    response.headers.set("x-venue-time", String(venue.clock.now()));
    response.headers.set("x-venue-instance", venue.instanceId);
    return response;
  });
  app.onError((error) =>
    json(500, new ProblemError(500, "internal", `The paper venue has met a bug of its own: ${error.message}`).body),
  );
  return app;
}

async function serve(venue: Venue, faults: Faults, route: Route, exchange: Exchange): Promise<Response> {
  const agent = whoCalls(venue, route, exchange.request);
  if (route.kind === "write") return serveWrite(venue, faults, route, exchange, agent);
  const struck = faults.hit({ operation: route.operation, agent, key: undefined, at: venue.clock.now() });
  const before = await strike(venue, struck, "before", exchange, agent, undefined);
  if (before !== undefined) return before;
  const response = json(200, render(route, answerRead(venue, route, exchange, agent ?? "")));
  return (await strike(venue, struck, "after", exchange, agent, undefined)) ?? response;
}

async function serveWrite(venue: Venue, faults: Faults, route: WriteRoute, exchange: Exchange, agent: string | undefined): Promise<Response> {
  const { request } = exchange;
  const body: unknown = await readBody(request, route.schema);
  const carried = body as Carried;
  const sender: Sender = { agent: agent ?? "", ref: refOf(request, carried), ...keyOf(request, carried) };
  const command = route.command(body as never);
  const struck = faults.hit({ operation: route.operation, agent, key: sender.key, at: venue.clock.now() });
  const before = await strike(venue, struck, "before", exchange, agent, sender.key);
  if (before !== undefined) return before;
  const executed = venue.execute(command, sender);
  const after = await strike(venue, struck, "after", exchange, agent, sender.key);
  if (after !== undefined) return after;
  const headers: Record<string, string> = {
    ...(executed.replayed ? { "idempotent-replayed": "true" } : {}),
    ...(executed.retryAfterS === undefined ? {} : { "retry-after": String(executed.retryAfterS) }),
  };
  const rendered = route.render === undefined || executed.status >= 400 ? executed.body : route.render(executed.body, body as Json);
  if (executed.replayed && sender.carrier === "idempotency_key" && executed.status < 400) {
    return json(409, { ...rendered, duplicate: true, original_status: executed.status }, headers);
  }
  return json(executed.status, rendered, headers);
}

/** Lets faults strike at one moment; an answer given here replaces the real one. */
async function strike(
  venue: Venue,
  struck: readonly FaultRule[],
  moment: "before" | "after",
  exchange: Exchange,
  agent: string | undefined,
  key: string | undefined,
): Promise<Response | undefined> {
  for (const rule of struck) {
    switch (rule.kind) {
      case "outage":
        if (moment === "before") return cut(exchange);
        break;
      case "latency":
        if (rule.when !== moment) break;
        await venue.clock.hold(
          { until: venue.clock.now() + rule.ms, method: exchange.request.method, path: exchange.path, agent, key },
          (gone) => exchange.bindings.incoming.socket.once("close", gone),
        );
        break;
      case "status":
        if (rule.when === moment) {
          throw new ProblemError(rule.status, "fault_injected", `An injected ${rule.status}, ${moment} the commit.`);
        }
        break;
      case "throttle":
        if (moment === "before") {
          const problem = new ProblemError(429, "rate_limited", "Too many requests (injected).");
          return json(429, problem.body, rule.retryAfterS === undefined ? {} : { "retry-after": String(rule.retryAfterS) });
        }
        break;
      case "drop":
        if (rule.when === moment) return cut(exchange);
    }
  }
  return undefined;
}

/** Cuts the connection: the caller gets no answer and cannot know what happened. */
function cut(exchange: Exchange): Response {
  exchange.bindings.incoming.socket.destroy();
  return new Response(null, { status: 499 });
}

function answerRead(venue: Venue, route: ReadRoute, exchange: Exchange, agent: string): Json {
  switch (route.operation) {
    case "balance":
      return venue.balance(agent);
    case "transactions": {
      const limit = Number(exchange.url.searchParams.get("limit") ?? 50);
      if (!Number.isInteger(limit) || limit < 1 || limit > TRANSACTIONS_MAX) {
        throw new ProblemError(422, "invalid_request", `limit: expected a whole number from 1 to ${TRANSACTIONS_MAX}`);
      }
      return { transactions: venue.transactions(agent, limit) };
    }
    case "positions":
      return { positions: venue.positions(agent) };
    case "portfolio":
      return venue.portfolio(agent);
    case "prices":
      return { pairs: venue.prices() };
    case "status":
      return { status: "ok", venue: venue.instanceId, mode: "paper", time_ms: venue.clock.now() };
    case "idempotency":
      return venue.lookup(agent, decodeURIComponent(exchange.path.slice(exchange.path.lastIndexOf("/") + 1)));
  }
}

function render(route: ReadRoute, body: Json): Json {
  return route.render === undefined ? body : route.render(body);
}

function whoCalls(venue: Venue, route: Route, request: Request): string | undefined {
  const header = request.headers.get("authorization") ?? "";
  const apiKey = /^Bearer\s+(\S+)$/iu.exec(header)?.[1];
  if (apiKey === undefined) {
    if (route.open === true) return undefined;
    throw new ProblemError(401, "missing_api_key", "Send the agent's API key: Authorization: Bearer pf_test_…");
  }
  const agent = venue.authenticate(apiKey);
  if (agent === undefined) {
    if (route.open === true) return undefined;
    throw new ProblemError(401, "unknown_api_key", "No agent of this paper venue has this API key.");
  }
  const named = request.headers.get("x-agent-id");
  if (named !== null && named !== agent) {
    throw new ProblemError(403, "agent_mismatch", "The API key belongs to another agent than X-Agent-Id names.");
  }
  return agent;
}

function keyOf(request: Request, body: Carried): { readonly key: string | undefined; readonly carrier: KeyCarrier | undefined } {
  const found: { key: string; carrier: KeyCarrier }[] = [];
  const header = request.headers.get("idempotency-key");
  if (header !== null && header !== "") found.push({ key: header, carrier: "header" });
  if (body.client_request_id !== undefined) found.push({ key: body.client_request_id, carrier: "client_request_id" });
  if (body.idempotency_key !== undefined) found.push({ key: body.idempotency_key, carrier: "idempotency_key" });
  const [first] = found;
  if (found.some(({ key }) => key !== first?.key)) {
    throw new ProblemError(400, "key_conflict", "The request carries several keys, and they differ.");
  }
  if (first !== undefined && first.key.length > 255) {
    throw new ProblemError(422, "invalid_request", "A key has at most 255 characters.");
  }
  return first ?? { key: undefined, carrier: undefined };
}

function refOf(request: Request, body: Carried): string | undefined {
  const header = request.headers.get("x-holdfast-ref");
  // Header values are bytes: names beyond Latin-1 come percent-encoded.
  if (header === null) return body.ref;
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

function noRoute(method: string, path: string, candidates: readonly Route[]): ProblemError {
  if (candidates.length > 0) {
    return new ProblemError(405, "method_not_allowed", `${path} takes ${candidates.map((route) => route.method).join(", ")}, not ${method}.`);
  }
  return new ProblemError(404, "unknown_path", `The paper venue has no ${method} ${path}.`);
}
