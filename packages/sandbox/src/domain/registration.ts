// A registration and its life: active until its expiry, then 30 days of grace, then 5 days in which nobody may
// do anything, then released. Pure: instants come in as numbers.

import type { Usdc } from "@holdfast/core";
import type { DomainStatus } from "@holdfast/purpleflea/wire";

const DAY_MS = 86_400_000;

/** How long its owner may still renew a name that has expired. */
export const GRACE_MS: number = 30 * DAY_MS;
/** How long a name then lies still before anybody may register it. */
export const EXPIRED_MS: number = 5 * DAY_MS;
/** Most names that one agent holds. */
export const DOMAINS_MAX = 1_000;

export interface Registration {
  readonly id: string;
  /** That of the command that registered it. */
  readonly number: number;
  readonly name: string;
  readonly agent: string;
  readonly status: DomainStatus;
  /** The next of `STEPS`. */
  readonly step: number;
  readonly registeredAt: number;
  readonly expiresAt: number;
  /** For the registration or for its last renewal. */
  readonly paidLast: Usdc;
  /** In all. */
  readonly paid: Usdc;
  readonly renewals: number;
  readonly ref: string | null;
}

/** What happens to a registration by itself. */
export interface Step {
  /** After its expiry, in milliseconds. */
  readonly afterMs: number;
  readonly event: "domain.expiring" | "domain.grace" | "domain.expired" | "domain.released";
  readonly status: DomainStatus;
  /** Days until the expiry. */
  readonly daysLeft?: number;
}

function expiring(daysLeft: number): Step {
  return { afterMs: -daysLeft * DAY_MS, event: "domain.expiring", status: "active", daysLeft };
}

/** In order of their instants. */
export const STEPS: readonly Step[] = [
  expiring(30),
  expiring(7),
  expiring(1),
  { afterMs: 0, event: "domain.grace", status: "grace" },
  { afterMs: GRACE_MS, event: "domain.expired", status: "expired" },
  { afterMs: GRACE_MS + EXPIRED_MS, event: "domain.released", status: "released" },
];

/** The instant of a registration's next step; undefined after the last. */
export function nextStepAt({ step, expiresAt }: Registration): number | undefined {
  const next = STEPS[step];
  return next === undefined ? undefined : expiresAt + next.afterMs;
}

/** The same day and time so many years later (UTC); 28 February where there is no 29th. */
export function addYears(at: number, years: number): number {
  const from = new Date(at);
  const to = new Date(at);
  to.setUTCFullYear(from.getUTCFullYear() + years);
  if (to.getUTCMonth() !== from.getUTCMonth()) to.setUTCDate(0);
  return to.getTime();
}
