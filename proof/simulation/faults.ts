// What goes wrong on the way to the venue and in it, chosen by a seed: single kinds of faults, or a named suite.

import { type FaultRuleInput, SUITES } from "@holdfast/sandbox";
import type { Chance } from "./chance.ts";

const MINUTE = 60_000;

/** Suites about requests; the others are about streams and webhooks, which no agent here listens to. */
const SUITE_NAMES: ReadonlySet<string> = new Set(
  SUITES.map(({ name }) => name).filter((name) => name !== "events-unreliable"),
);

type Make = (chance: Chance, start: number) => FaultRuleInput;

/** A span of the play in which a fault is in force. */
function window(chance: Chance, start: number, longestMinutes: number) {
  const from = start + chance.between(0, 120) * MINUTE;
  return { from, seconds: chance.between(1, longestMinutes) * 60 };
}

const when = (chance: Chance): "before" | "after" => chance.pick(["before", "after"]);
const often = (chance: Chance): number => chance.pick([0.1, 0.3, 0.5]);

/** Kinds that the guarantees speak of; `forget-keys` only where the venue keeps its word, to the last half hour. */
const KINDS: readonly Make[] = [
  (c) => ({ kind: "drop", when: when(c), probability: often(c) }),
  () => ({ kind: "drop", when: "after", method: "POST", tries: [1, 2] }),
  (c) => ({
    kind: "status",
    status: c.pick([500, 502, 503]),
    when: when(c),
    probability: often(c),
  }),
  (c) => ({
    kind: "latency",
    ms: c.pick([200, 3_000, 8_000]),
    when: when(c),
    probability: often(c),
  }),
  (c) => ({ kind: "latency", ms: c.pick([15_000, 90_000]), when: when(c), probability: 0.3 }),
  (c) => ({ kind: "throttle", retryAfterSeconds: c.pick([1, 30, 600]), probability: often(c) }),
  () => ({ kind: "throttle", probability: 0.3 }),
  (c, start) => ({ kind: "outage", ...window(c, start, 50) }),
  (c) => ({ kind: "reset", share: c.pick([0.1, 0.9]), probability: often(c) }),
  (c) => ({ kind: "truncate", share: c.pick([0.1, 0.9]), probability: often(c) }),
  (c) => ({ kind: "skew", ms: c.between(-90, 90) * 1_000, probability: often(c) }),
  (c) => ({
    kind: "defer",
    ms: c.pick([1_000, 20_000, 20 * MINUTE]),
    answer: c.pick(["cut", "504"]),
    probability: often(c),
  }),
  (c) => ({ kind: "repeat", times: c.between(1, 3), probability: often(c) }),
  () => ({ kind: "forget-keys", ageMs: 23.5 * 60 * MINUTE }),
  (c) => ({ kind: "stale", timestamp: c.pick(["stands", "moves"]) }),
  (c) => ({ kind: "nan", as: c.pick(["literal", "text", "null"]), probability: often(c) }),
  (c) => ({ kind: "spike", factor: c.pick([0.1, 10]), probability: often(c) }),
  (c) => ({ kind: "crossed", probability: often(c) }),
  (c) => ({ kind: "partial", probability: often(c) }),
  () => ({ kind: "reject", probability: 0.1 }),
  (c) => ({ kind: "late-fill", ms: c.pick([1_000, 5 * MINUTE]) }),
  (c) => ({ kind: "crash", nth: c.between(1, 12) }),
];

export function faultsOf(chance: Chance, start: number): readonly FaultRuleInput[] {
  if (chance.of(0.15)) return [];
  if (chance.of(0.25)) {
    const suite = chance.pick(SUITES.filter(({ name }) => SUITE_NAMES.has(name)));
    const from = start + chance.between(0, 60) * MINUTE;
    const seconds = "seconds" in suite.parameters ? { seconds: 1_800 } : {};
    return suite.rules({ from, ...seconds }, start);
  }
  return chance.some(KINDS, chance.between(1, 4)).map((make) => make(chance, start));
}
