// Journals taken out of their store and replayed without an engine: a test keeps one as a fixture and asks
// whether the code of today still gives the commands of then. It never sends anything.

import { type Failure, HISTORY_ENTRIES_SUGGEST } from "@holdfast/core";
import { namespaceOf } from "../namespace.ts";
import { type Definition, createRegistry } from "../registry.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { createMachine } from "./create.ts";
import { effective } from "./effective.ts";
import { watchFloating } from "./floating.ts";
import type { RunIdentity } from "./identity.ts";
import { LiveRun } from "./live-run.ts";
import { type JournalRow, replay } from "./replay.ts";

/** One generation of a run with what counts of its journal: plain JSON. */
export interface RecordedRun extends RunIdentity {
  readonly rows: readonly JournalRow[];
}

/** All generations under a workflow id, oldest first. */
export function recordedRuns(store: Store, id: string): readonly RecordedRun[] {
  const runs = store.runs.list({ idPrefix: id }, Number.MAX_SAFE_INTEGER);
  return runs
    .filter((run) => run.id === id)
    .toReversed()
    .map((run) => recordedRun(store, run));
}

export function recordedRun(store: Store, run: RunRow): RecordedRun {
  const namespace = namespaceOf(store, undefined, () => "");
  const { rows } = effective(store.journal.read(run.row));
  return { ...new LiveRun(run, namespace).identity, rows };
}

/**
 * Replays a recorded run with the code of today; gives the difference where there is one.
 *
 * @throws HF-WORKFLOW-UNKNOWN, HF-DEFINITION-DUPLICATE
 */
export async function replayRecorded(
  definitions: readonly Definition[],
  { rows, ...identity }: RecordedRun,
): Promise<Failure | undefined> {
  using _floating = watchFloating();
  const workflow = createRegistry(definitions).workflow(identity.workflow);
  return await replayAlone({ identity, workflow, historySuggest: HISTORY_ENTRIES_SUGGEST }, rows);
}

/** Replays rows that count without an engine, while floating rejections are watched; gives what does not fit. */
export async function replayAlone(
  options: Omit<Parameters<typeof createMachine>[0], "onForeign">,
  rows: readonly JournalRow[],
): Promise<Failure | undefined> {
  // The machine keeps the problem itself.
  const machine = createMachine({ ...options, onForeign: () => undefined });
  await replay(machine, rows);
  // Node tells of promises that were rejected and not handled only when the event loop turns.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return machine.problem;
}
