// What is said of one run: its description and its history, read from the journal. Only looks.

import {
  type Encoded,
  HoldfastError,
  type ListedEntry,
  type Memo,
  type PendingCall,
  type RunDescription,
  decode,
  encode,
} from "@holdfast/core";
import { summary } from "../store/page.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { effective } from "./effective.ts";
import type { JournalRow } from "./replay.ts";
import { resultOf } from "./result.ts";

/** The last run with an id. @throws HF-RUN-UNKNOWN */
export function latestRun(store: Store, id: string, action: string): RunRow {
  const run = store.runs.latest(id);
  if (run !== undefined) return run;
  throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot ${action} run "${id}": no run has this id.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}

export function describeRun(
  store: Store,
  run: RunRow,
  calls: readonly PendingCall[],
): RunDescription {
  const journal = store.journal.read(run.row);
  const first = journal[0]?.entries[0];
  const result = resultOf(journal.at(-1)?.entries.at(-1));
  return {
    ...summary(store, run),
    root: run.root,
    input: first?.kind === "started" ? first.input : "",
    output: result?.kind === "completed" ? result.output : undefined,
    failure: result?.kind === "failed" ? result.failure : undefined,
    problem: run.state.problem,
    cancelRequested: run.state.cancelRequested,
    memo: memoOf(journal),
    calls,
  };
}

export function historyOf(store: Store, run: RunRow): readonly ListedEntry[] {
  return store.journal
    .read(run.row)
    .flatMap(({ sequence, at, entries }) =>
      entries.map((entry, index) => ({ sequence: sequence + index, at, entry })),
    );
}

/** The memo as it stands after all that was added to it. */
function memoOf(journal: readonly JournalRow[]): Encoded | undefined {
  let memo: Memo | undefined;
  for (const { entries } of effective(journal).rows) {
    for (const entry of entries) {
      if (entry.kind !== "started" && entry.kind !== "memo") continue;
      if (entry.memo !== undefined) memo = { ...memo, ...(decode(entry.memo) as Memo) };
    }
  }
  return memo === undefined ? undefined : encode(memo);
}
