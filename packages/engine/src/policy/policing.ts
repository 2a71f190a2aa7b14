// The policies of one session: its breakers, its limits, and the gate that asks them.

import {
  type BreakerChange,
  type BreakerRequest,
  type BreakerState,
  type Clock,
  type Log,
  type OnBreaker,
  type PoliciesOptions,
  type Random,
  type VenueCapabilities,
  definedActivities,
  policiesOf,
} from "@holdfast/core";
import type { MakeGate } from "../call/gate.ts";
import type { Store } from "../store/store.ts";
import { Breakers, keptBreakers } from "./breakers.ts";
import { PolicyGate } from "./gate.ts";
import { Limits } from "./limits.ts";
import { breakerNames } from "./names.ts";

export interface PolicingOptions {
  readonly store: Store;
  readonly policies: PoliciesOptions | undefined;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onBreaker?: OnBreaker | undefined;
  /** Writes with the next commit; `then` once it is on disk. */
  readonly write: (write: (store: Store) => void, then: () => void) => void;
}

/** Undefined parts where the engine was opened without policies. */
export class Policing {
  readonly #options: PolicingOptions;
  readonly #breakers: Breakers | undefined;
  #gate: PolicyGate | undefined;
  readonly gates: readonly MakeGate[];

  /** @throws HF-POLICY-INVALID */
  constructor(options: PolicingOptions) {
    const { policies: asked, venues, random, store } = options;
    this.#options = options;
    if (asked === undefined) {
      this.gates = [];
      return;
    }
    const policies = policiesOf(asked);
    const breakers = new Breakers({
      kept: keptBreakers(store),
      policies,
      names: () => breakerNames(definedActivities(), venues),
      onKept: this.#kept,
    });
    this.#breakers = breakers;
    const limits = new Limits(policies, random);
    const coolingMs = (venue: string): number | undefined => policies.of(venue).breaker?.coolingMs;
    this.gates = [
      (bell) =>
        (this.#gate = new PolicyGate({ bell, breakers, limits, venues, random, coolingMs })),
    ];
  }

  list(): readonly BreakerState[] {
    return this.#breakers?.list(this.#options.clock.now()) ?? [];
  }

  /** @throws HF-BREAKER-UNKNOWN */
  check(request: Pick<BreakerRequest, "name">): void {
    this.#breakersNow().check(request);
  }

  /** What a person has said: from now on it is so; gives what is to be written with it. */
  force(request: BreakerRequest, at: number): (store: Store) => void {
    const breakers = this.#breakersNow();
    const change = breakers.force(request, at);
    if (change !== undefined) this.#gate?.ring(change);
    const { name: subject, wish, actor, reason } = request;
    return (store) => {
      breakers.write(store);
      store.audit({ at, action: `breaker-${wish}`, actor, reason, subject });
    };
  }

  #breakersNow(): Breakers {
    // Without policies there is no breaker of any name.
    return this.#breakers ?? new Breakers(NONE);
  }

  readonly #kept = (change: BreakerChange | undefined): void => {
    const { write, log, onBreaker } = this.#options;
    write(
      (store) => this.#breakers?.write(store),
      () => {
        if (change === undefined) return;
        tellBreakerChange(log, change);
        onBreaker?.(change);
      },
    );
  };
}

const NONE = {
  kept: [],
  policies: policiesOf({}),
  names: () => [],
  onKept: () => undefined,
} as const;

/** One line for each change of mode. */
export function tellBreakerChange(log: Log, change: BreakerChange): void {
  const { name, to, reason, actor, openUntil } = change;
  const by = actor === undefined ? "" : ` by ${actor}`;
  const until = openUntil === undefined ? "" : ` until ${new Date(openUntil).toISOString()}`;
  const message = `Breaker "${name}" is ${to}${until}${by}: ${reason}.`;
  log[to === "open" ? "warn" : "info"](message, { breaker: name, mode: to });
}
