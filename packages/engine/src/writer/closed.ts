// What is said of runs that have ended, or are ended.

import {
  type Failure,
  HoldfastError,
  type Log,
  type RunResult,
  SIGNALS_MAX,
  type UpdateResult,
  toFailure,
} from "@holdfast/core";
import type { LiveRun } from "../run/live-run.ts";
import { resultOf } from "../run/result.ts";
import type { RunRow } from "../store/runs.ts";
import type { Step } from "./step.ts";

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

/** Tells of a run that has ended: its outcome, and what it left unanswered. */
export function tellEnd(
  { live, activation }: Pick<Step, "live" | "activation">,
  to: {
    readonly log: Log;
    readonly onUpdated: (requestId: string, result: UpdateResult) => void;
    readonly onClosed: (id: string, result: RunResult) => void;
  },
): void {
  const { id } = live.row;
  const last = activation.entries.at(-1);
  const signals = activation.machine.unhandledSignals.map(({ name }) => name);
  if (signals.length > 0 && last?.kind !== "continued") {
    const message = `Run "${id}" ended with ${signals.length} signals that it never handled.`;
    to.log.warn(message, { signals });
  }
  for (const update of activation.machine.unansweredUpdates) to.onUpdated(update, unanswered(id));
  const result = resultOf(last);
  if (result !== undefined) to.onClosed(id, result);
}

/** What ends a session that no disk has failed. */
export function ownBug(error: unknown): HoldfastError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new HoldfastError("HF-ENGINE-FAILED", `The engine has met a bug of its own: ${text}`, {
    cause: error,
  });
}
