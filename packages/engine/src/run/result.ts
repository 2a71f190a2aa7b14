// The outcome of a run, as its last entry has it.

import { type HistoryEntry, HoldfastError, type RunResult, toFailure } from "@holdfast/core";

/** Undefined while the run is open, and where it goes on in its next generation. */
export function resultOf(last: HistoryEntry | undefined): RunResult | undefined {
  switch (last?.kind) {
    case "completed":
      return { kind: "completed", output: last.output };
    case "run-failed":
    case "terminated":
      return { kind: "failed", failure: last.failure };
    case "cancelled":
      return { kind: "failed", failure: toFailure(wasCancelled(last.reason)) };
    case "continued":
      return last.elsewhere === true
        ? { kind: "failed", failure: toFailure(goesOnElsewhere()) }
        : undefined;
    default:
      return undefined;
  }
}

function goesOnElsewhere(): HoldfastError {
  return new HoldfastError(
    "HF-RUN-MOVED",
    "The run was moved to another engine, which has its outcome. Ask there, under the same id.",
    { class: "state", disposition: "terminal" },
  );
}

function wasCancelled(reason: string): HoldfastError {
  return new HoldfastError("HF-CANCELLED", `The run was cancelled: ${reason}`, {
    class: "state",
    disposition: "cancelled",
  });
}
