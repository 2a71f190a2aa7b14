// Named suites: several faults together, with parameters, for one thing that they prove. A suite is only rules:
// once armed, each is listed, counted and cleared like any other.

import { z } from "zod";
import { FAULT_MS_MAX, FAULT_TEXT_MAX } from "./match.ts";
import type { FaultRuleInput, RequestRuleInput } from "./rule.ts";

/** What every suite takes: whom it strikes and how long. */
const common = {
  /** An agent's id or name. Default: all. */
  agent: z.string().min(1).max(FAULT_TEXT_MAX).optional(),
  /** Instant of the venue's clock from which it is in force. Default: when it is armed. */
  from: z.number().optional(),
};

const Seconds = z
  .number()
  .positive()
  .max(FAULT_MS_MAX / 2_000);
const Probability = z.number().min(0).max(1);
const Ms = z.number().int().min(0).max(FAULT_MS_MAX);

/** Suites that may last, or go on until they are cleared. */
const lasting = { ...common, seconds: Seconds.optional() };

export interface Suite {
  readonly name: string;
  /** What it proves, in one line. */
  readonly proves: string;
  /** Names and defaults of its parameters; undefined: none unless given. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Its rules. @throws ZodError where a parameter does not fit */
  rules(given: Readonly<Record<string, unknown>>, armedAt: number): readonly FaultRuleInput[];
}

type Shared = Pick<RequestRuleInput, "agent" | "from" | "seconds">;

function suite<Shape extends z.ZodRawShape>(
  name: string,
  proves: string,
  shape: Shape,
  rulesOf: (parameters: z.output<z.ZodObject<Shape>>, armedAt: number) => readonly FaultRuleInput[],
): Suite {
  const schema = z.strictObject(shape);
  const names = Object.keys(shape);
  const defaults = schema.parse({}) as Readonly<Record<string, unknown>>;
  return {
    name,
    proves,
    parameters: Object.fromEntries(names.map((one) => [one, defaults[one]])),
    rules(given, armedAt) {
      const parameters = schema.parse(given) as z.output<z.ZodObject<Shape>>;
      const shared = sharedOf(parameters);
      return rulesOf(parameters, armedAt).map((rule) => ({ ...shared, ...rule }));
    },
  };
}

/** What a suite's rules have in common; a rule's own words come before them. */
function sharedOf(parameters: Readonly<Record<string, unknown>>): Shared {
  const { agent, from, seconds } = parameters as Shared;
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(from === undefined ? {} : { from }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** A chance for each of several faults, so that one of them at least strikes with `probability`. */
function chances(probability: number, count: number): readonly number[] {
  const each = probability / count;
  return Array.from({ length: count }, (_, index) => {
    const left = 1 - each * index;
    return left <= 0 ? 1 : Math.min(1, each / left);
  });
}

const dropAfterCommit = suite(
  "drop-after-commit",
  "a write whose answer is lost leaves exactly one effect",
  {
    ...lasting,
    probability: Probability.default(1),
    tries: z.array(z.number().int()).default([1]),
  },
  ({ probability, tries }) => [{ kind: "drop", when: "after", method: "POST", probability, tries }],
);

const unknownOutcomes = suite(
  "unknown-outcomes",
  "every way in which an answer can fail leaves its write unknown, and one effect in the end",
  {
    ...lasting,
    probability: Probability.default(0.5),
    tries: z.array(z.number().int()).default([1, 2]),
  },
  ({ probability, tries }) => {
    const kinds = [
      { kind: "drop", when: "after" },
      { kind: "drop", when: "before" },
      { kind: "status", status: 502, when: "after" },
      { kind: "status", status: 504, when: "before" },
      { kind: "reset" },
      { kind: "truncate" },
    ] as const;
    const parts = chances(probability, kinds.length);
    return kinds.map((rule, index) => ({
      ...rule,
      method: "POST",
      tries,
      probability: parts[index] ?? 0,
    }));
  },
);

const throttled = suite(
  "throttled",
  "a storm of 429 is waited out, with Retry-After or without",
  {
    ...common,
    seconds: Seconds.default(30),
    retryAfterSeconds: z.number().int().min(0).nullable().default(2),
  },
  ({ retryAfterSeconds }) => [
    { kind: "throttle", ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }) },
  ],
);

const staleMarket = suite(
  "stale-market",
  "nobody trades on prices that stand still",
  { ...lasting, timestamp: z.enum(["stands", "moves"]).default("stands") },
  ({ timestamp }) => [{ kind: "stale", timestamp }],
);

const eventsUnreliable = suite(
  "events-unreliable",
  "events that are lost, late, doubled or out of order do no harm: inbox and reconciliation",
  {
    ...lasting,
    probability: Probability.default(0.2),
    ms: Ms.default(2_000),
    behind: z.number().int().min(1).max(100).default(2),
    channel: z.enum(["stream", "webhook"]).optional(),
  },
  ({ probability, ms, behind, channel }) => {
    const more = { probability, ...(channel === undefined ? {} : { channel }) };
    return [
      { kind: "event-lose", ...more },
      { kind: "event-delay", ms, ...more },
      { kind: "event-reorder", behind, ms, ...more },
      { kind: "event-duplicate", ms, ...more },
    ];
  },
);

const partition = suite(
  "partition-30s",
  "a breaker opens while the venue cannot be reached, and closes again",
  { ...common, seconds: Seconds.default(30) },
  () => [{ kind: "outage" }],
);

const slow = suite(
  "slow-5s",
  "slow answers run into the caller's time-out and act once all the same",
  { ...lasting, ms: Ms.default(5_000) },
  ({ ms }) => [{ kind: "latency", ms }],
);

const nanPrice = suite(
  "nan-price",
  "a price that is not a number is never traded on",
  { ...lasting, as: z.enum(["literal", "text", "null"]).default("literal") },
  ({ as }) => [{ kind: "nan", as }],
);

const killAfterCommit = suite(
  "kill-after-commit",
  "the venue has what it committed when it was killed, and answers it again",
  { ...common, nth: z.number().int().positive().default(10) },
  ({ nth }) => [{ kind: "crash", nth, count: 1 }],
);

const duplicateOrder = suite(
  "duplicate-order",
  "the same order that arrives twice, or is sent twice, is one order",
  lasting,
  () => [
    { kind: "repeat", operations: ["open", "place-order"] },
    { kind: "drop", when: "after", operations: ["open", "place-order"], tries: [1] },
  ],
);

/** Calls that fail at a rate, in every way at once: the mix of `holdfast chaos`. */
const chaosAgent = suite(
  "chaos:agent",
  "an agent goes on under errors, lost answers, cut lines, latency and old prices, and acts once each time",
  {
    ...lasting,
    failureRate: Probability.default(0.3),
    latencyMs: Ms.default(500),
  },
  ({ failureRate, latencyMs }) => {
    // What strikes before the commit stands first: of two that hit one request, it is the one that counts.
    const ways = {
      GET: [{ status: 500 }, { status: 503 }, { drop: "before" }],
      POST: [{ status: 500 }, { status: 503 }, { drop: "before" }, { drop: "after" }, "reset"],
    } as const;
    const failures = (["GET", "POST"] as const).flatMap((method) => {
      const parts = chances(failureRate, ways[method].length);
      return ways[method].map((way, index): FaultRuleInput => {
        const rule = { method, probability: parts[index] ?? 0 };
        if (way === "reset") return { kind: "reset", ...rule };
        if ("status" in way) return { kind: "status", when: "before", status: way.status, ...rule };
        return { kind: "drop", when: way.drop, ...rule };
      });
    });
    return [
      { kind: "latency", ms: latencyMs },
      ...failures,
      { kind: "stale", probability: failureRate },
    ];
  },
);

const CHAOS_STATUSES = [500, 503] as const;

const chaosSeed4 = suite(
  "chaos:seed4",
  "an agent lives through 30 % failures and 500 ms, and through partition, slowness, NaN and doubled orders in turn",
  {
    ...common,
    failureRate: Probability.default(0.3),
    latencyMs: Ms.default(500),
    stepSeconds: Seconds.default(30),
  },
  ({ failureRate, latencyMs, stepSeconds, from }, armedAt) => {
    const begin = from ?? armedAt;
    const step = (index: number): Pick<RequestRuleInput, "from" | "seconds"> => ({
      from: begin + index * stepSeconds * 1_000,
      seconds: stepSeconds,
    });
    const parts = chances(failureRate, CHAOS_STATUSES.length);
    return [
      { kind: "outage", ...step(0) },
      { kind: "latency", ms: latencyMs },
      { kind: "latency", ms: 5_000, ...step(1) },
      { kind: "nan", ...step(2) },
      { kind: "repeat", operations: ["open", "place-order"], ...step(3) },
      ...CHAOS_STATUSES.map((status, index) => ({
        kind: "status" as const,
        status,
        when: "before" as const,
        probability: parts[index] ?? 0,
      })),
    ];
  },
);

export const SUITES: readonly Suite[] = [
  dropAfterCommit,
  unknownOutcomes,
  throttled,
  staleMarket,
  eventsUnreliable,
  partition,
  slow,
  nanPrice,
  killAfterCommit,
  duplicateOrder,
  chaosAgent,
  chaosSeed4,
];

export function suiteOf(name: string): Suite | undefined {
  return SUITES.find((one) => one.name === name);
}
