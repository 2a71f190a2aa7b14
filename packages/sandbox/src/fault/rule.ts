// What can be made to go wrong, for which requests.

import { z } from "zod";

const match = {
  /** Operations: register, claim, open, close, close-all, balance, … Default: all. */
  operations: z.array(z.string()).min(1).readonly().optional(),
  method: z.enum(["GET", "POST"]).optional(),
  /** The request's path, without a host prefix; a star at its end matches any rest. */
  path: z.string().optional(),
  /** An agent's id or name. */
  agent: z.string().optional(),
  /** Share of the matching requests that are hit, 0 to 1. Default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Only these tries of one write (same operation, agent and key; without a key: of its calls), from 1. */
  tries: z.array(z.number().int().positive()).min(1).readonly().optional(),
  /** Each n-th matching request, in order of arrival. */
  nth: z.number().int().positive().optional(),
  /** At most so many requests are hit. */
  count: z.number().int().positive().optional(),
  /** From this instant of the venue's clock on, in milliseconds since the epoch. */
  from: z.number().optional(),
  /** Before this instant. */
  until: z.number().optional(),
};

const when = z.enum(["before", "after"]);

/** A fault. `when` says whether it strikes before the commit or after it. */
export const FaultRule = z.discriminatedUnion("kind", [
  /** Carried out, or answered, only so many milliseconds of the venue's clock later. At most 30 days. */
  z.strictObject({
    kind: z.literal("latency"),
    ms: z.number().int().min(0).max(2_592_000_000),
    when: when.default("before"),
    ...match,
  }),
  /** A 5xx. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(500).max(599).default(503),
    when: when.default("before"),
    ...match,
  }),
  /** A 429, with Retry-After where seconds are given; nothing is carried out. */
  z.strictObject({
    kind: z.literal("throttle"),
    retryAfterSeconds: z.number().int().min(0).optional(),
    ...match,
  }),
  /** The connection is cut and no answer comes. After the commit: it happened, and the caller cannot know. */
  z.strictObject({ kind: z.literal("drop"), when: when.default("after"), ...match }),
  /** Every matching connection is cut at once, before anything else. */
  z.strictObject({ kind: z.literal("outage"), ...match }),
]);

export type FaultRule = z.output<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

/** What a request is, as far as faults care. */
export interface FaultRequest {
  /** "unknown" where no route matches. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly agent: { readonly id: string; readonly name: string } | undefined;
  readonly key: string | undefined;
  readonly at: number;
}

/** Whether a rule is about a request at all, leaving chances and counts aside. */
export function matches(rule: FaultRule, request: FaultRequest): boolean {
  const { operations, method, path, agent, from = 0, until = Infinity } = rule;
  if (operations !== undefined && !operations.includes(request.operation)) return false;
  if (method !== undefined && method !== request.method) return false;
  if (path !== undefined && !matchesPath(path, request.path)) return false;
  if (agent !== undefined && agent !== request.agent?.id && agent !== request.agent?.name) {
    return false;
  }
  return request.at >= from && request.at < until;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
