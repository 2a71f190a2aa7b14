// Decides which requests, events and connections are hit. Seeded: chances depend on what something is (operation,
// name of the agent, key and try; id of the event), never on timing or on random ids, so that a run repeats.
// Faults live in memory; a venue that restarts has those of its options.

import { createHash } from "node:crypto";
import type { DeliveryFacts, StreamFacts } from "./facts.ts";
import { type Scope, factsOf } from "./kind.ts";
import { type Window, fits, isAgent, windowOf } from "./match.ts";
import {
  type DeliveryRule,
  type FaultRequest,
  FaultRule,
  type FaultRuleInput,
  type RequestRule,
  type StreamRule,
  isWithin,
  matches,
} from "./rule.ts";

/** Rules that are armed at one time, at most. */
export const FAULTS_MAX = 200;
/** Names of tries that one rule remembers; beyond them the oldest is forgotten. */
const TRIES_MAX = 100_000;

export interface ArmedFault {
  readonly id: number;
  readonly rule: FaultRule;
  /** Name of the suite that armed it. */
  readonly suite?: string;
  /** Requests that the rule was about. */
  readonly seen: number;
  /** Requests that it hit. */
  readonly hits: number;
  /** The last of them, where it was a request. */
  readonly last: FaultRequest | undefined;
}

interface Armed {
  readonly id: number;
  readonly rule: FaultRule;
  readonly suite?: string;
  readonly armedAt: number | undefined;
  readonly window: Window;
  seen: number;
  hits: number;
  last: FaultRequest | undefined;
  /** Requests seen by operation, agent and key: the tries of one write differ in this number alone. */
  readonly tries: Map<string, number>;
}

export interface FaultOptions {
  /** The venue's clock: rules that last for `seconds` count from when they were armed. */
  readonly now?: () => number;
  /** Ends the process, or says to whoever owns it that the venue has crashed. Without it no crash is armed. */
  readonly crash?: (() => void) | undefined;
}

/** Told of a request that has come, and of the rules that hit it. */
export type RequestWatcher = (request: FaultRequest, struck: readonly RequestRule[]) => void;

/** Thrown where a rule fits its form but not this venue. */
export class FaultRefused extends Error {}

export class Faults {
  readonly #seed: string;
  readonly #options: FaultOptions;
  readonly #watchers = new Set<RequestWatcher>();
  #armed: Armed[] = [];
  #nextId = 1;

  /** @throws ZodError where a rule is not one; FaultRefused where this venue cannot arm it */
  constructor(seed: string, rules: readonly FaultRuleInput[] = [], options: FaultOptions = {}) {
    this.#seed = seed;
    this.#options = options;
    for (const rule of rules) this.add(rule);
  }

  /**
   * Adds a rule and returns its number.
   *
   * @throws ZodError where it is not one; FaultRefused for a crash in a process that nobody lets crash, and beyond
   *   `FAULTS_MAX`
   */
  add(rule: FaultRuleInput, suite?: string): number {
    const parsed = FaultRule.parse(rule);
    if (parsed.kind === "crash" && this.#options.crash === undefined) {
      throw new FaultRefused("Nobody lets this venue's process crash: open it with onCrash.");
    }
    if (this.#armed.length >= FAULTS_MAX) {
      throw new FaultRefused(`At most ${FAULTS_MAX} faults are armed at one time.`);
    }
    const id = this.#nextId++;
    const armedAt = this.#options.now?.();
    this.#armed.push({
      id,
      rule: parsed,
      ...(suite === undefined ? {} : { suite }),
      armedAt,
      window: windowOf(parsed, armedAt),
      seen: 0,
      hits: 0,
      last: undefined,
      tries: new Map(),
    });
    return id;
  }

  /** Removes one rule, or all. */
  clear(id?: number): void {
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
  }

  list(): readonly ArmedFault[] {
    return this.#armed.map(({ tries: _tries, window: _window, armedAt: _at, ...shown }) => shown);
  }

  /** The rules that hit this request, in order of their numbers. Counts it: ask once for each request. */
  hit(request: FaultRequest): readonly RequestRule[] {
    const struck = this.#struck("request", request);
    for (const watcher of this.#watchers) watcher(request, struck);
    return struck;
  }

  /** Tells of every request from now on, also of those that nothing hits; returns how to call it off. */
  watch(watcher: RequestWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** After a commit: crashes where a rule says so. Counts it: tell once of each effect. True where it crashed. */
  committed(request: FaultRequest): boolean {
    if (this.#struck("commit", request).length === 0) return false;
    this.#options.crash?.();
    return true;
  }

  /** The rules that hit an event about to be delivered. Counts it. */
  hitDelivery(facts: DeliveryFacts): readonly DeliveryRule[] {
    const name = JSON.stringify([facts.channel, facts.agent.name, facts.eventId]);
    return this.#armed
      .filter((armed) => {
        const rule = armed.rule;
        if (!isOf<DeliveryRule>("delivery", rule)) return false;
        const { channel = facts.channel, types = ["*"] } = rule;
        if (channel !== facts.channel || !types.some((type) => fits(type, facts.type)))
          return false;
        if (!isAgent(rule.agent, facts.agent) || !isWithin(armed.window, facts.at)) return false;
        return this.#counts(armed, name, facts.attempt);
      })
      .map(({ rule }) => rule as DeliveryRule);
  }

  /** The rules that hit a connection at one of its moments. Counts it. */
  hitStream(facts: StreamFacts): readonly StreamRule[] {
    const name = JSON.stringify(["connection", facts.agent.name, facts.moment]);
    return this.#armed
      .filter((armed) => {
        const rule = armed.rule;
        if (!isOf<StreamRule>("connection", rule) || !facts.kinds.includes(rule.kind)) return false;
        if (!isAgent(rule.agent, facts.agent) || !isWithin(armed.window, facts.at)) return false;
        return this.#counts(armed, name);
      })
      .map(({ rule }) => rule as StreamRule);
  }

  #struck(scope: Scope, request: FaultRequest): readonly RequestRule[] {
    if (this.#armed.length === 0) return [];
    const { operation, agent, key } = request;
    const name = JSON.stringify([operation, agent?.name, key]);
    const struck: RequestRule[] = [];
    for (const armed of this.#armed) {
      const { rule, window } = armed;
      if (!isOf<RequestRule>(scope, rule) || !matches(rule, request, window)) continue;
      if (!this.#counts(armed, name)) continue;
      armed.last = request;
      struck.push(resolved(rule, armed, request.at));
    }
    return struck;
  }

  /** Counts something that a rule is about, and says whether it is hit. */
  #counts(armed: Armed, name: string, tried?: number): boolean {
    const { rule, tries } = armed;
    armed.seen += 1;
    const attempt = tried ?? (tries.get(name) ?? 0) + 1;
    tries.set(name, attempt);
    if (tries.size > TRIES_MAX) tries.delete(tries.keys().next().value ?? "");
    const { count = rule.kind === "crash" ? 1 : undefined, nth, probability = 1 } = rule;
    if (count !== undefined && armed.hits >= count) return false;
    if (nth !== undefined && armed.seen % nth !== 0) return false;
    if ("tries" in rule && rule.tries?.includes(attempt) === false) return false;
    if (probability < 1 && this.#chance(armed.id, name, attempt) >= probability) return false;
    armed.hits += 1;
    return true;
  }

  #chance(id: number, name: string, attempt: number): number {
    const text = JSON.stringify([this.#seed, id, name, attempt]);
    const hash = createHash("sha256").update(text).digest();
    return hash.readUInt32LE(0) / 4_294_967_296;
  }
}

/** A feed that is stale stands still since it was armed, unless the rule says since when. */
function resolved(rule: RequestRule, { armedAt }: Armed, at: number): RequestRule {
  if (rule.kind !== "stale") return rule;
  const since = rule.since ?? rule.from ?? armedAt ?? at;
  return { ...rule, since: Math.max(0, Math.floor(since)) };
}

function isOf<Rule extends FaultRule>(scope: Scope, rule: FaultRule): rule is Rule {
  return factsOf(rule.kind).scope === scope;
}
