// Brings runs back to memory: replays their journals, finds the calls that a stop left pending, and notices
// where code no longer fits.

import {
  type Standstill,
  type Clock,
  type Fact,
  type Failure,
  HoldfastError,
  type VenueCapabilities,
  type Workflow,
  toFailure,
  workflow,
} from "@holdfast/core";
import { nothing } from "@holdfast/core/internal";
import type { Crashes } from "../call/crashes.ts";
import type { Dispatcher } from "../call/dispatcher.ts";
import { consult } from "../call/consult.ts";
import { type PendingCallState, pendingCall, placeOfCall, takeUp } from "../call/pending.ts";
import { type Gateway, notAdmitted } from "../guard/gateway.ts";
import type { LostTime } from "../lost-time.ts";
import type { Registry } from "../registry.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { beforeEnd } from "./before-end.ts";
import { createMachine } from "./create.ts";
import { type Effective, effective } from "./effective.ts";
import type { Draining } from "../move/draining.ts";
import { LiveRun } from "./live-run.ts";
import type { LiveRuns } from "./live-runs.ts";
import type { Machine } from "./machine.ts";
import { type JournalRow, replay } from "./replay.ts";
import { wholeJournal } from "./whole.ts";

export interface LoaderOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly lives: LiveRuns;
  readonly dispatcher: Dispatcher;
  readonly crashes: Crashes;
  readonly guard: Gateway;
  readonly namespace: string;
  readonly historySuggest: number;
  readonly draining: Draining;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly lost: LostTime | undefined;
  /** The run's code does not fit its journal, or it awaited something foreign. */
  readonly onLost: (live: LiveRun) => void;
  /** A stop's run is back: its code fits, again or still. */
  readonly onBack: (live: LiveRun) => void;
  /** A call is settled without being sent: a fact to be committed. */
  readonly deliver: (row: number, fact: Fact) => void;
}

export class Loader {
  readonly #options: LoaderOptions;
  /** One for all runs. */
  readonly #leaves = (machine: Machine): boolean => this.#options.draining.leaves(machine);
  /** Entries replayed so far. */
  replayed = 0;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  machine(live: LiveRun): Machine {
    const { registry } = this.#options;
    const { workflow } = live.row;
    return createMachine({
      identity: live.identity,
      workflow: registry.hasWorkflow(workflow) ? registry.workflow(workflow) : absent(workflow),
      historySuggest: this.#options.historySuggest,
      leaves: this.#leaves,
      onForeign: (problem) => {
        if (live.problem !== undefined) return;
        live.problem = problem;
        this.#options.onLost(live);
      },
    });
  }

  /** The run of a row, with its coroutine unless it is stuck; `retry` tries a stuck one anew. */
  async load(row: number, retry = false): Promise<LiveRun> {
    const live = this.#find(row);
    if (retry) live.problem = undefined;
    if (live.machine === undefined && live.problem === undefined) await this.bringBack(live);
    if (retry && live.problem === undefined && !live.closed) this.#options.onBack(live);
    return live;
  }

  /** A run whose code does not fit, as it is now: it may have left memory before that showed. */
  lost(before: LiveRun): LiveRun {
    const live = this.#find(before.row.row);
    live.problem ??= before.problem;
    return live;
  }

  #find(row: number): LiveRun {
    const { lives, store, namespace, clock } = this.#options;
    const kept = lives.get(row);
    if (kept !== undefined) return kept;
    const found = store.runs.byRow(row);
    if (found === undefined)
      throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot find the run in row ${row}.`);
    const live = new LiveRun(found, namespace);
    live.hasLetter = store.letters.has(row);
    // One that has closed is only looked at: it leaves again with the next turn.
    if (!live.closed) live.parkedAt = clock.now();
    lives.keep(live);
    return live;
  }

  /** Replays the run's journal into a new coroutine. */
  async bringBack(live: LiveRun): Promise<void> {
    const problem = await this.#replay(live);
    if (problem === undefined || live.closed) return;
    live.problem = problem;
    if (live.state.status !== "stuck") this.#options.onLost(live);
  }

  /** Follows up the money calls that were open when their run was terminated, after a stop. */
  async followUp(row: number): Promise<void> {
    const { store, registry, venues, clock, dispatcher, lost } = this.#options;
    const run = store.runs.byRow(row);
    const rows = run === undefined ? undefined : readBeforeEnd(store, row);
    if (run === undefined || rows === undefined || !registry.hasWorkflow(run.workflow)) return;
    const live = new LiveRun(run, this.#options.namespace);
    const machine = this.machine(live);
    await replay(machine, rows);
    for (const { activity, command } of machine.calls.values()) {
      const intent = command.key === undefined ? undefined : store.intents.get(command.key);
      if (command.effect !== "money" || intent?.state !== "in-doubt") continue;
      const call = pendingCall(live, activity, command, intent.recordedAt, venues);
      if (consult(call, intent, clock.now(), { lost }) === undefined) dispatcher.orphan(call);
    }
  }

  /** Replays what is on disk and tells whether the code gives the same. */
  async verify(live: LiveRun): Promise<Failure | undefined> {
    const { registry } = this.#options;
    if (!registry.hasWorkflow(live.row.workflow)) return toFailure(workflowMissing(live.row));
    const machine = this.machine(live);
    await replay(machine, effective(this.#options.store.journal.read(live.row.row)).rows);
    return machine.problem;
  }

  async #replay(live: LiveRun): Promise<Failure | undefined> {
    const { store, registry } = this.#options;
    let history: Effective;
    try {
      const whole = wholeJournal(store, { ...live.row, state: live.state });
      live.fold = whole.fold;
      history = whole.history;
    } catch (error) {
      // A damaged journal is the trouble of its own run alone.
      return toFailure(error);
    }
    if (!registry.hasWorkflow(live.row.workflow)) return toFailure(workflowMissing(live.row));
    const machine = this.machine(live);
    this.replayed += history.length;
    await replay(machine, history.rows);
    if (machine.problem !== undefined) return machine.problem;
    live.machine = machine;
    this.#takeUpCalls(live, machine, history);
    return live.problem;
  }

  #takeUpCalls(live: LiveRun, machine: Machine, history: Effective): void {
    if (machine.calls.size === 0) return;
    const { store, venues } = this.#options;
    // Only of a run that was stuck anything was kept.
    const kept = live.state.status === "stuck" ? store.journal.kept(live.row.row) : [];
    const answered = answeredCalls(kept);
    for (const [number, waiter] of machine.calls) {
      if (live.calls.has(number)) continue;
      const { command } = waiter;
      const at = scheduledAt(history, number);
      const call = pendingCall(live, waiter.activity, command, at, venues);
      live.calls.set(number, call);
      const stored = store.calls.get(placeOfCall(call));
      if (stored !== undefined) takeUp(call, stored);
      call.cancelled = waiter.cancelAsked;
      if (waiter.parked !== undefined) this.#park(call, waiter.parked);
      // Its outcome was kept while the run was stuck, and is on its way.
      else if (answered.has(number)) call.phase = "settled";
      else this.#goOn(call);
    }
  }

  /** A call that waits for a person: when it was first sent says whether it may be sent again. */
  #park(call: PendingCallState, phase: Standstill): void {
    const { store, clock, lost } = this.#options;
    const { key } = call.command;
    // What awaits approval was never sent.
    const isSent = phase !== "awaiting-approval";
    const intent = key === undefined || !isSent ? undefined : store.intents.get(key);
    if (intent !== undefined) consult(call, intent, clock.now(), { lost });
    call.phase = phase;
  }

  #goOn(call: PendingCallState): void {
    const { store, clock, dispatcher, crashes, guard, deliver, lost } = this.#options;
    const { key } = call.command;
    const intent = key === undefined ? undefined : store.intents.get(key);
    const now = clock.now();
    const fact =
      (intent === undefined ? undefined : consult(call, intent, now, { isOwn: true, lost })) ??
      deniedBefore(call, guard) ??
      crashes.count(call, now);
    if (fact === undefined) dispatcher.begin(call);
    else deliver(call.run, fact);
  }
}

/** The guard's word that a stop kept from being told: nothing was sent. */
function deniedBefore(call: PendingCallState, guard: Gateway): Fact | undefined {
  if (call.command.effect !== "money") return undefined;
  return notAdmitted(call, guard.recall(call));
}

/** A terminated run without its end; of a journal that is damaged nothing can be followed up. */
function readBeforeEnd(store: Store, row: number): readonly JournalRow[] | undefined {
  try {
    return beforeEnd(store.journal.read(row));
  } catch {
    return undefined;
  }
}

/** Calls whose outcome is among these facts. */
function answeredCalls(facts: readonly Fact[]): ReadonlySet<number> {
  const calls = new Set<number>();
  for (const fact of facts) {
    switch (fact.kind) {
      case "done":
      case "failed":
      case "in-doubt":
      case "quarantined":
      case "awaiting-approval":
        calls.add(fact.call);
        break;
      default:
        break;
    }
  }
  return calls;
}

/** When a call was decided: the commit that holds its command, approved it, or resumed its run. */
function scheduledAt({ rows, resumedAt = 0 }: Effective, call: number): number {
  let at: number | undefined;
  let awaits = false;
  for (const row of rows) {
    for (const entry of row.entries) {
      if (!("call" in entry) || entry.call !== call) continue;
      if (entry.kind === "call" || (awaits && entry.kind === "resent")) at = row.at;
      awaits = entry.kind === "awaiting-approval";
    }
  }
  return Math.max(at ?? rows.at(-1)?.at ?? 0, resumedAt);
}

/** Stands for a workflow that the project no longer has: its runs are stuck, and nothing of it is run. */
function absent(name: string): Workflow {
  return workflow({
    name,
    input: nothing,
    output: nothing,
    run: () => Promise.reject(new Error("never run")),
  });
}

/** Says that a run is open and its workflow is gone. */
export function workflowMissing({ id, workflow }: RunRow): HoldfastError {
  return new HoldfastError(
    "HF-WORKFLOW-UNKNOWN",
    `Cannot go on with run "${id}": the project has no workflow "${workflow}" any more.`,
    { class: "logic" },
  );
}
