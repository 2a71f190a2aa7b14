// How long a venue asks to wait. Its dates are read against its own clock, never against ours.

/**
 * Milliseconds of a Retry-After header, from seconds or from a date; a date counts from the answer's own
 * Date header. Undefined where it is absent, cannot be read, or gives a date and the answer has none.
 *
 * @example
 * retryAfterMs(new Headers({ "retry-after": "7" })); // 7_000
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const wish = headers.get("retry-after")?.trim();
  if (wish === undefined || wish === "") return undefined;
  if (/^\d+(?:\.\d+)?$/u.test(wish)) return Math.min(Number(wish) * 1_000, WISH_MS_MAX);
  const at = Date.parse(wish);
  const now = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(at) || Number.isNaN(now)) return undefined;
  return Math.min(Math.max(0, at - now), WISH_MS_MAX);
}

/**
 * Milliseconds until a used-up quota is filled again, from the headers of rate limits: the draft's `RateLimit`, or
 * `X-RateLimit-Reset` in seconds from now. For an answer that says no more than that there were too many requests.
 *
 * @example
 * quotaResetMs(new Headers({ ratelimit: '"trade";r=0;t=12' })); // 12_000
 */
export function quotaResetMs(headers: Headers): number | undefined {
  const draft = /;\s*t=(\d{1,9})/u.exec(headers.get("ratelimit") ?? "")?.[1];
  const older = /^\d{1,5}$/u.exec(headers.get("x-ratelimit-reset")?.trim() ?? "")?.[0];
  const seconds = draft ?? older;
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1_000, WISH_MS_MAX);
}

/** A venue that asks for more is asked again after a day. */
const WISH_MS_MAX = 86_400_000;
