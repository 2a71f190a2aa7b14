// Plans the start of a run: new, attached to an open one, in place of another, or again after its end.

import { type Applied, HoldfastError, type StartRequest, parseId } from "@holdfast/core";
import type { RunRow } from "../store/runs.ts";
import { runMoved, terminated } from "./closed.ts";
import type { Draft, Planner } from "./draft.ts";
import { newRun } from "./new-run.ts";

export async function planStart(
  planner: Planner,
  draft: Draft,
  request: StartRequest,
): Promise<Applied> {
  planner.registry.workflow(request.workflow);
  const id = parseId(request.id, "workflow id");
  const latest =
    (draft.begun.get(id) ?? draft.plan.begun.get(id) ?? planner.open(id))?.row ??
    planner.store.runs.latest(id);
  if (latest === undefined) return begin(planner, draft, request, id, id);
  const before =
    latest.request === request.requestId
      ? latest
      : planner.store.runs.byRequest(id, request.requestId);
  if (before !== undefined) return attached(before);
  const state = planner.live(latest.row)?.state ?? latest.state;
  if (state.closedAt === undefined) {
    switch (request.onOpen ?? "attach") {
      case "attach":
        return attached(latest);
      case "fail":
        throw exists(
          latest,
          `it is already running since ${new Date(latest.startedAt).toISOString()}`,
        );
      case "replace": {
        const root = nextRoot(latest, request);
        const live = await planner.load(latest.row);
        draft.push(live, false, {
          kind: "terminated",
          failure: terminated(live, "replaced by a new start"),
        });
        return begin(planner, draft, request, id, root);
      }
    }
  }
  if (state.status === "continued" && request.onClosed !== "attach")
    throw runMoved(latest, "start");
  switch (request.onClosed ?? "fail") {
    case "attach":
      return attached(latest);
    case "fail":
      throw exists(latest, `it has already run and is ${state.status}`);
    case "restart-failed":
      if (state.status === "completed") return attached(latest);
      return begin(planner, draft, request, id, nextRoot(latest, request));
    case "restart":
      return begin(planner, draft, request, id, nextRoot(latest, request));
  }
}

function begin(
  planner: Planner,
  draft: Draft,
  request: StartRequest,
  id: string,
  root: string,
): Applied {
  planner.draining.check(id, request.workflow);
  const held = planner.held(id, request.workflow);
  if (held !== undefined) throw held;
  const live = newRun(planner, {
    id,
    workflow: request.workflow,
    account: request.account,
    root,
    generation: 0,
    request: request.requestId,
    startedAt: draft.plan.at,
  });
  draft.begun.set(id, live);
  draft.onAccept(() => draft.plan.begun.set(id, live));
  const delayMs = request.delayMs ?? 0;
  draft.push(live, true, {
    kind: "started",
    input: request.input,
    ...(request.tags === undefined ? {} : { tags: request.tags }),
    ...(request.memo === undefined ? {} : { memo: request.memo }),
    ...(delayMs > 0 ? { notBefore: draft.plan.at + delayMs } : {}),
  });
  return { kind: "start", started: { runId: live.row.runId, created: true } };
}

function attached(run: RunRow): Applied {
  return { kind: "start", started: { runId: run.runId, created: false } };
}

/** The root of a start that reuses an id: the same keys, or salted ones. */
function nextRoot(latest: RunRow, request: StartRequest): string {
  switch (request.effects) {
    case "continue":
      return latest.root;
    case "again": {
      const salt = /~(\d+)$/u.exec(latest.root.slice(latest.id.length));
      return `${latest.id}~${Number(salt?.[1] ?? 0) + 1}`;
    }
    case undefined:
      throw new HoldfastError(
        "HF-EFFECTS-UNSAID",
        `Cannot start run "${latest.id}" again: say what to do about the effects of the run before, effects: "continue" (same keys: finish what is missing) or "again" (act anew).`,
        { class: "data", disposition: "refused", outcome: "not-sent" },
      );
  }
}

function exists(run: RunRow, why: string): HoldfastError {
  return new HoldfastError("HF-RUN-EXISTS", `Cannot start run "${run.id}": ${why}.`, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
    details: { id: run.id, runId: run.runId },
  });
}
