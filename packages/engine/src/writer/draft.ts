// One request while it is planned: what it will do, should all of it be accepted. It decides by what is
// committed and by what this turn has decided before; it writes nothing itself.

import { type GuardPolicy, type Fact, HoldfastError } from "@holdfast/core";
import type { Dispatcher } from "../call/dispatcher.ts";
import type { PendingCallState } from "../call/pending.ts";
import type { Tokens } from "../call/token.ts";
import type { Draining } from "../move/draining.ts";
import type { Policing } from "../policy/policing.ts";
import type { Registry } from "../registry.ts";
import type { LiveRun } from "../run/live-run.ts";
import type { Store } from "../store/store.ts";
import { runClosed } from "./closed.ts";
import type { RunMaker } from "./new-run.ts";
import type { Plan } from "./plan.ts";

export interface Planner extends RunMaker {
  readonly store: Store;
  readonly registry: Registry;
  readonly dispatcher: Dispatcher;
  readonly tokens: Tokens;
  readonly draining: Draining;
  /** Why no run may begin now, because the process has more to do than it can. */
  readonly held: (id: string, workflow: string) => HoldfastError | undefined;
  readonly guard: GuardPolicy | undefined;
  readonly policing: Policing;
  readonly live: (row: number) => LiveRun | undefined;
  /** The open run with this id, where it is in memory. */
  readonly open: (id: string) => LiveRun | undefined;
  /** Loads a run and brings its coroutine back. */
  readonly load: (row: number) => Promise<LiveRun>;
}

export interface Draft {
  readonly plan: Plan;
  /** Runs that this request begins, by workflow id. */
  readonly begun: Map<string, LiveRun>;
  /** Calls that this request settles. */
  readonly settled: Set<PendingCallState>;
  /** Ids of messages of this request, and what each brings. */
  readonly delivered: Map<string, Fact | undefined>;
  push(live: LiveRun, isNew: boolean, fact: Fact): void;
  /** The request is refused where this fact, which another one brings, is not taken. */
  need(fact: Fact): void;
  /** Does something once the whole request is accepted. */
  onAccept(action: () => void): void;
}

/** True when a message with this id was delivered before: the same id is one delivery, and has one answer. */
export function known(planner: Planner, draft: Draft, requestId: string): boolean {
  for (const { delivered } of [draft, draft.plan]) {
    if (!delivered.has(requestId)) continue;
    const fact = delivered.get(requestId);
    if (fact !== undefined) draft.need(fact);
    return true;
  }
  return planner.store.delivered(requestId);
}

/** Lets nothing else with this id be delivered in this turn; what is delivered is written with its entry. */
export function announce(draft: Draft, requestId: string, fact?: Fact): void {
  draft.delivered.set(requestId, fact);
  draft.onAccept(() => draft.plan.delivered.set(requestId, fact));
}

/** Takes a call for this request to settle; false where another one of this turn, or this one, has it. */
export function claim(draft: Draft, call: PendingCallState): boolean {
  const { settled } = draft.plan;
  if (settled.has(call) || draft.settled.has(call)) return false;
  draft.settled.add(call);
  draft.onAccept(() => settled.add(call));
  return true;
}

/** @param fact what it brings: where that was not taken after all, it was not delivered either */
export function remember(draft: Draft, requestId: string, row: number, fact?: Fact): void {
  const { plan } = draft;
  announce(draft, requestId, fact);
  draft.onAccept(() => {
    plan.writes.push((store) => {
      if (fact === undefined || !plan.missed.has(fact)) store.setDelivered(requestId, row);
    });
  });
}

export async function openRun(
  planner: Planner,
  draft: Draft,
  id: string,
  action: string,
): Promise<LiveRun> {
  const begun = draft.begun.get(id) ?? draft.plan.begun.get(id);
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
