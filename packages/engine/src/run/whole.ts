// A run's journal, read whole or not at all: a row that is damaged or missing is found, and the run is named.

import type { RunState } from "../store/runs.ts";
import { damaged } from "../store/journal.ts";
import type { Store } from "../store/store.ts";
import { type Effective, effective } from "./effective.ts";
import { Fold, sameState } from "./fold.ts";
import type { JournalRow } from "./replay.ts";

export interface WholeJournal {
  readonly rows: readonly JournalRow[];
  /** The entries of it that count. */
  readonly history: Effective;
  readonly fold: Fold;
}

/** @throws HF-JOURNAL-DAMAGED */
export function wholeJournal(
  store: Store,
  run: { readonly row: number; readonly id: string; readonly state: RunState },
): WholeJournal {
  const rows = store.journal.read(run.row);
  const history = effective(rows);
  const fold = Fold.of(history);
  const { status, problem } = run.state;
  // The row of a stuck run says that it is stuck; all else in every row is the fold.
  const expected = status === "stuck" ? { ...fold.state, status, problem } : fold.state;
  // One that was stuck from its start has nothing but that start, which is kept for code that fits.
  if (rows.length === 0 && store.journal.kept(run.row).some(({ kind }) => kind === "started"))
    return { rows, history, fold };
  if (!sameState(expected, run.state)) {
    const more = expected.status === status ? ", and differ in timers or calls" : "";
    const why = `its entries say that it is ${expected.status}, its row that it is ${status}${more}`;
    throw damaged(run.id, fold.length, why);
  }
  if (rows.length === 0) throw damaged(run.id, 0, "it is empty");
  return { rows, history, fold };
}
