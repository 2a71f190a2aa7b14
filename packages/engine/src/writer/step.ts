// A run's part in one turn, between activation and commit.

import type { PendingCallState } from "../call/pending.ts";
import type { Activation } from "../run/activate.ts";
import type { LiveRun } from "../run/live-run.ts";
import type { Machine } from "../run/machine.ts";
import type { RunState } from "../store/runs.ts";
import type { Intake } from "./plan.ts";

export interface Step {
  readonly live: LiveRun;
  readonly isNew: boolean;
  readonly activation: Activation;
  /** Calls that this turn decided: they begin after the commit. */
  readonly begun: PendingCallState[];
  /** The run's state as it will be committed. */
  state: RunState;
  /** True when the end of a stuck run has left effects in doubt. */
  doubt: boolean;
  /** True when a dead letter was written or dropped. */
  letter: boolean;
  /** True when the run goes on in its next generation. */
  continued: boolean;
  /** True when the code does not fit: what the run was told is kept for code that does. */
  stuck: boolean;
}

export function stepOf({ live, facts, isNew }: Intake, machine: Machine, at: number): Step {
  return {
    live,
    isNew,
    activation: {
      machine,
      facts,
      at: Math.max(at, live.fold.lastAt),
      entries: [],
      refused: undefined,
      delivered: 0,
    },
    begun: [],
    state: live.state,
    doubt: false,
    letter: false,
    continued: false,
    stuck: live.problem !== undefined,
  };
}
