// Paths about the venue itself: how it is, and what became of a write.

import { IdempotencyResponse, StatusResponse } from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import { OPERATION_NAMES } from "../../command/perform.ts";
import { lastPart } from "../query.ts";
import { type Asked, type Route, read } from "../route.ts";

export const venueRoutes: readonly Route[] = [
  read("main", "/api/status", "status", {
    open: true,
    answer: ({ venue: { instanceId, clock }, told }) => ({
      status: "ok",
      venue: instanceId,
      mode: "paper",
      time_ms: clock.now() + (told?.skewMs ?? 0),
    }),
    response: StatusResponse,
  }),
  read("main", "/api/idempotency/:key", "idempotency", {
    answer: lookup,
    query: z.object({ operation: z.string().optional() }),
    response: IdempotencyResponse,
  }),
];

function lookup({ venue, inFlight, agent, path, url, told }: Asked): Json {
  const key = lastPart(path);
  const wanted = url.searchParams.get("operation") ?? undefined;
  const running = inFlight.find(agent, key, wanted === undefined ? OPERATION_NAMES : [wanted]);
  if (running !== undefined) return { state: "in_flight", operation: running };
  const kept = venue.lookup(agent, key, wanted, told?.keyTtlMs);
  if (kept === undefined) return { state: "unknown" };
  const { operation, status, at, ref, isSecret } = kept;
  // A secret is shown again to a repetition of the whole request only, not to any key of the agent.
  const body = isSecret ? {} : kept.body;
  return { state: "done", operation, status, body, at, ref };
}
