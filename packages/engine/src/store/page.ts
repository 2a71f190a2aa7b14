// Listings, page by page.

import {
  type DeadLetterFilter,
  type DeadLetterPage,
  type ListFilter,
  type RunPage,
  type RunSummary,
  hasCode,
} from "@holdfast/core";
import type { RunRow } from "./runs.ts";
import type { Store } from "./store.ts";

/** Largest page of a listing. */
const LIST_MAX = 1_000;
const LIST_DEFAULT = 100;

function pageSize(wanted: number = LIST_DEFAULT): number {
  return Math.min(Math.max(1, wanted), LIST_MAX);
}

export function runPage(store: Store, filter: ListFilter): RunPage {
  const limit = pageSize(filter.limit);
  const runs = store.runs.list(filter, limit);
  const last = runs.length === limit ? runs.at(-1) : undefined;
  return {
    runs: runs.map((run) => summary(store, run)),
    cursor: last === undefined ? undefined : String(last.row),
  };
}

export function summary(store: Store, run: RunRow): RunSummary {
  return {
    id: run.id,
    runId: run.runId,
    workflow: run.workflow,
    account: run.account,
    status: run.state.status,
    generation: run.generation,
    startedAt: run.startedAt,
    closedAt: run.state.closedAt,
    wakeAt: run.state.wakeAt,
    historyLength: historyLength(store, run.row),
    parent: run.parent?.id,
    tags: store.tags.of(run.row),
  };
}

/** A damaged run is listed with the others, as far as its journal goes. */
function historyLength(store: Store, row: number): number {
  try {
    return store.journal.length(row);
  } catch (error) {
    if (hasCode(error, "HF-JOURNAL-DAMAGED")) return Number(error.details["sequence"]);
    throw error;
  }
}

export function deadLetters(store: Store, filter: DeadLetterFilter): DeadLetterPage {
  const limit = pageSize(filter.limit);
  const letters = store.letters.list(filter, limit);
  const last = letters.length === limit ? letters.at(-1) : undefined;
  return {
    letters: letters.map(({ row: _row, ...letter }) => letter),
    total: store.letters.count(filter),
    cursor: last === undefined ? undefined : String(last.row),
  };
}
