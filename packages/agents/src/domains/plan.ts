// The plan of an agent that keeps a domain, and when it does what. Pure: time comes in as numbers.

import { type Duration, durationMs } from "@holdfast/core";
import { money } from "@holdfast/purpleflea";
import { z } from "zod";

const DAY_MS = 86_400_000;
/** Least time between two looks, in milliseconds: a name that should be free by now is asked for again so soon. */
export const LOOK_MS_MIN = 60_000;

const span = z.custom<Duration>((value) => {
  try {
    return durationMs(value as Duration) >= LOOK_MS_MIN;
  } catch {
    return false;
  }
}, 'expected a duration of at least a minute, such as "1d"');

const Plan = z.object({
  /** "example.com", in lower case. */
  name: z.string().min(3).max(253),
  /** "now": bought at once, or not at all. "available": waited for, then bought. */
  when: z.enum(["now", "available"]).default("available"),
  /** For how many years it is kept: one by the registration, each other one by a renewal. */
  years: z.number().int().min(1).max(100).default(5),
  /** How many days before its expiry it is renewed. */
  renewDaysBefore: z.number().int().min(0).max(180).default(30),
  /** Most that a year may cost when it is bought; renewals are not held up by a price. */
  maxPriceUsd: money().optional(),
  /** Time between two looks at a name that is not to be had, and between two tries to pay. */
  every: span.default("1d"),
});

/** A plan as it is given: amounts as decimal strings, spans of time in words. */
export const DomainPlan: z.ZodType<z.output<typeof Plan>, z.input<typeof Plan>> = Plan;
export type DomainPlan = z.output<typeof Plan>;

/** When a name is renewed that expires at this instant. */
export function renewalAt(expiresAt: number, { renewDaysBefore }: DomainPlan): number {
  return expiresAt - renewDaysBefore * DAY_MS;
}

/** When a name is looked at again: when it should be free, but within `every`, and not before a minute. */
export function nextLookAt(now: number, releasedAt: number | null, { every }: DomainPlan): number {
  const latest = now + durationMs(every);
  return Math.max(now + LOOK_MS_MIN, Math.min(latest, releasedAt ?? latest));
}
