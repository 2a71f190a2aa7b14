// The breakers of a project as a worker sees them: in the store that all workers share, looked at no more often than
// once a second while they are closed, and changed in its transactions.

import {
  type Asking,
  type BreakerAnswer,
  type BreakerRequest,
  type BreakerState,
  type BreakerStep,
  type BreakerStore,
  type Clock,
  type Log,
  type OnBreaker,
  type Policies,
  type Told,
  askBreaker,
  changeOf,
  forceBreaker,
  healthOf,
  newBreaker,
  tellBreaker,
  toFailure,
} from "@holdfast/core";
import { tellBreakerChange } from "@holdfast/engine/activity-side";

/** How long what was read of a breaker is believed, in milliseconds. */
const FRESH_MS = 1_000;

export interface SharedBreakersOptions {
  readonly store: BreakerStore;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly log: Log;
  readonly onBreaker?: OnBreaker | undefined;
}

interface Seen {
  readonly state: BreakerState | undefined;
  readonly at: number;
}

export class SharedBreakers {
  readonly #options: SharedBreakersOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: SharedBreakersOptions) {
    this.#options = options;
  }

  /** Whether a call may go; what is told of a probe, `take` decides. A store that is away holds nothing up. */
  async ask(name: string, asking: Asking): Promise<BreakerAnswer> {
    const state = await this.#state(name, asking.now);
    return state === undefined ? { kind: "go" } : askBreaker(state, asking);
  }

  /** Takes the place of the probe, where it is free still. */
  take(name: string, asking: Asking): Promise<boolean> {
    return this.#change(name, asking.now, (before) => {
      const answer = askBreaker(before, asking);
      return {
        state: answer.kind === "probe" ? answer.state : before,
        value: answer.kind !== "wait",
      };
    });
  }

  /** A call that was let through has ended. Never rejects: what it has come to does not depend on this. */
  async tell(name: string, told: Told): Promise<void> {
    const [venue = name] = name.split("/");
    const policy = this.#options.policies.of(venue).breaker;
    const seen = this.#seen.get(name)?.state;
    const isIll = told.failure !== undefined && healthOf(told.failure) === "ill";
    const isQuiet = seen === undefined || (seen.mode === "closed" && seen.failures === 0);
    if (policy === undefined || (!isIll && isQuiet)) return;
    try {
      await this.#change(name, told.now, (before) => ({
        state: tellBreaker(before, policy, told),
        value: undefined,
      }));
    } catch (error) {
      this.#warn(name, error);
    }
  }

  /** What a person has said. */
  force(request: BreakerRequest, at: number): Promise<void> {
    const { name, wish, actor, reason } = request;
    return this.#change(
      name,
      at,
      (before) => ({
        state: forceBreaker(before, wish, { ...request, now: at }),
        value: undefined,
      }),
      { name, wish, actor, reason, at },
    );
  }

  /** As it was seen last. */
  last(name: string, now: number): BreakerState {
    return this.#seen.get(name)?.state ?? newBreaker(name, now);
  }

  list(): Promise<readonly BreakerState[]> {
    return this.#options.store.list();
  }

  async #state(name: string, now: number): Promise<BreakerState | undefined> {
    const seen = this.#seen.get(name);
    if (seen !== undefined && now >= seen.at && now < seen.at + FRESH_MS) return seen.state;
    try {
      const state = await this.#options.store.find(name);
      this.#seen.set(name, { state, at: now });
      return state;
    } catch (error) {
      this.#warn(name, error);
      return seen?.state;
    }
  }

  async #change<Value>(
    name: string,
    now: number,
    step: (before: BreakerState) => BreakerStep<Value>,
    audit?: Parameters<BreakerStore["change"]>[2],
  ): Promise<Value> {
    const { store, log, onBreaker } = this.#options;
    const { value, change, state } = await store.change(
      name,
      (found) => {
        const before = found ?? newBreaker(name, now);
        const after = step(before);
        const changed = changeOf(before, after.state);
        const isSame = after.state === before;
        const kept = isSame && found !== undefined ? found : after.state;
        return {
          state: kept,
          value: { value: after.value, change: changed, state: after.state },
        };
      },
      audit,
    );
    this.#seen.set(name, { state, at: now });
    if (change !== undefined) {
      tellBreakerChange(log, change);
      onBreaker?.(change);
    }
    return value;
  }

  #warn(name: string, error: unknown): void {
    const { code, message } = toFailure(error);
    this.#options.log.warn(`Cannot look after breaker "${name}": ${message}`, { code });
  }
}

/** Breakers of one process, for a project that keeps nothing beside its server. */
export function ownBreakers(): BreakerStore {
  const states = new Map<string, BreakerState>();
  return {
    find: async (name) => states.get(name),
    list: async () => [...states.values()],
    change: async (name, step) => {
      const { state, value } = step(states.get(name));
      states.set(name, state);
      return value;
    },
    audit: async () => [],
  };
}
