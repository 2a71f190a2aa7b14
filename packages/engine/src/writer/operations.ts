// Turns the operations of a request into facts, new runs and writes. It decides by what is committed and by
// what this turn has decided before; it writes nothing itself.

import {
  type Applied,
  type Fact,
  type Failure,
  HoldfastError,
  type Operation,
  type ResolveRequest,
  type SignalRequest,
  type StartRequest,
  decode,
  encodePayload,
  parseId,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { callKey } from "../call/attempt.ts";
import type { Dispatcher } from "../call/dispatcher.ts";
import { LiveRun } from "../run/live-run.ts";
import type { Registry } from "../registry.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { type Plan, type Request, intake } from "./plan.ts";

export interface Planner {
  readonly store: Store;
  readonly registry: Registry;
  readonly dispatcher: Dispatcher;
  readonly namespace: string;
  readonly newId: () => string;
  readonly nextRow: () => number;
  readonly live: (row: number) => LiveRun | undefined;
  /** The open run with this id, where it is in memory. */
  readonly open: (id: string) => LiveRun | undefined;
  /** Loads a run and brings its coroutine back. */
  readonly load: (row: number) => Promise<LiveRun>;
}

/** Plans one request; throws, with nothing planned, where it cannot be accepted. */
export async function planRequest(planner: Planner, plan: Plan, request: Request): Promise<void> {
  const facts: { row: number; fact: Fact }[] = [];
  const actions: (() => void)[] = [];
  const draft: Draft = {
    plan,
    push(live, isNew, fact) {
      facts.push({ row: live.row.row, fact });
      actions.push(() => {
        intake(plan, live, isNew).facts.push(fact);
      });
    },
    onAccept(action) {
      actions.push(action);
    },
  };
  const applied: Applied[] = [];
  for (const operation of request.operations) {
    applied.push(await planOperation(planner, draft, operation));
  }
  for (const action of actions) action();
  plan.accepted.push({ request, applied, facts });
}

/** What a request will do, should all of it be accepted. */
interface Draft {
  readonly plan: Plan;
  push(live: LiveRun, isNew: boolean, fact: Fact): void;
  /** Does something once the whole request is accepted. */
  onAccept(action: () => void): void;
}

async function planOperation(
  planner: Planner,
  draft: Draft,
  operation: Operation,
): Promise<Applied> {
  switch (operation.kind) {
    case "start":
      return planStart(planner, draft, operation);
    case "signal":
      await planSignal(planner, draft, operation);
      return { kind: "ok" };
    case "cancel": {
      if (known(planner, draft.plan, operation.requestId)) return { kind: "ok" };
      const live = await openRun(planner, draft.plan, operation.id, "cancel");
      remember(draft, operation.requestId);
      draft.push(live, false, { kind: "cancel", reason: operation.reason });
      return { kind: "ok" };
    }
    case "terminate": {
      const live = await openRun(planner, draft.plan, operation.id, "terminate");
      draft.push(live, false, { kind: "terminated", failure: terminated(live, operation.reason) });
      return { kind: "ok" };
    }
    case "resolve":
      await planResolve(planner, draft, operation);
      return { kind: "ok" };
    case "cursor": {
      const { name, value } = operation;
      draft.onAccept(() => {
        draft.plan.writes.push((store) => {
          store.setCursor(name, value);
        });
      });
      return { kind: "ok" };
    }
  }
}

async function planStart(planner: Planner, draft: Draft, request: StartRequest): Promise<Applied> {
  planner.registry.workflow(request.workflow);
  const id = parseId(request.id, "workflow id");
  const latest =
    (draft.plan.begun.get(id) ?? planner.open(id))?.row ?? planner.store.runs.latest(id);
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
  const live = newRun(planner, {
    id,
    workflow: request.workflow,
    account: request.account,
    root,
    generation: 0,
    request: request.requestId,
    startedAt: draft.plan.at,
  });
  draft.onAccept(() => draft.plan.begun.set(id, live));
  const delayMs = request.delayMs ?? 0;
  draft.push(live, true, {
    kind: "started",
    input: request.input,
    ...(delayMs > 0 ? { notBefore: draft.plan.at + delayMs } : {}),
  });
  return { kind: "start", started: { runId: live.row.runId, created: true } };
}

/** A run that this turn begins. */
export function newRun(
  planner: Pick<Planner, "newId" | "nextRow" | "namespace">,
  of: Pick<RunRow, "id" | "workflow" | "account" | "root" | "generation" | "request" | "startedAt">,
): LiveRun {
  return new LiveRun(
    {
      ...of,
      row: planner.nextRow(),
      runId: `run_${planner.newId()}`,
      state: {
        status: "running",
        active: true,
        wakeAt: undefined,
        closedAt: undefined,
        cancelRequested: false,
        problem: undefined,
      },
    },
    planner.namespace,
  );
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

async function planSignal(planner: Planner, draft: Draft, request: SignalRequest): Promise<void> {
  if (known(planner, draft.plan, request.requestId)) return;
  const live = await openRun(planner, draft.plan, request.id, `signal "${request.signal}" to`);
  const { signals } = planner.registry.workflow(live.row.workflow);
  if (!Object.hasOwn(signals, request.signal)) {
    const known = Object.keys(signals);
    throw new HoldfastError(
      "HF-MESSAGE-UNKNOWN",
      `Cannot signal "${request.signal}" to run "${request.id}": workflow ${live.row.workflow} ${known.length === 0 ? "takes no signals" : `takes ${known.join(", ")}`}.`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    );
  }
  remember(draft, request.requestId);
  draft.push(live, false, {
    kind: "signal",
    name: request.signal,
    payload: request.payload,
    id: request.requestId,
  });
}

/** True when a message with this id was delivered before: the same id is one delivery. */
function known(planner: Planner, plan: Plan, requestId: string): boolean {
  return plan.delivered.has(requestId) || planner.store.delivered(requestId);
}

function remember(draft: Draft, requestId: string): void {
  draft.onAccept(() => {
    if (draft.plan.delivered.has(requestId)) return;
    draft.plan.delivered.add(requestId);
    draft.plan.writes.push((store) => {
      store.setDelivered(requestId);
    });
  });
}

async function planResolve(planner: Planner, draft: Draft, request: ResolveRequest): Promise<void> {
  if (known(planner, draft.plan, request.requestId)) return;
  const live = await openRun(planner, draft.plan, request.id, "resolve an effect of");
  const call = [...live.calls.values()].find((found) => callKey(found) === request.key);
  if (call === undefined || call.phase !== "in-doubt") {
    throw new HoldfastError(
      "HF-NOT-IN-DOUBT",
      `Cannot resolve ${request.key} of run "${request.id}": ${call === undefined ? "no open call has this key" : `the call is ${call.phase}`}. Only an effect in doubt is resolved.`,
      { class: "state", disposition: "refused", outcome: "not-sent" },
    );
  }
  const decision = { actor: request.actor, reason: request.reason };
  const number = call.command.call;
  const { resolution } = request;
  if (resolution.kind === "resend" && !planner.dispatcher.mayResend(call)) {
    throw new HoldfastError(
      "HF-RESEND-UNSAFE",
      `Cannot resend ${request.key}: the venue no longer remembers its key, so it could happen twice. Look at the venue and resolve it as done or not done.`,
      { class: "state", disposition: "refused", outcome: "not-sent" },
    );
  }
  if (resolution.kind === "done") {
    const what = `the receipt of activity ${call.activity.name}`;
    const output = parseWith(call.activity.output, decode(resolution.output), what);
    draft.push(live, false, {
      kind: "done",
      call: number,
      output: encodePayload(output, what),
      decision,
    });
  } else if (resolution.kind === "not-done") {
    draft.push(live, false, {
      kind: "failed",
      call: number,
      failure: resolution.failure ?? notDone(call.activity.name, request),
      decision,
    });
  } else {
    draft.push(live, false, { kind: "resent", call: number, decision });
  }
  remember(draft, request.requestId);
  draft.onAccept(() => {
    draft.plan.writes.push((store) => {
      store.audit({
        at: draft.plan.at,
        action: `resolve ${resolution.kind}`,
        subject: request.key,
        ...decision,
      });
    });
  });
}

async function openRun(planner: Planner, plan: Plan, id: string, action: string): Promise<LiveRun> {
  const begun = plan.begun.get(id);
  if (begun !== undefined) return begun;
  const latest = planner.open(id)?.row ?? planner.store.runs.latest(id);
  if (latest === undefined) {
    throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot ${action} run "${id}": no run has this id.`, {
      class: "data",
      disposition: "refused",
      outcome: "not-sent",
    });
  }
  const live = await planner.load(latest.row);
  if (live.closed) throw runClosed(live, action);
  return live;
}

/** A message came too late. */
export function runClosed(live: LiveRun, action: string): HoldfastError {
  return new HoldfastError(
    "HF-RUN-CLOSED",
    `Cannot ${action} run "${live.row.id}": it is ${live.state.status}.`,
    {
      class: "state",
      disposition: "refused",
      outcome: "not-sent",
      details: { status: live.state.status },
    },
  );
}

function terminated(live: LiveRun, reason: string): Failure {
  return toFailure(
    new HoldfastError("HF-TERMINATED", `Run "${live.row.id}" was terminated: ${reason}`, {
      class: "state",
      disposition: "cancelled",
    }),
  );
}

function notDone(activity: string, request: ResolveRequest): Failure {
  return toFailure(
    new HoldfastError(
      "HF-RESOLVED-NOT-DONE",
      `Activity "${activity}" did not take effect, as ${request.actor} found: ${request.reason}`,
      { class: "state", disposition: "refused", outcome: "refused" },
    ),
  );
}
