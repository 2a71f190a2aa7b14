// Journals as fixtures: what a run decided once, kept as plain JSON beside the tests, and replayed with the
// code of today. It shows before a deployment what would park a run after it.

import { HoldfastError, fromFailure } from "@holdfast/core";
import {
  type Definition,
  type RecordedRun,
  type Store,
  recordedRuns,
  replayRecorded,
} from "@holdfast/engine";

/** All generations of a run: plain JSON, to be written to a file as it is. */
export interface RecordedJournal {
  readonly format: 1;
  readonly runs: readonly RecordedRun[];
}

/** @throws HF-RUN-UNKNOWN */
export function recordJournal(store: Store, id: string): RecordedJournal {
  const runs = recordedRuns(store, id);
  if (runs.length > 0) return JSON.parse(JSON.stringify({ format: 1, runs })) as RecordedJournal;
  throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot export run "${id}": no run has this id.`);
}

/**
 * Replays a recorded journal with the code of today.
 *
 * @throws HF-DETERMINISM with both sides of the difference; HF-WORKFLOW-UNKNOWN; HF-FIXTURE-INVALID
 * @example
 * await replayJournal([weekly], JSON.parse(readFileSync("weekly.journal.json", "utf8")));
 */
export async function replayJournal(
  definitions: readonly Definition[],
  journal: unknown,
): Promise<void> {
  if (!isJournal(journal)) {
    throw new HoldfastError(
      "HF-FIXTURE-INVALID",
      "Cannot replay this: it is not what exportJournal(id) gave, or of a newer version.",
      { class: "data" },
    );
  }
  for (const run of journal.runs) {
    const failure = await replayRecorded(definitions, run);
    if (failure !== undefined) throw fromFailure(failure);
  }
}

function isJournal(value: unknown): value is RecordedJournal {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    value.format === 1 &&
    "runs" in value &&
    Array.isArray(value.runs)
  );
}
