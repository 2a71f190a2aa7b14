// What is said of runs that have ended, or are ended.

import {
  type Failure,
  HoldfastError,
  SIGNALS_MAX,
  type UpdateResult,
  toFailure,
} from "@holdfast/core";
import type { LiveRun } from "../run/live-run.ts";
import type { RunRow } from "../store/runs.ts";

/** A message came too late. */
export function runClosed(live: LiveRun, action: string): HoldfastError {
  // Of one that continues as new here, the next generation is asked.
  if (live.state.status === "continued") return runMoved(live.row, action);
  return new HoldfastError(
    "HF-RUN-CLOSED",
    `Cannot ${action} run "${live.row.id}": it is ${live.state.status}.`,
    {
      class: "state",
      disposition: "refused",
      outcome: "not-sent",
      details: { status: live.state.status },
    },
  );
}

/** It goes on, but not here. */
export function runMoved({ id, runId }: RunRow, action: string): HoldfastError {
  return new HoldfastError(
    "HF-RUN-MOVED",
    `Cannot ${action} run "${id}": it was moved to another engine, and goes on there under the same id. Ask there.`,
    {
      class: "state",
      disposition: "refused",
      outcome: "not-sent",
      details: { id, runId },
    },
  );
}

/** The end that somebody puts to a run. */
export function terminated(live: LiveRun, reason: string): Failure {
  return toFailure(
    new HoldfastError("HF-TERMINATED", `Run "${live.row.id}" was terminated: ${reason}`, {
      class: "state",
      disposition: "cancelled",
    }),
  );
}

/** The answer of an update whose run closed before it gave one. */
export function unanswered(id: string): UpdateResult {
  const message = `Run "${id}" has closed before it answered.`;
  const failure = new HoldfastError("HF-RUN-CLOSED", message, { class: "state" });
  return { kind: "failed", failure: toFailure(failure) };
}

/** @throws HF-SIGNAL-LIMIT where a generation has taken all the signals it may */
export function checkSignals({ row, fold }: LiveRun): void {
  if (fold.signals < SIGNALS_MAX) return;
  throw new HoldfastError(
    "HF-SIGNAL-LIMIT",
    `Cannot signal to run "${row.id}": it has taken ${SIGNALS_MAX} signals. Let it continue as new, as ctx.loop does, and send it again.`,
    { class: "resource", disposition: "retry", outcome: "not-sent" },
  );
}
