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
  const quotas = quotasOf(headers.get("ratelimit"));
  const draft = (quotas.find(({ r }) => r === 0) ?? quotas.find(({ t }) => t !== undefined))?.t;
  const seconds = draft ?? olderReset(headers);
  return seconds === undefined ? undefined : Math.min(seconds * 1_000, WISH_MS_MAX);
}

/**
 * Milliseconds until the next request is due, where an answer of any kind says that nothing is left of a quota:
 * the draft's `RateLimit`, or else `X-RateLimit-Remaining`. Undefined where it does not say so, or not until when.
 *
 * A policy (`RateLimit-Policy`) of q requests in w seconds makes the next one due after w/q seconds, for a bucket
 * fills one by one, or at the reset if that is sooner; without a policy the reset counts. Of several quotas the one
 * that is due last counts. At most a minute.
 *
 * @example
 * const policy = { "ratelimit-policy": '"trade";q=20;w=10' };
 * nextDueMs(new Headers({ ratelimit: '"trade";r=0;t=12', ...policy })); // 500
 * nextDueMs(new Headers({ ratelimit: '"trade";r=0;t=12' })); // 12_000
 * nextDueMs(new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" })); // 7_000
 */
export function nextDueMs(headers: Headers): number | undefined {
  const quotas = quotasOf(headers.get("ratelimit"));
  const policies = quotasOf(headers.get("ratelimit-policy"));
  const due = quotas
    .filter(({ r }) => r === 0)
    .map(({ name, t }) =>
      dueSeconds(
        t,
        policies.find((policy) => policy.name === name),
      ),
    );
  const isUsedUp = headers.get("x-ratelimit-remaining")?.trim() === "0";
  if (quotas.length === 0 && isUsedUp) due.push(olderReset(headers));
  const known = due.filter((seconds) => seconds !== undefined);
  return known.length === 0
    ? undefined
    : Math.min(Math.ceil(Math.max(...known) * 1_000), QUOTA_MS_MAX);
}

function dueSeconds(reset: number | undefined, { q = 0, w }: Partial<Quota> = {}) {
  if (q === 0 || w === undefined) return reset;
  return Math.min(w / q, reset ?? Infinity);
}

/** What the draft's fields say of one quota: requests left and seconds until its reset, or requests in a time. */
interface Quota {
  readonly name: string;
  readonly r?: number;
  readonly t?: number;
  readonly q?: number;
  readonly w?: number;
}

/** `"trade";r=0;t=12, "day";r=900;t=4000`; what cannot be read is left out. */
function quotasOf(field: string | null): readonly Quota[] {
  return (field ?? "").split(",").flatMap((item) => {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const numbers = parameters.flatMap((parameter) => {
      const [, letter, digits] = /^([rtqw])=(\d{1,9})$/u.exec(parameter) ?? [];
      return letter === undefined ? [] : [[letter, Number(digits)] as const];
    });
    return numbers.length === 0 ? [] : [{ name, ...Object.fromEntries(numbers) }];
  });
}

/** Seconds from now. An instant, which some send, is none of our clock's. */
function olderReset(headers: Headers): number | undefined {
  const digits = /^\d{1,5}$/u.exec(headers.get("x-ratelimit-reset")?.trim() ?? "")?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** A good answer's word is taken for a minute: a venue that wants more patience then says so itself, by a 429. */
const QUOTA_MS_MAX = 60_000;

/** A venue that asks for more is asked again after a day. */
const WISH_MS_MAX = 86_400_000;
