// Who may call from a page in a browser: nobody, unless the venue was told of an origin. A browser asks before
// it sends an API key; where the answer names no origin it sends nothing.

import type { Headers } from "./problem.ts";

const PREFLIGHT_SECONDS = 600;

const ALLOWED_HEADERS = "authorization, content-type, idempotency-key, x-agent-id, x-holdfast-ref";
const SHOWN_HEADERS =
  "idempotent-replayed, ratelimit, ratelimit-policy, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-venue-instance, x-venue-time";

export interface Cors {
  /** Headers for an origin; none for one that may not call. */
  headers(origin: string | null): Headers;
  /** Further headers of the answer to a browser that asks before it sends. */
  preflight(origin: string | null, methods: string): Headers;
}

/** @throws RangeError where one is no origin as browsers write it: "http://localhost:5173" */
export function createCors(origins: readonly string[]): Cors {
  for (const origin of origins) checkOrigin(origin);
  const allowed = new Set(origins);
  const isAllowed = (origin: string | null): origin is string =>
    origin !== null && allowed.has(origin);
  return {
    headers(origin) {
      // What is answered depends on who asks, even where it says no.
      if (origins.length === 0) return {};
      if (!isAllowed(origin)) return { vary: "origin" };
      return {
        vary: "origin",
        "access-control-allow-origin": origin,
        "access-control-expose-headers": SHOWN_HEADERS,
      };
    },
    preflight(origin, methods) {
      if (!isAllowed(origin)) return {};
      return {
        "access-control-allow-methods": methods,
        "access-control-allow-headers": ALLOWED_HEADERS,
        "access-control-max-age": String(PREFLIGHT_SECONDS),
      };
    },
  };
}

function checkOrigin(origin: string): void {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return;
  throw new RangeError(
    `Cannot allow calls from ${JSON.stringify(origin)}: expected an origin such as "http://localhost:5173".`,
  );
}
