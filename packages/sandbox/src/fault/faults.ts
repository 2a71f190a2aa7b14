// Faults on demand, seeded: which request is hit depends on what the request is, and never on timing, so that
// a run repeats. Faults live in memory; a venue that restarts takes those of its options.

import { createHash } from "node:crypto";
import { z } from "zod";

const match = {
  /** Operations that are hit: open, close, close-all, register, claim, balance, … Default: all. */
  operations: z.array(z.string()).optional(),
  agent: z.string().optional(),
  /** Share of the matching requests that are hit, 0 to 1. Default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Hits each n-th matching request. */
  nth: z.number().int().positive().optional(),
  /** Hits at most so many. */
  count: z.number().int().positive().optional(),
  /** Only from and until these instants of the venue's clock, in milliseconds since the epoch. */
  from: z.number().optional(),
  until: z.number().optional(),
};

const when = z.enum(["before", "after"]);

/** A rule: what goes wrong, for which requests. */
export const FaultRule = z.discriminatedUnion("kind", [
  /** The request is carried out, or its answer given, only so many milliseconds later. */
  z.object({ kind: z.literal("latency"), ms: z.number().int().min(0), when: when.default("before"), ...match }),
  /** A 5xx, before or after the commit. */
  z.object({ kind: z.literal("status"), status: z.number().int().min(500).max(599).default(503), when: when.default("before"), ...match }),
  /** A 429, with Retry-After where seconds are given. */
  z.object({ kind: z.literal("throttle"), retryAfterS: z.number().int().min(0).optional(), ...match }),
  /** The connection is cut, before or after the commit: no answer comes. */
  z.object({ kind: z.literal("drop"), when: when.default("after"), ...match }),
  /** Everything is cut at once. */
  z.object({ kind: z.literal("outage"), ...match }),
]);

export type FaultRule = z.infer<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

export interface FaultRequest {
  readonly operation: string;
  readonly agent: string | undefined;
  readonly key: string | undefined;
  readonly at: number;
}

interface Armed {
  readonly id: number;
  readonly rule: FaultRule;
  seen: number;
  hits: number;
  /** Requests seen by operation, agent and key: tries of one write differ in this number alone. */
  readonly tries: Map<string, number>;
}

export class Faults {
  readonly #seed: string;
  #armed: Armed[] = [];
  #nextId = 1;

  constructor(seed: string, rules: readonly FaultRuleInput[] = []) {
    this.#seed = seed;
    for (const rule of rules) this.add(rule);
  }

  /** Adds a rule; throws a ZodError where it is not one. */
  add(rule: FaultRuleInput): number {
    const id = this.#nextId++;
    this.#armed.push({ id, rule: FaultRule.parse(rule), seen: 0, hits: 0, tries: new Map() });
    return id;
  }

  clear(id?: number): void {
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
  }

  list(): readonly { readonly id: number; readonly rule: FaultRule; readonly seen: number; readonly hits: number }[] {
    return this.#armed.map(({ id, rule, seen, hits }) => ({ id, rule, seen, hits }));
  }

  /** The rules that hit this request. */
  hit(request: FaultRequest): readonly FaultRule[] {
    return this.#armed.filter((armed) => this.#hits(armed, request)).map(({ rule }) => rule);
  }

  #hits(armed: Armed, request: FaultRequest): boolean {
    const { rule } = armed;
    if (rule.operations !== undefined && !rule.operations.includes(request.operation)) return false;
    if (rule.agent !== undefined && rule.agent !== request.agent) return false;
    if (request.at < (rule.from ?? 0) || request.at >= (rule.until ?? Number.POSITIVE_INFINITY)) return false;
    armed.seen += 1;
    const name = `${request.operation}\n${request.agent ?? ""}\n${request.key ?? ""}`;
    const attempt = (armed.tries.get(name) ?? 0) + 1;
    armed.tries.set(name, attempt);
    if (rule.count !== undefined && armed.hits >= rule.count) return false;
    if (rule.nth !== undefined && armed.seen % rule.nth !== 0) return false;
    if (rule.probability !== undefined && this.#chance(armed.id, name, attempt) >= rule.probability) return false;
    armed.hits += 1;
    return true;
  }

  #chance(id: number, name: string, attempt: number): number {
    const hash = createHash("sha256").update(`${this.#seed}\n${id}\n${name}\n${attempt}`).digest();
    return hash.readUInt32LE(0) / 4_294_967_296;
  }
}
