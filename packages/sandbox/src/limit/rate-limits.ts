// Rate limits: a token bucket for each API key and service, on the venue's clock. They live in memory: a venue
// that restarts has full buckets. Cancelling and closing have a bucket of their own, so that whoever trades too
// fast can always get out.

import { type Bucket, type RatePolicy, type Taken, refilled, take } from "./bucket.ts";

/** What is limited on its own. */
export const SERVICES = [
  "trade",
  "exit",
  "casino",
  "wallet",
  "escrow",
  "domains",
  "faucet",
  "account",
  "read",
  "market",
] as const;
export type Service = (typeof SERVICES)[number];

export type RatePolicies = Readonly<Record<Service, RatePolicy>>;

/** The guides' limits; reads and market data are there to be asked often. */
export const DEFAULT_POLICIES: RatePolicies = {
  trade: { perMinute: 120, burst: 200 },
  exit: { perMinute: 240, burst: 400 },
  casino: { perMinute: 60, burst: 100 },
  wallet: { perMinute: 60, burst: 80 },
  escrow: { perMinute: 60, burst: 80 },
  domains: { perMinute: 30, burst: 50 },
  faucet: { perMinute: 10, burst: 10 },
  account: { perMinute: 60, burst: 80 },
  read: { perMinute: 600, burst: 1_000 },
  market: { perMinute: 1_200, burst: 2_000 },
};

/** True for the defaults, false for none, or the services that differ from the defaults. */
export type RateLimitOption = boolean | Partial<RatePolicies>;

/** Buckets in memory, at most: beyond that full ones are forgotten, then those used longest ago. */
export const BUCKETS_MAX = 10_000;

export interface RateLimits {
  /** Takes a token of a service for a key; undefined where nothing is limited. */
  take(holder: string, service: Service, at: number): (Taken & { policy: RatePolicy }) | undefined;
}

const NO_LIMITS: RateLimits = { take: () => undefined };

/** @throws RangeError where a policy is no positive number */
export function createRateLimits(option: RateLimitOption): RateLimits {
  if (option === false) return NO_LIMITS;
  const policies = { ...DEFAULT_POLICIES, ...(option === true ? {} : option) };
  for (const service of SERVICES) checkPolicy(service, policies[service]);
  /** In order of last use. */
  const buckets = new Map<string, { readonly bucket: Bucket; readonly service: Service }>();

  function makeRoom(at: number): void {
    for (const [name, { bucket, service }] of buckets) {
      const policy = policies[service];
      // A full bucket is the same as none.
      if (refilled(bucket, policy, at) >= policy.burst) buckets.delete(name);
    }
    for (const name of buckets.keys()) {
      if (buckets.size < BUCKETS_MAX) break;
      buckets.delete(name);
    }
  }

  return {
    take(holder, service, at) {
      const policy = policies[service];
      const name = `${service} ${holder}`;
      const taken = take(buckets.get(name)?.bucket, policy, at);
      buckets.delete(name);
      if (buckets.size >= BUCKETS_MAX) makeRoom(at);
      buckets.set(name, { bucket: taken.bucket, service });
      return { ...taken, policy };
    },
  };
}

function checkPolicy(service: Service, { perMinute, burst }: RatePolicy): void {
  if (perMinute > 0 && Number.isFinite(perMinute) && burst >= 1 && Number.isFinite(burst)) return;
  throw new RangeError(
    `Cannot limit ${service}: perMinute must be positive and burst at least 1, not ${perMinute} and ${burst}.`,
  );
}
