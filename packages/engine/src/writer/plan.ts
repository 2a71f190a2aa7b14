// What one turn takes in: facts for runs, new runs, writes that go along. Collected while the turn plans,
// written in one transaction, and only then told to anybody.

import type { Applied, Fact, HoldfastError, Operation } from "@holdfast/core";
import type { PendingCallState } from "../call/pending.ts";
import type { LiveRun } from "../run/live-run.ts";
import type { Store } from "../store/store.ts";

/** A request of a caller: all its operations in one commit, or none. */
export interface Request {
  readonly operations: readonly Operation[];
  readonly resolve: (applied: readonly Applied[]) => void;
  readonly reject: (error: unknown) => void;
}

/** An outcome of a call, on its way into the journal. */
export interface Delivery {
  readonly row: number;
  readonly fact: Fact;
}

/** The facts that one run takes in this turn. */
export interface Intake {
  readonly live: LiveRun;
  readonly facts: Fact[];
  readonly isNew: boolean;
}

export interface Plan {
  readonly at: number;
  /** By the run's row. */
  readonly intakes: Map<number, Intake>;
  /** Runs that begin in this turn, by workflow id. */
  readonly begun: Map<string, LiveRun>;
  readonly writes: ((store: Store) => void)[];
  /** Ids of messages accepted in this turn, and what each brings: who sends one again shares its fate. */
  readonly delivered: Map<string, Fact | undefined>;
  /** Calls that a request of this turn settles. */
  readonly settled: Set<PendingCallState>;
  /** Messages that were not taken: their run closed by what came before them in this turn, or refused. */
  readonly missed: Map<Fact, HoldfastError>;
  /** Runs taken from the dead letters by a person. */
  readonly discarded: Set<number>;
  /** Runs to be brought back anew after the commit. */
  readonly reload: Set<number>;
  /** Requests to be told after the commit, and the facts each of them needs delivered. */
  readonly accepted: {
    readonly request: Request;
    readonly applied: readonly Applied[];
    readonly facts: readonly Fact[];
  }[];
}

export function emptyPlan(at: number): Plan {
  return {
    at,
    intakes: new Map(),
    begun: new Map(),
    writes: [],
    delivered: new Map(),
    settled: new Set(),
    missed: new Map(),
    discarded: new Set(),
    reload: new Set(),
    accepted: [],
  };
}

export function intake(plan: Plan, live: LiveRun, isNew = false): Intake {
  let found = plan.intakes.get(live.row.row);
  if (found === undefined) {
    found = { live, facts: [], isNew };
    plan.intakes.set(live.row.row, found);
  }
  return found;
}
