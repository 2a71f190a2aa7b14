// Where the breakers of a project are kept when several processes share them; and what a person may say of one.

import type { BreakerChange, BreakerState, BreakerWish } from "../policy/breaker.ts";

export interface BreakerRequest {
  /** "purpleflea/write". */
  readonly name: string;
  readonly wish: BreakerWish;
  /** Who decided, and why: audited. */
  readonly actor: string;
  readonly reason: string;
}

/** Told after each change of a breaker that is on disk. */
export type OnBreaker = (change: BreakerChange) => void;

/** What a person has said of a breaker. */
export interface BreakerAudit extends BreakerRequest {
  readonly at: number;
}

/** What a step makes of a state. */
export interface BreakerStep<Value> {
  readonly state: BreakerState;
  readonly value: Value;
}

/** Breakers by name, shared by processes that may die at each line. */
export interface BreakerStore {
  /** As it is; undefined where nothing has happened to it. */
  find(name: string): Promise<BreakerState | undefined>;
  list(): Promise<readonly BreakerState[]>;
  /**
   * Changes a breaker in one transaction that nobody else's is beside: of all who ask for the place of the probe, one
   * gets it. The step may run again, and is kept when this is fulfilled; a state that it leaves as it is is not written.
   */
  change<Value>(
    name: string,
    step: (before: BreakerState | undefined) => BreakerStep<Value>,
    audit?: BreakerAudit,
  ): Promise<Value>;
  /** What people have said, the newest first, at most 100. */
  audit(): Promise<readonly BreakerAudit[]>;
}
