// Answers reads: finds what is asked for in the venue and shows it in the path's dialect.

import type { Json, Operation } from "../command/command.ts";
import { OrderStatus } from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Venue } from "../venue.ts";
import type { Exchange } from "./exchange.ts";
import type { InFlight } from "./in-flight.ts";
import { candlesOf, prices } from "./market-data.ts";
import { ProblemError } from "./problem.ts";
import { queried } from "./query.ts";
import type { ReadRoute } from "./route.ts";

/** Transactions or orders in one answer: at most, and where the caller does not say. */
const LISTED_MAX = 1_000;
const LISTED_DEFAULT = 50;

const OrdersQuery = z.object({ status: OrderStatus.optional() });

const WRITES: readonly Operation[] = [
  "register",
  "claim",
  "open",
  "close",
  "close-all",
  "place-order",
  "cancel-order",
  "deposit",
  "withdraw",
];

export function serveRead(
  venue: Venue,
  inFlight: InFlight,
  route: ReadRoute,
  exchange: Exchange,
): Json {
  const body = read(venue, inFlight, route, exchange);
  return route.render === undefined ? body : route.render(body, exchange.url);
}

function read(venue: Venue, inFlight: InFlight, route: ReadRoute, exchange: Exchange): Json {
  const agent = exchange.caller?.id ?? "";
  switch (route.operation) {
    case "balance":
      return { ...venue.balance(agent) };
    case "transactions":
      return { transactions: venue.transactions(agent, limitOf(exchange.url)) };
    case "positions":
      return { positions: venue.positions(agent) };
    case "portfolio":
      return { ...venue.portfolio(agent) };
    case "prices":
      return { pairs: prices(venue) };
    case "candles":
      return candlesOf(venue, exchange.url);
    case "orders": {
      const { status } = queried(OrdersQuery, exchange.url);
      return { orders: venue.orders(agent, limitOf(exchange.url), status) };
    }
    case "order": {
      const id = lastPart(exchange.path);
      const order = venue.order(agent, id);
      if (order !== undefined) return { ...order };
      throw new ProblemError("unknown_order", `No order ${id} of this agent.`);
    }
    case "status": {
      const { instanceId, clock } = venue;
      return { status: "ok", venue: instanceId, mode: "paper", time_ms: clock.now() };
    }
    case "idempotency":
      return lookup(venue, inFlight, agent, exchange);
  }
}

function lookup(venue: Venue, inFlight: InFlight, agent: string, exchange: Exchange): Json {
  const key = lastPart(exchange.path);
  const wanted = exchange.url.searchParams.get("operation") ?? undefined;
  const running = inFlight.find(agent, key, wanted === undefined ? WRITES : [wanted]);
  if (running !== undefined) return { state: "in_flight", operation: running };
  const kept = venue.lookup(agent, key, wanted);
  if (kept === undefined) return { state: "unknown" };
  const { operation, status, body, at, ref } = kept;
  return { state: "done", operation, status, body, at, ref };
}

function lastPart(path: string): string {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    throw new ProblemError("malformed_path", "The path is not percent-encoded text.");
  }
}

function limitOf(url: URL): number {
  const limit = Number(url.searchParams.get("limit") ?? LISTED_DEFAULT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LISTED_MAX) return limit;
  const detail = `limit: expected a whole number from 1 to ${LISTED_MAX}`;
  throw new ProblemError("invalid_request", detail);
}
