// Answers reads: finds what is asked for in the venue and shows it in the path's dialect.

import type { Json, Operation } from "../command/command.ts";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Venue } from "../venue.ts";
import type { Exchange } from "./exchange.ts";
import type { InFlight } from "./in-flight.ts";
import { ProblemError } from "./problem.ts";
import type { ReadRoute } from "./route.ts";

/** Transactions in one answer: at most, and where the caller does not say. */
const TRANSACTIONS_MAX = 1_000;
const TRANSACTIONS_DEFAULT = 50;

const WRITES: readonly Operation[] = ["register", "claim", "open", "close", "close-all"];

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
    case "status": {
      const { instanceId, clock } = venue;
      return { status: "ok", venue: instanceId, mode: "paper", time_ms: clock.now() };
    }
    case "idempotency":
      return lookup(venue, inFlight, agent, exchange);
  }
}

function prices({ market, clock }: Venue): readonly Json[] {
  const at = clock.now();
  return market.pairs.map((pair) => {
    const { mark, bid, ask } = market.quote(pair, at);
    return {
      pair: pair.symbol,
      symbol: pair.symbol,
      price_micros: toMicros(mark),
      price: toGuideNumber(mark),
      bid_micros: toMicros(bid),
      bid: toGuideNumber(bid),
      ask_micros: toMicros(ask),
      ask: toGuideNumber(ask),
      timestamp_ms: at,
    };
  });
}

function lookup(venue: Venue, inFlight: InFlight, agent: string, exchange: Exchange): Json {
  const key = keyIn(exchange.path);
  const wanted = exchange.url.searchParams.get("operation") ?? undefined;
  const running = inFlight.find(agent, key, wanted === undefined ? WRITES : [wanted]);
  if (running !== undefined) return { state: "in_flight", operation: running };
  const kept = venue.lookup(agent, key, wanted);
  if (kept === undefined) return { state: "unknown" };
  const { operation, status, body, at, ref } = kept;
  return { state: "done", operation, status, body, at, ref };
}

function keyIn(path: string): string {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    throw new ProblemError("malformed_path", "The path is not percent-encoded text.");
  }
}

function limitOf(url: URL): number {
  const limit = Number(url.searchParams.get("limit") ?? TRANSACTIONS_DEFAULT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= TRANSACTIONS_MAX) return limit;
  const detail = `limit: expected a whole number from 1 to ${TRANSACTIONS_MAX}`;
  throw new ProblemError("invalid_request", detail);
}
