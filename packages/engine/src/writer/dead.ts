// Plans a person's word on a dead letter: a failed run goes on from where it stood before it failed, or a run
// is given up. Both are audited.

import {
  type DeadLetterRequest,
  type Fact,
  HoldfastError,
  type HistoryEntry,
} from "@holdfast/core";
import { Fold } from "../run/fold.ts";
import { effective } from "../run/effective.ts";
import { isFact } from "../run/replay.ts";
import type { RunRow } from "../store/runs.ts";
import { terminated } from "./closed.ts";
import { type Draft, type Planner, known, openRun, remember } from "./draft.ts";
import type { Plan } from "./plan.ts";

/**
 * Goes back to the last activation boundary before the failure. What was told there is told again, to the code
 * of today; a call or child that had failed for good is tried anew. Keys stay as they were.
 */
export function planResume(planner: Planner, draft: Draft, request: DeadLetterRequest): void {
  if (known(planner, draft, request.requestId)) return;
  const run = failedRun(planner, draft.plan, request);
  const rewinds = rewindsOf(planner, run);
  remember(draft, request.requestId, run.row);
  audit(draft, "resume", request);
  draft.onAccept(() => {
    for (const rewind of rewinds) goBack(draft.plan, rewind, request);
  });
}

export async function planDiscard(
  planner: Planner,
  draft: Draft,
  request: DeadLetterRequest,
): Promise<void> {
  if (known(planner, draft, request.requestId)) return;
  const run = planner.store.runs.latest(request.id);
  if (run === undefined || !planner.store.letters.has(run.row)) {
    throw noLetter("discard", request.id, run);
  }
  remember(draft, request.requestId, run.row);
  audit(draft, "discard", request);
  draft.onAccept(() => {
    draft.plan.discarded.add(run.row);
    draft.plan.writes.push((store) => {
      store.letters.drop(run.row);
    });
  });
  const state = planner.live(run.row)?.state ?? run.state;
  if (state.closedAt !== undefined) return;
  const live = await openRun(planner, draft, request.id, "discard");
  draft.push(live, false, { kind: "terminated", failure: terminated(live, request.reason) });
}

function failedRun(planner: Planner, plan: Plan, { id }: DeadLetterRequest): RunRow {
  const begun = plan.begun.get(id);
  const run = planner.store.runs.latest(id);
  const state = run === undefined ? undefined : (planner.live(run.row)?.state ?? run.state);
  if (begun !== undefined || run === undefined || state?.status !== "failed") {
    throw noLetter("resume", id, run);
  }
  if (run.parent === undefined) return run;
  throw new HoldfastError(
    "HF-NOT-RESUMABLE",
    `Cannot resume run "${id}": its parent "${run.parent.id}" was told that it failed. Resume the parent, which takes its failed child along.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

/** How far a failed run goes back. */
interface Rewind {
  readonly row: number;
  readonly keep: number;
  /** What it is told again; a child that failed tells it anew. */
  readonly again: Fact | undefined;
}

/** The run and the failed children whose failure was its own, the innermost first. */
function rewindsOf(planner: Planner, run: RunRow): readonly Rewind[] {
  const { rows } = effective(planner.store.journal.read(run.row));
  const entries = rows.flatMap((row) => row.entries);
  const { keep, again } = boundary(entries);
  const child = failedChild(planner, run, entries, again);
  if (child === undefined) return [{ row: run.row, keep, again }];
  return [...rewindsOf(planner, child), { row: run.row, keep, again: undefined }];
}

function goBack(
  plan: Plan,
  { row, keep, again }: Rewind,
  { actor, reason }: DeadLetterRequest,
): void {
  plan.reload.add(row);
  plan.writes.push((store) => {
    const decision = { actor, reason };
    const sequence = store.journal.length(row);
    store.journal.append(row, sequence, plan.at, [{ kind: "resumed", keep, decision }]);
    if (again !== undefined) store.journal.keep(row, again);
    // Like a run whose code did not fit: it is brought back, and takes what was kept for it.
    const { state } = Fold.of(effective(store.journal.read(row)));
    store.runs.update(row, { ...state, status: "stuck" });
    store.letters.drop(row);
  });
}

/** How many entries are kept, and the fact that is told again; undefined where its call is tried anew. */
function boundary(entries: readonly HistoryEntry[]): {
  readonly keep: number;
  readonly again: Fact | undefined;
} {
  const keep = entries.findLastIndex(isFact);
  const fact = entries[keep];
  if (fact === undefined || !isFact(fact)) return { keep: 0, again: undefined };
  return { keep, again: fact.kind === "failed" ? undefined : fact };
}

function failedChild(
  planner: Planner,
  run: RunRow,
  entries: readonly HistoryEntry[],
  fact: Fact | undefined,
): RunRow | undefined {
  if (fact?.kind !== "child-failed") return undefined;
  const command = entries.find((entry) => entry.kind === "child" && entry.child === fact.child);
  const child = command?.kind === "child" ? planner.store.runs.latest(command.id) : undefined;
  return child?.parent?.row === run.row && child.state.status === "failed" ? child : undefined;
}

function audit(draft: Draft, action: string, { id, actor, reason }: DeadLetterRequest): void {
  draft.onAccept(() => {
    draft.plan.writes.push((store) => {
      store.audit({ at: draft.plan.at, action, subject: id, actor, reason });
    });
  });
}

function noLetter(action: string, id: string, run: RunRow | undefined): HoldfastError {
  const why =
    run === undefined
      ? "no run has this id"
      : action === "resume"
        ? `it is ${run.state.status}, and only a failed run is resumed`
        : `it is ${run.state.status} and not among the dead letters`;
  const code = run === undefined ? "HF-RUN-UNKNOWN" : "HF-NO-DEAD-LETTER";
  return new HoldfastError(code, `Cannot ${action} run "${id}": ${why}.`, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
