// What can be made to go wrong, for which requests, events or connections.

import { z } from "zod";
import { type FaultKind, factsOf, isAbout } from "./kind.ts";
import {
  FAULT_MS_MAX,
  FAULT_TEXT_MAX,
  type Window,
  commonMatch,
  deliveryMatch,
  fits,
  isAgent,
  requestMatch,
  windowOf,
} from "./match.ts";

/** Most copies of one event, and most events that one is put behind. */
export const DELIVERY_COPIES_MAX = 100;
/** Most repetitions of one request. */
const REPEATS_MAX = 10;
/** Largest clock skew either way: a day. */
const SKEW_MS_MAX = 86_400_000;

const when = z.enum(["before", "after"]);
const Ms = z.number().int().min(0).max(FAULT_MS_MAX);
/** A share that is neither nothing nor all. */
const Share = z.number().gt(0).lt(1);
const Reason = z.string().min(1).max(FAULT_TEXT_MAX);
const symbol = z.string().min(1).max(FAULT_TEXT_MAX).optional();

const requestRules = [
  /** Carried out, or answered, only so many milliseconds of the venue's clock later. At most 30 days. */
  z.strictObject({
    kind: z.literal("latency"),
    ms: Ms,
    when: when.default("before"),
    ...requestMatch,
  }),
  /** A 5xx. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(500).max(599).default(503),
    when: when.default("before"),
    ...requestMatch,
  }),
  /** A 429, with Retry-After where seconds are given; nothing is carried out. */
  z.strictObject({
    kind: z.literal("throttle"),
    retryAfterSeconds: z.number().int().min(0).optional(),
    ...requestMatch,
  }),
  /** The connection is cut and no answer comes. After the commit: it happened, and the caller cannot know. */
  z.strictObject({ kind: z.literal("drop"), when: when.default("after"), ...requestMatch }),
  /** Every matching connection is cut at once, before anything else. */
  z.strictObject({ kind: z.literal("outage"), ...requestMatch }),
  /** Head and a share of the body arrive, with the length of all of it; then the connection is cut. */
  z.strictObject({ kind: z.literal("reset"), share: Share.default(0.5), ...requestMatch }),
  /** A whole HTTP answer whose JSON breaks off after a share of it. */
  z.strictObject({ kind: z.literal("truncate"), share: Share.default(0.5), ...requestMatch }),
  /** X-Venue-Time and time_ms are off by so much, ahead or behind. At most a day. */
  z.strictObject({
    kind: z.literal("skew"),
    ms: z.number().int().min(-SKEW_MS_MAX).max(SKEW_MS_MAX),
    ...requestMatch,
  }),
  /** The caller is given up on at once (cut, or a 504); the write is carried out so much later. */
  z.strictObject({
    kind: z.literal("defer"),
    ms: Ms,
    answer: z.enum(["cut", "504"]).default("504"),
    ...requestMatch,
  }),
  /** The same request arrives again so many times, right behind itself. */
  z.strictObject({
    kind: z.literal("repeat"),
    times: z.number().int().min(1).max(REPEATS_MAX).default(1),
    ...requestMatch,
  }),
  /** Keys of at least this age are forgotten. Default: all, at once. */
  z.strictObject({ kind: z.literal("forget-keys"), ageMs: Ms.default(0), ...requestMatch }),
] as const;

const marketRules = [
  /** Default of `since`: `from`, else when it was armed. `timestamp: "moves"` hides it. */
  z.strictObject({
    kind: z.literal("stale"),
    since: z.number().optional(),
    timestamp: z.enum(["stands", "moves"]).default("stands"),
    ...requestMatch,
  }),
  /** The bare word NaN, as careless JSON writers send it; or "NaN" in quotes, or null. */
  z.strictObject({
    kind: z.literal("nan"),
    as: z.enum(["literal", "text", "null"]).default("literal"),
    symbol,
    ...requestMatch,
  }),
  z.strictObject({
    kind: z.literal("spike"),
    factor: z.number().gt(0).max(1_000).default(10),
    symbol,
    ...requestMatch,
  }),
  /** The bid so many millionths above the middle, the ask as many below. */
  z.strictObject({
    kind: z.literal("crossed"),
    ppm: z.number().int().min(1).max(500_000).default(1_000),
    symbol,
    ...requestMatch,
  }),
] as const;

const orderRules = [
  z.strictObject({ kind: z.literal("partial"), share: Share.default(0.5), ...requestMatch }),
  z.strictObject({
    kind: z.literal("reject"),
    reason: Reason.default("rejected_by_venue"),
    ...requestMatch,
  }),
  z.strictObject({ kind: z.literal("late-fill"), ms: Ms.default(1_000), ...requestMatch }),
  /** Counts commits, not requests: `nth: 5` is the fifth effect that matches. Without a count: once. */
  z.strictObject({ kind: z.literal("crash"), ...requestMatch }),
] as const;

const deliveryRules = [
  z.strictObject({ kind: z.literal("event-lose"), ...deliveryMatch }),
  /** The copies come so much later each. */
  z.strictObject({
    kind: z.literal("event-duplicate"),
    copies: z.number().int().min(1).max(DELIVERY_COPIES_MAX).default(1),
    ms: Ms.default(0),
    ...deliveryMatch,
  }),
  z.strictObject({ kind: z.literal("event-delay"), ms: Ms, ...deliveryMatch }),
  /** Behind so many later events, or when the milliseconds are over, whatever is first. */
  z.strictObject({
    kind: z.literal("event-reorder"),
    behind: z.number().int().min(1).max(DELIVERY_COPIES_MAX).default(1),
    ms: Ms.default(5_000),
    ...deliveryMatch,
  }),
] as const;

const streamRules = [
  z.strictObject({
    kind: z.literal("stream-close"),
    code: z.number().int().min(1_000).max(4_999).default(1_011),
    /** At most 123 bytes, as the protocol has it. */
    reason: z.string().max(40).default("injected"),
    ...commonMatch,
  }),
  z.strictObject({ kind: z.literal("stream-silence"), ...commonMatch }),
  /** Milliseconds that each message takes to leave. */
  z.strictObject({ kind: z.literal("stream-slow"), ms: Ms.default(1_000), ...commonMatch }),
  /** So many of the newest events are there for replay. */
  z.strictObject({
    kind: z.literal("stream-overflow"),
    keep: z.number().int().min(0).max(100_000).default(0),
    ...commonMatch,
  }),
] as const;

/** A fault. `when` says whether it strikes before the commit or after it. */
export const FaultRule = z
  .discriminatedUnion("kind", [
    ...requestRules,
    ...marketRules,
    ...orderRules,
    ...deliveryRules,
    ...streamRules,
  ])
  .superRefine((rule, context) => {
    for (const message of contradictions(rule)) context.addIssue({ code: "custom", message });
  });

export type FaultRule = z.output<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

type Of<Scope> = Extract<FaultRule, { kind: Scope }>;
export type DeliveryRule = Of<(typeof deliveryRules)[number]["shape"]["kind"]["value"]>;
export type StreamRule = Of<(typeof streamRules)[number]["shape"]["kind"]["value"]>;
export type RequestRule = Exclude<FaultRule, DeliveryRule | StreamRule>;
export type RequestRuleInput = Extract<FaultRuleInput, { kind: RequestRule["kind"] }>;

/** What of a rule makes no sense together. */
function contradictions(rule: FaultRule): readonly string[] {
  const found: string[] = [];
  if (rule.seconds !== undefined && rule.until !== undefined) {
    found.push("seconds and until both say when it ends: give one");
  }
  const { from, until } = rule;
  if (from !== undefined && until !== undefined && until <= from) {
    found.push("until: expected an instant after from");
  }
  if ("operations" in rule || "method" in rule) found.push(...beside(rule));
  return found;
}

function beside({ kind, operations = [], method }: RequestRule): readonly string[] {
  const { about } = factsOf(kind);
  if (about === "all") return [];
  const found: string[] = [];
  if (typeof about !== "string" && !about.includes("*writes")) {
    const wrong = operations.filter((one) => !about.includes(one));
    if (wrong.length > 0) {
      found.push(`operations: ${kind} is about ${about.join(", ")}, not ${wrong.join(", ")}`);
    }
  }
  const ways = ["GET", "POST"].filter((one) => isPossible(kind, one));
  if (method !== undefined && !ways.includes(method)) {
    found.push(`method: ${kind} is about ${ways.join(" and ")}`);
  }
  return found;
}

function isPossible(kind: FaultKind, method: string): boolean {
  const { about } = factsOf(kind);
  if (about === "all") return true;
  if (about === "writes") return method === "POST";
  const reads = ["prices", "candles", "idempotency"];
  return about.some((one) => (reads.includes(one) ? method === "GET" : method === "POST"));
}

/** What a request is, as far as faults care. */
export interface FaultRequest {
  /** "unknown" where no route matches. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly agent: { readonly id: string; readonly name: string } | undefined;
  readonly key: string | undefined;
  /** The business name that a write carries. */
  readonly ref?: string | undefined;
  readonly at: number;
}

/** Whether a rule is about a request at all, leaving chances and counts aside. */
export function matches(
  rule: RequestRule,
  request: FaultRequest,
  window: Window = windowOf(rule, undefined),
): boolean {
  const { operations, method, path, agent, kind } = rule;
  if (!isAbout(kind, request.operation, request.method)) return false;
  if (operations !== undefined && !operations.includes(request.operation)) return false;
  if (method !== undefined && method !== request.method) return false;
  if (path !== undefined && !fits(path, request.path)) return false;
  return isAgent(agent, request.agent) && isWithin(window, request.at);
}

export function isWithin({ from, until }: Window, at: number): boolean {
  return at >= from && at < until;
}
