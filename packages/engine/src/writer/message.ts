// Plans messages to an open run: signals, updates, cancellation, termination.

import { type Fact, HoldfastError, type SignalRequest, type UpdateRequest } from "@holdfast/core";
import type { LiveRun } from "../run/live-run.ts";
import { checkSignals } from "./closed.ts";
import { type Draft, type Planner, announce, known, openRun, remember } from "./draft.ts";

export async function planSignal(
  planner: Planner,
  draft: Draft,
  request: SignalRequest,
): Promise<void> {
  if (known(planner, draft, request.requestId)) return;
  const live = await openRun(planner, draft, request.id, `signal "${request.signal}" to`);
  const { signals } = planner.registry.workflow(live.row.workflow);
  if (!Object.hasOwn(signals, request.signal)) throw undeclared("signal", request, signals, live);
  checkSignals(live);
  const { signal: name, payload, requestId: id } = request;
  const fact: Fact = { kind: "signal", name, payload, id };
  remember(draft, id, live.row.row, fact);
  draft.push(live, false, fact);
}

/** The run's own code says whether it is accepted: a refusal leaves no trace. */
export async function planUpdate(
  planner: Planner,
  draft: Draft,
  request: UpdateRequest,
): Promise<void> {
  if (known(planner, draft, request.requestId)) return;
  const live = await openRun(planner, draft, request.id, `update "${request.update}" of`);
  const { updates } = planner.registry.workflow(live.row.workflow);
  if (!Object.hasOwn(updates, request.update)) throw undeclared("update", request, updates, live);
  if (live.problem !== undefined) {
    throw new HoldfastError(
      "HF-RUN-STUCK",
      `Cannot update "${request.update}" of run "${request.id}": it is stuck. ${live.problem.message}`,
      { class: "state", disposition: "retry", outcome: "not-sent" },
    );
  }
  const { update: name, input, requestId: id } = request;
  const fact: Fact = { kind: "update", name, input, id };
  announce(draft, id, fact);
  draft.push(live, false, fact);
}

function undeclared(
  what: "signal" | "update",
  request: SignalRequest | UpdateRequest,
  declared: Readonly<Record<string, unknown>>,
  live: LiveRun,
): HoldfastError {
  const name = "signal" in request ? request.signal : request.update;
  const names = Object.keys(declared);
  return new HoldfastError(
    "HF-MESSAGE-UNKNOWN",
    `Cannot ${what} "${name}" ${what === "signal" ? "to" : "of"} run "${request.id}": workflow ${live.row.workflow} takes ${names.length === 0 ? `no ${what}s` : names.join(", ")}.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
