// The breakers of a journal: decided from memory, because the journal has one owner, and written down at each change. What was half-open when the owner died is open on disk for whoever comes: a probe's place dies with it.

import {
  type Asking,
  type BreakerAnswer,
  type BreakerChange,
  type BreakerRequest,
  type BreakerState,
  type Policies,
  type Told,
  askBreaker,
  changeOf,
  forceBreaker,
  newBreaker,
  tellBreaker,
} from "@holdfast/core";
import type { Store } from "../store/store.ts";
import { breakerUnknown } from "./names.ts";

export interface BreakersOptions {
  readonly kept: readonly BreakerState[];
  readonly policies: Policies;
  /** Names that calls can meet. */
  readonly names: () => readonly string[];
  /** A breaker is otherwise than it was: to be written; in another mode: to be told, too, once that is. */
  readonly onKept: (change: BreakerChange | undefined) => void;
}

const META = "breakers";

/** What a journal says of its breakers. */
export function keptBreakers(store: Pick<Store, "meta">): readonly BreakerState[] {
  try {
    return JSON.parse(store.meta(META) ?? "[]") as readonly BreakerState[];
  } catch {
    // Damaged: what they knew comes about again, and nothing else depends on it.
    return [];
  }
}

export class Breakers {
  readonly #options: BreakersOptions;
  readonly #states: Map<string, BreakerState>;

  constructor(options: BreakersOptions) {
    this.#options = options;
    this.#states = new Map(options.kept.map((state) => [state.name, withoutProbe(state)]));
  }

  /** Nothing has changed yet: `keep` takes the place of a probe. */
  ask(name: string, asking: Asking): BreakerAnswer {
    const state = this.#states.get(name);
    return state === undefined ? { kind: "go" } : askBreaker(state, asking);
  }

  get(name: string, now: number): BreakerState {
    return this.#states.get(name) ?? newBreaker(name, now);
  }

  /** The breaker is so from now on. */
  keep(state: BreakerState): BreakerChange | undefined {
    const before = this.get(state.name, state.changedAt);
    this.#states.set(state.name, state);
    const change = changeOf(before, state);
    this.#options.onKept(change);
    return change;
  }

  /** A call that was let through has ended. */
  tell(name: string, told: Told): BreakerChange | undefined {
    const [venue = name] = name.split("/");
    const policy = this.#options.policies.of(venue).breaker;
    const before = this.get(name, told.now);
    if (policy === undefined) return undefined;
    const after = tellBreaker(before, policy, told);
    return after === before ? undefined : this.keep(after);
  }

  /** @throws HF-BREAKER-UNKNOWN */
  check({ name }: Pick<BreakerRequest, "name">): void {
    const known = this.#names();
    if (!known.includes(name)) throw breakerUnknown(name, known);
  }

  /** What a person has said. */
  force(request: BreakerRequest, now: number): BreakerChange | undefined {
    const { name, wish } = request;
    return this.keep(forceBreaker(this.get(name, now), wish, { ...request, now }));
  }

  list(now: number): readonly BreakerState[] {
    return this.#names().map((name) => this.get(name, now));
  }

  write(store: Pick<Store, "setMeta">): void {
    const changed = [...this.#states.values()].filter(
      ({ mode, failures, forced }) => mode !== "closed" || failures > 0 || forced !== undefined,
    );
    store.setMeta(META, JSON.stringify(changed));
  }

  #names(): readonly string[] {
    return [...new Set([...this.#options.names(), ...this.#states.keys()])].sort();
  }
}

/** Its cooling time is over: the first that asks is the probe. */
function withoutProbe({ probe: _probe, ...state }: BreakerState): BreakerState {
  return state;
}
