// The policies of a project, by venue: read from its configuration, with what contradicts itself refused.

import { type Duration, durationMs, formatDuration } from "../base/duration.ts";
import { HoldfastError } from "../base/error.ts";
import { BREAKER, type BreakerPolicy } from "./breaker.ts";
import type { BulkheadPolicy } from "./bulkhead.ts";

export interface BreakerOptions {
  /** Failures in a row that open it: 1 to 1,000. Default 5. */
  readonly failures?: number;
  /** How long it stays open before one probe goes: 1 s to 1 d. Default 1 min. */
  readonly cooling?: Duration;
}

/** How calls to one venue are held back. */
export interface VenuePolicyOptions {
  /** For each group of operations; `false`: none. */
  readonly breaker?: BreakerOptions | false;
  /** Calls of one account at once: 1 to 1,000. Default: no limit. */
  readonly concurrency?: number;
  /** Calls of one account a second, on average: over 0, to 10,000. Default: no limit. */
  readonly perSecond?: number;
  /** Calls that may go at once after a rest. Default: those of one second, at least 1. */
  readonly burst?: number;
}

/** By the name of the venue's resource. What is not named has the defaults. */
export type PoliciesOptions = Readonly<Record<string, VenuePolicyOptions>>;

export interface VenuePolicy {
  readonly breaker: BreakerPolicy | undefined;
  readonly bulkhead: BulkheadPolicy;
}

export interface Policies {
  of(venue: string): VenuePolicy;
}

const DEFAULT: VenuePolicy = {
  breaker: BREAKER,
  bulkhead: { concurrency: Infinity, perSecond: Infinity, burst: 1 },
};

/**
 * The policies, checked.
 *
 * @param venues the names that there are; undefined where they are not known yet
 * @throws HF-POLICY-INVALID with all that is wrong
 * @example
 * const { breaker } = policiesOf({ purpleflea: { breaker: { failures: 3 } } }).of("purpleflea");
 */
export function policiesOf(options: PoliciesOptions, venues?: readonly string[]): Policies {
  const problems = policyProblems(options, venues);
  if (problems.length > 0) throw invalid(problems);
  const known = new Map(Object.entries(options).map(([name, one]) => [name, policyOf(one)]));
  return { of: (venue) => known.get(venue) ?? DEFAULT };
}

function policyOf({ breaker, concurrency, perSecond, burst }: VenuePolicyOptions): VenuePolicy {
  return {
    breaker:
      breaker === false
        ? undefined
        : {
            failures: breaker?.failures ?? BREAKER.failures,
            coolingMs:
              breaker?.cooling === undefined ? BREAKER.coolingMs : durationMs(breaker.cooling),
          },
    bulkhead: {
      concurrency: concurrency ?? Infinity,
      perSecond: perSecond ?? Infinity,
      burst: burst ?? Math.max(1, Math.floor(perSecond ?? 1)),
    },
  };
}

const COOLING_MS_MIN = 1_000;
const COOLING_MS_MAX = 86_400_000;
const COUNT_MAX = 1_000;
const PER_SECOND_MAX = 10_000;
const NAMES: readonly string[] = ["breaker", "concurrency", "perSecond", "burst"];
const BREAKER_NAMES: readonly string[] = ["failures", "cooling"];

/** What is wrong with policies, each in words; whoever wrote them may not have had types. */
export function policyProblems(options: unknown, venues?: readonly string[]): readonly string[] {
  if (!isRecord(options)) return ["policies must be an object: { purpleflea: { … } }"];
  return Object.entries(options).flatMap(([venue, one]) => {
    if (venues !== undefined && !venues.includes(venue)) {
      const known = venues.length === 0 ? "the project has none" : `there is ${venues.join(", ")}`;
      return [`policies.${venue}: no resource with a venue has this name; ${known}`];
    }
    return isRecord(one)
      ? venueProblems(one).map((why) => `policies.${venue}${why}`)
      : [`policies.${venue} must be an object`];
  });
}

function* venueProblemsOf(one: Readonly<Record<string, unknown>>): Generator<string> {
  yield* unknownNames(one, NAMES, "");
  const { breaker, concurrency, perSecond, burst } = one;
  if (!isCount(concurrency)) yield `.concurrency must be a whole number, 1 to ${COUNT_MAX}`;
  if (
    perSecond !== undefined &&
    !(typeof perSecond === "number" && perSecond > 0 && perSecond <= PER_SECOND_MAX)
  )
    yield `.perSecond must be a number over 0, at most ${PER_SECOND_MAX}`;
  if (!isCount(burst)) yield `.burst must be a whole number, 1 to ${COUNT_MAX}`;
  if (burst !== undefined && perSecond === undefined)
    yield ".burst says nothing without perSecond; give that too, or leave burst out";
  if (breaker === undefined || breaker === false) return;
  if (!isRecord(breaker)) {
    yield ".breaker must be { failures, cooling }, or false";
    return;
  }
  yield* unknownNames(breaker, BREAKER_NAMES, ".breaker");
  if (!isCount(breaker["failures"]))
    yield `.breaker.failures must be a whole number, 1 to ${COUNT_MAX}`;
  const coolingMs = msOf(breaker["cooling"]);
  if (coolingMs === undefined || coolingMs < COOLING_MS_MIN || coolingMs > COOLING_MS_MAX)
    yield `.breaker.cooling must be a duration, ${formatDuration(COOLING_MS_MIN)} to ${formatDuration(COOLING_MS_MAX)}`;
}

function venueProblems(one: Readonly<Record<string, unknown>>): readonly string[] {
  return [...venueProblemsOf(one)];
}

function* unknownNames(
  one: Readonly<Record<string, unknown>>,
  names: readonly string[],
  at: string,
): Generator<string> {
  for (const name of Object.keys(one))
    if (!names.includes(name)) yield `${at}.${name} is not known; there is ${names.join(", ")}`;
}

function isCount(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= COUNT_MAX)
  );
}

function msOf(value: unknown): number | undefined {
  if (value === undefined) return BREAKER.coolingMs;
  try {
    return durationMs(value as Duration);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(problems: readonly string[]): HoldfastError {
  return new HoldfastError(
    "HF-POLICY-INVALID",
    `Cannot take these policies: ${problems.join("; ")}.`,
    { class: "data", disposition: "refused", outcome: "not-sent", details: { problems } },
  );
}
