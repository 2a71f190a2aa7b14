// What is said of one run: its description and its history, read from the journal. Only looks.

import {
  type Encoded,
  type Failure,
  HoldfastError,
  type ListedEntry,
  type Memo,
  type PendingCall,
  type RunDescription,
  decode,
  encode,
  toFailure,
} from "@holdfast/core";
import { damaged } from "../store/journal.ts";
import { summary } from "../store/page.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { effective } from "./effective.ts";
import type { JournalRow } from "./replay.ts";
import { resultOf } from "./result.ts";
import { wholeJournal } from "./whole.ts";

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
  const { journal, damage } = journalOf(store, run);
  const first = journal[0]?.entries[0];
  const result = resultOf(journal.at(-1)?.entries.at(-1));
  return {
    ...summary(store, run),
    ...(damage === undefined ? {} : { status: "stuck" }),
    root: run.root,
    input: first?.kind === "started" ? first.input : "",
    output: result?.kind === "completed" ? result.output : undefined,
    failure: result?.kind === "failed" ? result.failure : undefined,
    problem: damage ?? run.state.problem,
    cancelRequested: run.state.cancelRequested,
    memo: memoOf(journal),
    calls,
  };
}

export function historyOf(store: Store, run: RunRow): readonly ListedEntry[] {
  return wholeJournal(store, run).rows.flatMap(({ sequence, at, entries }) =>
    entries.map((entry, index) => ({ sequence: sequence + index, at, entry })),
  );
}

/** Says why a closed run has no outcome. @throws HF-JOURNAL-DAMAGED */
export function noEnd(store: Store, run: RunRow): never {
  wholeJournal(store, run);
  throw damaged(run.id, store.journal.length(run.row), "its end is missing");
}

/** Of an open run whose journal is damaged the rest can be told; a closed one is nothing but its journal. */
function journalOf(
  store: Store,
  run: RunRow,
): { readonly journal: readonly JournalRow[]; readonly damage: Failure | undefined } {
  try {
    return { journal: wholeJournal(store, run).rows, damage: undefined };
  } catch (error) {
    if (run.state.closedAt !== undefined) throw error;
    return { journal: [], damage: toFailure(error) };
  }
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
