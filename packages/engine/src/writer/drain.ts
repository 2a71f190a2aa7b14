// Plans that no more runs begin here, and what becomes of those that have left: they are begun elsewhere, or taken
// back as long as nobody was asked to begin them.

import { type DrainRequest, type Fact, HoldfastError, type MovingRequest } from "@holdfast/core";
import { drainedBy, writeDrained, writeMoving } from "../move/draining.ts";
import type { LeavingRow } from "../store/leaving.ts";
import type { Draft, Planner } from "./draft.ts";
import { newRun } from "./new-run.ts";

export function planDrain(planner: Planner, draft: Draft, request: DrainRequest): void {
  const { draining } = planner;
  const { at } = draft.plan;
  const drained = drainedBy(request, { before: draining.drained, at });
  draft.onAccept(() => {
    draining.drained = drained;
    draft.plan.writes.push((store) => {
      writeDrained(store, drained, { ...request, at });
    });
  });
  if (request.on) return;
  for (const left of planner.store.leaving.all()) {
    const isWaiting = left.step === "waiting" && !draining.sent.has(left.runId);
    if (isWaiting && !draft.plan.begun.has(left.id)) takeBack(planner, draft, left);
  }
}

/** Its next generation begins here after all. */
function takeBack(planner: Planner, draft: Draft, left: LeavingRow): void {
  const closed = planner.store.runs.byRow(left.row);
  if (closed === undefined) return;
  const { id, input, loop, tags, memo, signals } = left;
  const live = newRun(planner, {
    ...closed,
    generation: left.generation,
    startedAt: draft.plan.at,
  });
  draft.begun.set(id, live);
  draft.onAccept(() => {
    draft.plan.begun.set(id, live);
    draft.plan.writes.push((store) => {
      store.leaving.drop(left.row);
    });
  });
  const started: Fact = {
    kind: "started",
    input,
    ...(tags === undefined ? {} : { tags }),
    ...(memo === undefined ? {} : { memo }),
    ...(loop === undefined ? {} : { loop }),
    ...(signals === undefined ? {} : { signals }),
  };
  draft.push(live, true, started);
}

export function planMoving(planner: Planner, draft: Draft, { runId, step }: MovingRequest): void {
  const found = planner.store.leaving.find(runId);
  if (found === undefined || draft.plan.begun.has(found.id)) {
    // Said before, and heard.
    if (step === "begun") return;
    throw takenBack(runId);
  }
  const { plan } = draft;
  draft.onAccept(() => {
    planner.draining.sent.add(runId);
    plan.writes.push((store) => {
      writeMoving(store, found, { step, at: plan.at });
    });
  });
}

function takenBack(runId: string): HoldfastError {
  return new HoldfastError(
    "HF-NOT-LEAVING",
    `Cannot move ${runId}: it does not wait for another engine. It was taken back, or has begun there.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}
