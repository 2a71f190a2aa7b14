// Takes a request's token, and says what is left: in the fields of the IETF draft, and in those that came
// before it.

import type { RateLimits } from "../limit/rate-limits.ts";
import { type Headers, ProblemError } from "./problem.ts";
import type { Route } from "./route.ts";
import { serviceOf } from "./service.ts";

const MINUTE_SECONDS = 60;

/** Returns headers for the answer. @throws ProblemError 429, which carries them, too */
export function limited(limits: RateLimits, route: Route, holder: string, at: number): Headers {
  const service = route.service ?? serviceOf(route);
  const taken = limits.take(holder, service, at);
  if (taken === undefined) return {};
  const { policy, admitted, remaining, fullInSeconds, retryAfterSeconds } = taken;
  // A bucket is a quota of its size in the time in which it fills.
  const window = Math.ceil((policy.burst * MINUTE_SECONDS) / policy.perMinute);
  const headers: Headers = {
    "ratelimit-policy": `"${service}";q=${policy.burst};w=${window}`,
    ratelimit: `"${service}";r=${remaining};t=${fullInSeconds}`,
    "x-ratelimit-limit": String(policy.burst),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(fullInSeconds),
  };
  if (admitted) return headers;
  const detail = `Too many requests to ${service}: ${policy.perMinute} a minute, at most ${policy.burst} at once.`;
  throw new ProblemError(
    "rate_limited",
    detail,
    { service },
    {
      ...headers,
      "retry-after": String(retryAfterSeconds),
    },
  );
}
