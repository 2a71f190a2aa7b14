// One opening of a journal: takes requests, outcomes and timers in turns, activates the runs they concern,
// commits once a turn, and only then lets anything out. After an error of the disk a session is dropped
// whole, and another one is opened.

import {
  type Applied,
  type Encoded,
  type Fact,
  type Failure,
  HoldfastError,
  type Operation,
  type RunResult,
} from "@holdfast/core";
import type { Ask } from "@holdfast/guard";
import { callRef } from "./call/attempt.ts";
import { Crashes } from "./call/crashes.ts";
import { Dispatcher } from "./call/dispatcher.ts";
import { SessionGuard } from "./guard/session-guard.ts";
import { type PendingCallState, pendingCall } from "./call/pending.ts";
import { Tokens } from "./call/token.ts";
import { Alarms } from "./clock/alarms.ts";
import { noPoints } from "./point.ts";
import type { SessionOptions } from "./session-options.ts";
import { Policing } from "./policy/policing.ts";
import { LiveRun } from "./run/live-run.ts";
import { LiveRuns } from "./run/live-runs.ts";
import { Loader } from "./run/loader.ts";
import { resultOf } from "./run/result.ts";
import type { RunRow } from "./store/runs.ts";
import type { Store } from "./store/store.ts";
import { Wakes } from "./timer/wakes.ts";
import { type ActivationHost, activatePlan } from "./writer/activation.ts";
import { CallBook } from "./writer/call-book.ts";
import { ownBug, tellEnd } from "./writer/closed.ts";
import { writeStep } from "./writer/commit.ts";
import type { Planner } from "./writer/draft.ts";
import { bringBack, planDue } from "./writer/due.ts";
import { type Outlets, letOut } from "./writer/let-out.ts";
import { planRequest } from "./writer/operations.ts";
import { type Delivery, type Plan, type Request, emptyPlan, intake } from "./writer/plan.ts";
import { settleOrphan } from "./writer/orphans.ts";
import type { Step } from "./writer/step.ts";
import { warn } from "./writer/warn.ts";
import { acknowledge, refsOf, tellDeadLetters } from "./writer/tell.ts";

/** A look at what is committed, after the turn's commit. */
interface Read {
  readonly look: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

export class Session implements Disposable {
  readonly dispatcher: Dispatcher;
  readonly policing: Policing;
  readonly #options: SessionOptions;
  readonly #alarms: Alarms;
  readonly #lives: LiveRuns;
  readonly #wakes: Wakes;
  readonly #loader: Loader;
  readonly #time: { readonly wakes: Wakes; readonly loader: Loader };
  readonly #planner: Planner;
  readonly #guard: SessionGuard;
  readonly #crashes: Crashes;
  readonly #book: CallBook = new CallBook();
  readonly #activationHost: ActivationHost;
  readonly #outlets: Outlets;
  readonly #requests: Request[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #writes: ((store: Store) => void)[] = [];
  readonly #lost = new Set<LiveRun>();
  readonly #retry = new Set<number>();
  readonly #orphaned: number[] = [];
  readonly #reads: Read[] = [];
  readonly #idle: (() => void)[] = [];
  #scheduled = false;
  #turning = false;
  #over = false;
  #nextRow: number;

  constructor(options: SessionOptions) {
    const { store, clock, random, log, point, ownership } = options;
    const tokens = new Tokens(ownership.secret);
    const book = this.#bookCall.bind(this);
    this.#options = options;
    this.#alarms = new Alarms(clock);
    this.#lives = new LiveRuns(options);
    this.#nextRow = store.runs.nextRow();
    this.#wakes = new Wakes(this.#alarms, clock, store.runs, this.#schedule.bind(this));
    this.#guard = this.#openGuard();
    this.policing = new Policing({ ...options, write: this.#write.bind(this) });
    this.dispatcher = new Dispatcher({
      clock,
      alarms: this.#alarms,
      random,
      gates: [...this.policing.gates, ...options.gates, this.#guard.gate],
      point: (window, call) => {
        if (point !== noPoints) point(window, callRef(call));
      },
      host: { log, now: () => clock.now(), raw: options.raw, token: (call) => tokens.of(call) },
      onFact: (call, fact) => {
        this.#deliver(call.run, fact);
      },
      book,
    });
    this.#crashes = new Crashes({ ...ownership, book });
    this.#outlets = { ...options, dispatcher: this.dispatcher };
    this.#loader = new Loader({
      ...options,
      lives: this.#lives,
      dispatcher: this.dispatcher,
      crashes: this.#crashes,
      guard: this.#guard.gateway,
      onLost: (live) => {
        if (this.#over) return;
        this.#lost.add(live);
        this.#schedule();
      },
      onBack: (live) => {
        this.#takeBack(live);
      },
      deliver: (row, fact) => {
        this.#deliver(row, fact);
      },
    });
    this.#time = { wakes: this.#wakes, loader: this.#loader };
    this.#planner = {
      ...options,
      dispatcher: this.dispatcher,
      policing: this.policing,
      tokens,
      nextRow: () => this.#nextRow++,
      live: (row) => this.#lives.get(row),
      open: (id) => this.#lives.open(id),
      load: (row) => this.#loader.load(row),
    };
    this.#activationHost = {
      ...options,
      lives: this.#lives,
      loader: this.#loader,
      nextRow: () => this.#nextRow++,
      local: this.#local.bind(this),
    };
  }

  #local(
    ...[command, { live, activation }]: Parameters<ActivationHost["local"]>
  ): Fact | undefined {
    const activity = activation.machine.calls.get(command.call)?.activity;
    if (activity === undefined) return undefined;
    const { venues } = this.#options;
    return this.dispatcher.local(pendingCall(live, activity, command, activation.at, venues));
  }

  #openGuard(): SessionGuard {
    return new SessionGuard({
      ...this.#options,
      policy: this.#options.guard,
      alarms: this.#alarms,
      workflowOf: (row) => this.#lives.get(row)?.row.workflow ?? "",
      apply: (operation) => this.apply([operation]),
      change: (ask) => void this.guard(ask).catch(() => undefined),
      onDue: this.#schedule.bind(this),
    });
  }

  get store(): Store {
    return this.#options.store;
  }

  /** True while something can happen without time passing or an attempt ending. */
  get busy(): boolean {
    return this.#scheduled || this.#turning;
  }

  apply(operations: readonly Operation[]): Promise<readonly Applied[]> {
    return new Promise((resolve, reject) => {
      this.#requests.push({ operations, resolve, reject });
      this.#schedule();
    });
  }

  /** Runs a read when everything it may show is on disk. */
  read<Value>(perform: () => Value | Promise<Value>): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const look = async (): Promise<void> => {
        try {
          resolve(await perform());
        } catch (error) {
          reject(error);
        }
      };
      this.#reads.push({ look, reject });
      this.#schedule();
    });
  }

  /** Carries out what a person asks of the guard, in the next commit. */
  guard<Value>(ask: Ask<Value>): Promise<Value> {
    const asked = this.#guard.ask(ask);
    this.#writes.push(asked.carryOut);
    return this.read(asked.answer);
  }

  /** True when a run with this id is open and in memory: its end will be told. */
  isOpen(id: string): boolean {
    return this.#lives.open(id) !== undefined;
  }

  /** Brings a run back to memory, for a read. */
  load(row: number): Promise<LiveRun> {
    return this.#loader.load(row);
  }

  /** Replays a run from its journal alone; gives what does not fit. */
  verify(row: RunRow): Promise<Failure | undefined> {
    return this.#loader.verify(new LiveRun(row, this.#options.namespace));
  }

  pendingCalls(row: number): readonly PendingCallState[] {
    return [...(this.#lives.get(row)?.calls.values() ?? [])];
  }

  answer(live: LiveRun, query: string): Encoded {
    const { problem, machine } = live;
    if (problem !== undefined || machine === undefined) {
      throw new HoldfastError(
        "HF-RUN-STUCK",
        `Cannot query run "${live.row.id}": it is stuck. ${problem?.message ?? ""}`,
        { class: "logic" },
      );
    }
    return machine.answer(query);
  }

  /** The outcome of a closed run, read from its last entry. */
  resultOf(row: number): RunResult | undefined {
    return resultOf(this.#options.store.journal.last(row)?.entries.at(-1));
  }

  /** Takes up what a stop or crash left: pending calls, timers, runs whose code did not fit. */
  recover(): void {
    const { runs, letters } = this.#options.store;
    this.#orphaned.push(...letters.orphaned());
    for (const row of runs.active()) this.#retry.add(row);
    for (const row of runs.stuck()) this.#retry.add(row);
    this.#schedule();
  }

  /** Resolves when nothing is queued or being committed. */
  async idle(): Promise<void> {
    while (this.busy && !this.#over) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  [Symbol.dispose](): void {
    this.#over = true;
    void this.dispatcher.close();
    this.#alarms[Symbol.dispose]();
    const closed = new HoldfastError("HF-ENGINE-CLOSED", "Cannot do this: the engine is closing.", {
      class: "state",
      disposition: "retry",
      outcome: "not-sent",
    });
    for (const request of this.#requests.splice(0)) request.reject(closed);
    for (const read of this.#reads.splice(0)) read.reject(closed);
    this.#lives.clear();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #schedule(): void {
    if (this.#scheduled || this.#turning || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    try {
      await this.#takeTurn();
      this.#wakes.rearm();
    } catch (error) {
      this.#fail(error);
    }
    this.#turning = false;
    if (this.#over) return;
    this.#alarms.rearm();
    if (this.#hasWork) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  get #hasWork(): boolean {
    return (
      this.#requests.length > 0 ||
      this.#deliveries.length > 0 ||
      this.#writes.length > 0 ||
      !this.#book.isEmpty ||
      this.#wakes.hasWork ||
      this.#guard.isDue ||
      this.#lost.size > 0 ||
      this.#retry.size > 0 ||
      this.#orphaned.length > 0 ||
      this.#reads.length > 0
    );
  }

  async #takeTurn(): Promise<void> {
    const { clock, shadowReplay } = this.#options;
    const plan = emptyPlan(clock.now());
    const requests = this.#requests.splice(0);
    const reads = this.#reads.splice(0);
    await this.#planDeliveries(plan);
    for (const request of requests) await this.#planRequest(plan, request);
    await planDue(plan, this.#time);
    if (this.#over) return;
    let steps: readonly Step[];
    try {
      steps = await activatePlan(plan, this.#activationHost);
      if (steps.length + plan.writes.length > 0 || !this.#book.isEmpty || this.#guard.isDue)
        this.#commit(plan, steps);
    } catch (error) {
      // Nothing of this turn is on disk: whoever waits for it is told so.
      for (const { request } of plan.accepted) request.reject(error);
      this.#reads.push(...reads);
      throw error;
    }
    for (const step of steps) this.#after(step);
    this.#book.tell();
    this.#guard.committed();
    this.#crashes.end();
    this.dispatcher.open();
    for (const row of plan.reload) this.#reload(row);
    tellDeadLetters(plan, steps, this.#options);
    acknowledge(plan);
    await bringBack(plan.at, this.#time);
    this.#lives.evict(clock.now());
    if (shadowReplay) await this.#shadow(steps);
    for (const read of reads) await read.look();
  }

  async #planDeliveries(plan: Plan): Promise<void> {
    for (const row of this.#retry) await this.#loader.load(row, true);
    this.#retry.clear();
    for (const row of this.#orphaned.splice(0)) await this.#loader.followUp(row);
    // Those included that a run brought back has asked for: they must not come after what it does now.
    plan.writes.push(...this.#writes.splice(0));
    for (const { row, fact } of this.#deliveries.splice(0)) {
      const live = this.#lives.get(row) ?? (await this.#loader.load(row));
      if (live.closed)
        plan.writes.push((store) => {
          settleOrphan({ store, guard: this.#guard.gateway }, row, fact, plan.at);
        });
      else intake(plan, live).facts.push(fact);
    }
    for (const lost of this.#lost) {
      const live = this.#loader.lost(lost);
      if (!live.closed) intake(plan, live);
    }
    this.#lost.clear();
  }

  async #planRequest(plan: Plan, request: Request): Promise<void> {
    try {
      await planRequest(this.#planner, plan, request);
    } catch (error) {
      request.reject(error);
    }
  }

  #commit(plan: Plan, steps: readonly Step[]): void {
    const { store, point, venues, lost } = this.#options;
    const about = point === noPoints ? "" : refsOf(steps);
    point("commit.before", about);
    const { discarded } = plan;
    const { gateway: guard } = this.#guard;
    const host = { store, venues, lost, guard, discarded, deliver: this.#deliver.bind(this) };
    store.transaction(() => {
      for (const write of plan.writes) write(store);
      this.#book.write(store);
      for (const step of steps) writeStep(step, plan.at, host);
      guard.conclude(plan.at);
    });
    point("commit.after", about);
  }

  /** After the commit: now what was decided may leave. */
  #after(step: Step): void {
    const { live, activation } = step;
    const { log } = this.#options;
    this.#wakes.moved(live.state, step.state);
    live.state = step.state;
    live.parkedAt = activation.at;
    if (step.stuck) {
      live.machine = undefined;
      log.error(live.problem?.message ?? "A run is stuck.", { run: live.row.id });
    } else {
      for (const { level, message, fields } of activation.machine.takeLogged()) {
        log[level](message, { ...fields, run: live.row.id });
      }
      warn(step, log);
      for (const entry of activation.entries) letOut(live, entry, this.#outlets);
      for (const call of step.begun) if (call.phase === "queued") this.dispatcher.begin(call);
    }
    if (live.closed) {
      this.#lives.forget(live);
      tellEnd(step, this.#options);
    } else {
      this.#lives.keep(live);
      this.#lives.rest(live, activation.at);
    }
  }

  #reload(row: number): void {
    const live = this.#lives.get(row);
    if (live !== undefined) this.#lives.forget(live);
    this.#retry.add(row);
  }

  /** A run is back after a stop: its timer counts again, and it takes what was kept while it was stuck. */
  #takeBack(live: LiveRun): void {
    const { row } = live.row;
    const { state } = live.fold;
    if (live.state.status !== "stuck") return;
    this.#wakes.moved(live.state, state);
    for (const fact of this.#options.store.journal.kept(row)) this.#deliver(row, fact);
    this.#writes.push((store) => {
      store.journal.dropKept(row);
      store.runs.update(row, state);
    });
    live.state = state;
    this.#schedule();
  }

  #deliver(row: number, fact: Fact): void {
    if (this.#over) return;
    this.#deliveries.push({ row, fact });
    this.#schedule();
  }

  /** Something that is no run's is written along with the next commit. */
  #write(write: (store: Store) => void, then: () => void): void {
    if (this.#over) return;
    this.#writes.push(write);
    this.#reads.push({ look: async () => then(), reject: () => undefined });
    this.#schedule();
  }

  /** What is known of a call is written along with the next commit; nothing else waits for it. */
  #bookCall(call: PendingCallState, then?: () => void): void {
    if (this.#over) return;
    this.#book.add(call, then);
    this.#schedule();
  }

  /** Replays what was just committed: code that is not deterministic shows at once. */
  async #shadow(steps: readonly Step[]): Promise<void> {
    for (const { live, stuck } of steps) {
      if (stuck || live.problem !== undefined) continue;
      const problem = await this.#loader.verify(live);
      if (problem === undefined || live.closed) continue;
      live.problem = problem;
      this.#lost.add(live);
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this[Symbol.dispose]();
    this.#options.onFailed(error instanceof HoldfastError ? error : ownBug(error));
  }
}
