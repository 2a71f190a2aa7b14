// Decides which requests are hit. Seeded: chances depend on what a request is (operation, name of the agent,
// key and try), never on timing or on random ids, so that a run repeats. Faults live in memory; a venue that
// restarts has those of its options.

import { createHash } from "node:crypto";
import { type FaultRequest, FaultRule, type FaultRuleInput, matches } from "./rule.ts";

export interface ArmedFault {
  readonly id: number;
  readonly rule: FaultRule;
  /** Requests that the rule was about. */
  readonly seen: number;
  /** Requests that it hit. */
  readonly hits: number;
  /** The last of them. */
  readonly last: FaultRequest | undefined;
}

interface Armed {
  readonly id: number;
  readonly rule: FaultRule;
  seen: number;
  hits: number;
  last: FaultRequest | undefined;
  /** Requests seen by operation, agent and key: the tries of one write differ in this number alone. */
  readonly tries: Map<string, number>;
}

export class Faults {
  readonly #seed: string;
  #armed: Armed[] = [];
  #nextId = 1;

  /** @throws ZodError where a rule is not one */
  constructor(seed: string, rules: readonly FaultRuleInput[] = []) {
    this.#seed = seed;
    for (const rule of rules) this.add(rule);
  }

  /** Adds a rule and returns its number. @throws ZodError where it is not one */
  add(rule: FaultRuleInput): number {
    const id = this.#nextId++;
    const none = { seen: 0, hits: 0, last: undefined };
    this.#armed.push({ id, rule: FaultRule.parse(rule), ...none, tries: new Map() });
    return id;
  }

  /** Removes one rule, or all. */
  clear(id?: number): void {
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
  }

  list(): readonly ArmedFault[] {
    return this.#armed.map(({ tries: _tries, ...shown }) => shown);
  }

  /** The rules that hit this request, in order of their numbers. Counts it: ask once for each request. */
  hit(request: FaultRequest): readonly FaultRule[] {
    return this.#armed.filter((armed) => this.#hits(armed, request)).map(({ rule }) => rule);
  }

  #hits(armed: Armed, request: FaultRequest): boolean {
    const { rule, tries } = armed;
    if (!matches(rule, request)) return false;
    armed.seen += 1;
    const name = JSON.stringify([request.operation, request.agent?.name, request.key]);
    const attempt = (tries.get(name) ?? 0) + 1;
    tries.set(name, attempt);
    if (rule.count !== undefined && armed.hits >= rule.count) return false;
    if (rule.nth !== undefined && armed.seen % rule.nth !== 0) return false;
    if (rule.tries !== undefined && !rule.tries.includes(attempt)) return false;
    const { probability = 1 } = rule;
    if (probability < 1 && this.#chance(armed.id, name, attempt) >= probability) return false;
    armed.hits += 1;
    armed.last = request;
    return true;
  }

  #chance(id: number, name: string, attempt: number): number {
    const text = JSON.stringify([this.#seed, id, name, attempt]);
    const hash = createHash("sha256").update(text).digest();
    return hash.readUInt32LE(0) / 4_294_967_296;
  }
}
