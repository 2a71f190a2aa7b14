// Replays the open runs of a journal against code that is not deployed yet. Only looks: the journal is opened
// for reading, also while its owner works, and nothing that the code decides is done.

import { type Failure, HISTORY_ENTRIES_SUGGEST, toFailure } from "@holdfast/core";
import type { EngineOptions } from "./options.ts";
import { type Registry, createRegistry } from "./registry.ts";
import { effective } from "./run/effective.ts";
import { watchFloating } from "./run/floating.ts";
import { LiveRun } from "./run/live-run.ts";
import { workflowMissing } from "./run/loader.ts";
import { replayAlone } from "./run/recorded.ts";
import type { RunRow } from "./store/runs.ts";
import { type Store, openStore } from "./store/store.ts";

export interface CheckOptions extends Pick<
  EngineOptions,
  "path" | "definitions" | "historySuggest"
> {
  /** Told of each run as soon as it is checked; `total` is the number of runs that were open at the start. */
  readonly onRun?: (run: CheckedRun, total: number) => void;
}

/** An open run, and whether the code gives what its journal says. */
export interface CheckedRun {
  readonly id: string;
  readonly workflow: string;
  readonly account: string;
  /** Entries that were replayed. */
  readonly entries: number;
  /** The code of before did not fit either. */
  readonly wasStuck: boolean;
  /** Why the code does not fit; of HF-DETERMINISM the details are `sequence`, `expected` and `got`. */
  readonly problem: Failure | undefined;
}

/** Runs listed in one go. */
const PAGE = 1_000;

/**
 * Replays each open run, also the stuck ones, and gives all of them, oldest first.
 *
 * @throws HF-STATE-MISSING where nothing has been journaled, HF-STATE-NEWER, HF-STATE-FOREIGN,
 *   HF-DEFINITION-DUPLICATE
 */
export async function checkJournal(options: CheckOptions): Promise<readonly CheckedRun[]> {
  const registry = createRegistry(options.definitions);
  using store = openStore(options.path, { readOnly: true });
  using _floating = watchFloating();
  const runs = openRuns(store);
  const checked: CheckedRun[] = [];
  for (const run of runs) {
    const found = await checkRun(store, registry, run, options);
    checked.push(found);
    options.onRun?.(found, runs.length);
  }
  return checked;
}

function openRuns(store: Store): readonly RunRow[] {
  const runs: RunRow[] = [];
  for (let page: readonly RunRow[] | undefined; page === undefined || page.length === PAGE;) {
    const last = runs.at(-1);
    const cursor = last === undefined ? undefined : String(last.row);
    page = store.runs.list({ status: "open", cursor }, PAGE);
    runs.push(...page);
  }
  return runs.toReversed();
}

async function checkRun(
  store: Store,
  registry: Registry,
  run: RunRow,
  { historySuggest = HISTORY_ENTRIES_SUGGEST }: CheckOptions,
): Promise<CheckedRun> {
  const { id, workflow, account } = run;
  // Read in one go, so that an owner who goes on meanwhile is not held up, and is seen at one moment.
  const rows = store.journal.read(run.row);
  const last = rows.at(-1);
  const entries = last === undefined ? 0 : last.sequence + last.entries.length;
  const checked = { id, workflow, account, entries, wasStuck: run.state.status === "stuck" };
  if (!registry.hasWorkflow(workflow)) {
    return { ...checked, problem: toFailure(workflowMissing(run)) };
  }
  const { identity } = new LiveRun(run, store.meta("namespace") ?? "");
  const options = { identity, workflow: registry.workflow(workflow), historySuggest };
  return { ...checked, problem: await replayAlone(options, effective(rows).rows) };
}
