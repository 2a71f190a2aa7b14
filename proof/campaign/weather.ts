// What the venue does wrong, period after period: each kind of fault that can strike a request, and each named
// suite, in an order made of the seed, two at a time. Pure, but for the order.

import { type Random, seededRandom } from "@holdfast/core";
import {
  FAULT_KINDS,
  type FaultKind,
  type FaultRule,
  type FaultRuleInput,
  SUITES,
} from "@holdfast/sandbox";

export interface Weather {
  readonly name: string;
  readonly rules: (at: number) => readonly FaultRuleInput[];
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const writes = { method: "POST" } as const;
const some = { probability: 0.3 } as const;

/** What orders may be refused by the venue's own will; a rejected order that was placed is an effect. */
const REJECTED = ["open", "close", "close-all", "cancel-order"];

/** One rule or several of one kind; kinds that strike events and connections have nobody to strike here. */
const SINGLE: readonly FaultRuleInput[] = [
  // Longer than an attempt may take: the write is carried out when nobody waits for it any more.
  { kind: "latency", ms: 15 * SECOND_MS, when: "before", ...writes, probability: 0.2 },
  { kind: "latency", ms: 15 * SECOND_MS, when: "after", ...writes, probability: 0.2 },
  { kind: "status", status: 503, when: "before", ...some },
  { kind: "status", status: 502, when: "after", ...writes, ...some },
  { kind: "throttle", retryAfterSeconds: 2, ...some },
  { kind: "throttle", ...some },
  { kind: "drop", when: "before", ...some },
  { kind: "drop", when: "after", ...writes, ...some },
  { kind: "outage", seconds: 60 },
  { kind: "reset", ...some },
  { kind: "truncate", ...some },
  { kind: "skew", ms: HOUR_MS, ...some },
  { kind: "skew", ms: -HOUR_MS, ...some },
  { kind: "defer", ms: 20 * SECOND_MS, answer: "504", probability: 0.2 },
  { kind: "defer", ms: 40 * SECOND_MS, answer: "cut", probability: 0.2 },
  { kind: "repeat", times: 2, ...some },
  // An hour before they may be forgotten, as the client reckons.
  { kind: "forget-keys", ageMs: 23 * HOUR_MS, ...some },
  { kind: "partial", share: 0.5, ...some },
  { kind: "reject", operations: REJECTED, ...some },
  { kind: "late-fill", ms: SECOND_MS, ...some },
  { kind: "stale", ...some },
  { kind: "nan", ...some },
  { kind: "spike", ...some },
  { kind: "crossed", ...some },
  { kind: "crash", nth: 5, count: 1 },
];

/** Events have no listener here. */
const NOT_FOR_REQUESTS = ["events-unreliable"];

const suites: readonly Weather[] = SUITES.filter(
  ({ name }) => !NOT_FOR_REQUESTS.includes(name),
).map((suite) => ({ name: suite.name, rules: (at) => suite.rules({}, at) }));

export const WEATHERS: readonly Weather[] = [
  ...SINGLE.map((rule) => ({ name: rule.kind, rules: () => [rule] })),
  ...suites,
];

/** Kinds that can strike what the campaign does. */
export const STRIKING: readonly FaultKind[] = (
  Object.keys(FAULT_KINDS) as readonly FaultKind[]
).filter((kind) => SINGLE.some((rule) => rule.kind === kind));

/**
 * Periods without end: each weather once in an order of chance, then again in another order. Every third is calm,
 * every third has two at once.
 */
export function* periods(
  seed: string,
  without: readonly FaultKind[] = [],
): Generator<readonly Weather[], never> {
  const random = seededRandom(`${seed}/weather`);
  const isLeftOut = ({ kind }: FaultRuleInput): boolean => without.some((one) => one === kind);
  const all = WEATHERS.filter(({ rules }) => !rules(0).some(isLeftOut));
  for (;;) {
    const left = [...shuffled(all, random)];
    while (left.length > 0) {
      yield left.splice(0, 1);
      yield left.splice(0, 2);
      yield [];
    }
  }
}

export function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** How often each kind struck. */
export function hitsOf(
  rules: readonly { readonly rule: FaultRule; readonly hits: number }[],
): Readonly<Record<string, number>> {
  const hits: Record<string, number> = {};
  for (const { rule, hits: count } of rules)
    if (count > 0) hits[rule.kind] = (hits[rule.kind] ?? 0) + count;
  return hits;
}
