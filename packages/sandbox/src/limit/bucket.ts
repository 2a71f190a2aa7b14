// A token bucket: full at first, emptied by one for each request, refilled evenly. Pure: it is told the time.

/** How much may be asked of a service. */
export interface RatePolicy {
  /** Tokens that come back in a minute. */
  readonly perMinute: number;
  /** Tokens in a full bucket: requests that may come at once. */
  readonly burst: number;
}

export interface Bucket {
  readonly tokens: number;
  /** Milliseconds since the epoch at which it held them. */
  readonly at: number;
}

/** What a request has found: whether it may go on, and what is left. */
export interface Taken {
  readonly bucket: Bucket;
  readonly admitted: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Whole seconds until the bucket is full again. */
  readonly fullInSeconds: number;
  /** Whole seconds until the next token, at least 1; of a request that was refused. */
  readonly retryAfterSeconds: number;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** What a bucket holds at an instant; an unknown one is full. */
export function refilled(bucket: Bucket | undefined, policy: RatePolicy, at: number): number {
  if (bucket === undefined) return policy.burst;
  // A clock that was set back refills nothing.
  const passed = Math.max(0, at - bucket.at);
  return Math.min(policy.burst, bucket.tokens + (passed * policy.perMinute) / MINUTE_MS);
}

/** Takes one token where there is one. */
export function take(bucket: Bucket | undefined, policy: RatePolicy, at: number): Taken {
  const held = refilled(bucket, policy, at);
  const admitted = held >= 1;
  const tokens = admitted ? held - 1 : held;
  const secondsFor = (missing: number): number =>
    Math.ceil((Math.max(0, missing) * MINUTE_MS) / policy.perMinute / SECOND_MS);
  return {
    bucket: { tokens, at: Math.max(at, bucket?.at ?? at) },
    admitted,
    remaining: Math.floor(tokens),
    fullInSeconds: secondsFor(policy.burst - tokens),
    retryAfterSeconds: Math.max(1, secondsFor(1 - tokens)),
  };
}
