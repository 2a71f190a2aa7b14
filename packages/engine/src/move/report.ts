// What an engine that is to be left still has: what is open, since when and whether it leaves, and what has left and
// has not begun elsewhere yet.

import { type DrainReport, type StayingRun, isStandstill } from "@holdfast/core";
import type { Machine } from "../run/machine.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { restoredIn } from "../lost-time.ts";
import { drainedIn } from "./draining.ts";
import { staysFor } from "./leave.ts";

/** Open runs that are listed. */
const LISTED = 1_000;

/** @param load brings a run back, where a process does */
export async function drainReport(
  store: Store,
  now: number,
  load: (row: number) => Promise<Machine | undefined>,
): Promise<DrainReport> {
  const drained = drainedIn(store);
  const behind = behindUntil(store, now);
  const open: StayingRun[] = [];
  for (const row of store.runs.list({ status: "open" }, LISTED)) {
    const { id, workflow, account, generation, startedAt, state } = row;
    const chosen = drained?.stay[id];
    const why = chosen === undefined ? whyOf(row, await load(row.row)) : [chosen];
    const stays = behind === undefined ? why : [...why, behind];
    const { status, wakeAt } = state;
    open.push({ id, workflow, account, status, generation, startedAt, wakeAt, stays });
  }
  const namespace = store.meta("namespace") ?? "";
  const leaving = store.leaving.all().map(({ row: _row, ...run }) => run);
  return { namespace, drained, open, total: store.runs.open(), leaving };
}

/** What a restored journal decides may have been done already: it asks, and nobody else would. */
function behindUntil(store: Store, now: number): string | undefined {
  const { until = 0 } = restoredIn(store) ?? {};
  if (now >= until) return undefined;
  return `the journal was restored, and asks before it sends until ${new Date(until).toISOString()}`;
}

function whyOf({ parent, state }: RunRow, machine: Machine | undefined): readonly string[] {
  const { status } = state;
  if (isStandstill(status) || status === "stuck")
    return [`it is ${status}, and waits for a person`];
  if (status === "closing") return ["it is about to end"];
  if (machine === undefined)
    return parent === undefined ? [] : [`its parent "${parent.id}" waits for it`];
  // What is under way now may have ended by the end of the pass.
  const lasting = staysFor(machine).filter((why) => !PASSING.some((word) => why.includes(word)));
  return machine.isLooping ? lasting : ["it has no ctx.loop, and stays until it ends", ...lasting];
}

const PASSING = ["money call", "handles a message", "under way"] as const;
