// Looks through a whole journal for what must never be: a run whose code gives other commands, or whose row is
// not the fold of its entries.

import { type Failure, toFailure } from "@holdfast/core";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { wholeJournal } from "./whole.ts";

/** Runs looked at in one go. */
const PAGE = 1_000;

export async function verifyRuns(
  store: Store,
  replayed: (run: RunRow) => Promise<Failure | undefined>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page: readonly RunRow[] = store.runs.list({ cursor }, PAGE);
    for (const run of page) {
      try {
        wholeJournal(store, run);
        const problem = run.state.status === "stuck" ? undefined : await replayed(run);
        if (problem !== undefined) problems.push(problem.message);
      } catch (error) {
        problems.push(toFailure(error).message);
      }
    }
    const last = page.length === PAGE ? page.at(-1) : undefined;
    if (last === undefined) return problems;
    cursor = String(last.row);
  }
}
