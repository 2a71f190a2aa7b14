// One opening of a journal: takes requests, outcomes and timers in turns, activates the runs they concern,
// commits once a turn, and only then lets anything out. After an error of the disk a session is dropped
// whole, and another one is opened.

import { hash } from "node:crypto";
import {
  type Applied,
  type Clock,
  type Command,
  type Encoded,
  type Fact,
  HoldfastError,
  type Log,
  type Operation,
  PENDING_MAX,
  type Random,
  type Resource,
  type RunResult,
  type VenueCapabilities,
  toFailure,
} from "@holdfast/core";
import { callKey } from "./call/attempt.ts";
import { Dispatcher } from "./call/dispatcher.ts";
import type { PendingCallState } from "./call/pending.ts";
import { type Alarm, Alarms } from "./clock/alarms.ts";
import { TIMER_WINDOW_MS } from "./options.ts";
import type { CrashPoints } from "./point.ts";
import { type Registry, checkMoney, venueOf } from "./registry.ts";
import { type Activation, activate } from "./run/activate.ts";
import { createMachine } from "./run/create.ts";
import { Fold, sameState } from "./run/fold.ts";
import { LiveRun } from "./run/live-run.ts";
import type { Machine } from "./run/machine.ts";
import { replay } from "./run/replay.ts";
import type { RunState } from "./store/runs.ts";
import type { Store } from "./store/store.ts";
import { newRun, planRequest, runClosed } from "./writer/operations.ts";
import {
  type Delivery,
  type Intake,
  type Plan,
  type Request,
  emptyPlan,
  intake,
} from "./writer/plan.ts";

export interface SessionOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly newId: () => string;
  readonly evictAfterMs: number;
  readonly cachedRuns: number;
  readonly shadowReplay: boolean;
  readonly historySuggest: number;
  readonly point: CrashPoints;
  readonly raw: (resource: Resource, account: string) => unknown;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  /** Tells who waits for the outcome of a chain. */
  readonly onClosed: (id: string, result: RunResult) => void;
  /** The disk failed: this session is over. */
  readonly onFailed: (error: HoldfastError) => void;
}

/** A run's part in a turn, between activation and commit. */
interface Step {
  readonly live: LiveRun;
  readonly isNew: boolean;
  readonly activation: Activation;
  readonly begun: PendingCallState[];
  state: RunState;
  stuck: boolean;
}

export class Session implements Disposable {
  readonly #options: SessionOptions;
  readonly #alarms: Alarms;
  readonly dispatcher: Dispatcher;
  /** Runs in memory by row, those longest at rest first. */
  readonly #lives = new Map<number, LiveRun>();
  /** Open runs in memory by workflow id. */
  readonly #open = new Map<string, LiveRun>();
  readonly #wakes = new Map<number, Alarm>();
  #requests: Request[] = [];
  #deliveries: Delivery[] = [];
  #writes: ((store: Store) => void)[] = [];
  #due = new Set<number>();
  #lost = new Set<number>();
  #retry = new Set<number>();
  #reads: (() => Promise<void>)[] = [];
  #idle: (() => void)[] = [];
  #scheduled = false;
  #turning = false;
  #over = false;
  #nextRow: number;
  #windowEnd = 0;
  #nextWindow: Alarm | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#alarms = new Alarms(options.clock);
    this.#nextRow = options.store.runs.nextRow();
    this.dispatcher = new Dispatcher({
      clock: options.clock,
      alarms: this.#alarms,
      random: options.random,
      point: options.point,
      host: { log: options.log, now: () => options.clock.now(), raw: options.raw },
      onFact: (call, fact) => {
        this.#outcome(call, fact);
      },
      onRetry: (call) => {
        this.#bookRetry(call);
      },
    });
  }

  get store(): Store {
    return this.#options.store;
  }

  /** The next instant at which something is due; undefined when nothing waits for time. */
  get nextAlarm(): number | undefined {
    return this.#alarms.next;
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
      this.#reads.push(async () => {
        try {
          resolve(await perform());
        } catch (error) {
          reject(error);
        }
      });
      this.#schedule();
    });
  }

  /** True when a run with this id is open and in memory: its end will be told. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Brings a run back to memory, for a read. */
  async loadFor(row: number): Promise<LiveRun> {
    return this.#load(row);
  }

  pendingCalls(row: number): readonly PendingCallState[] {
    return [...(this.#lives.get(row)?.calls.values() ?? [])];
  }

  /** Takes up what a stop or crash left: pending calls, timers, runs whose code did not fit. */
  recover(): void {
    const { runs } = this.#options.store;
    for (const row of runs.active()) this.#retry.add(row);
    for (const row of runs.stuck()) this.#retry.add(row);
    this.#openWindow();
    this.#schedule();
  }

  /** Resolves when nothing is queued or being committed. */
  async idle(): Promise<void> {
    while (this.busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.dispatcher.close();
    this.#alarms[Symbol.dispose]();
    const closed = new HoldfastError("HF-ENGINE-CLOSED", "Cannot do this: the engine is closing.", {
      class: "state",
      disposition: "retry",
      outcome: "not-sent",
    });
    for (const request of this.#requests.splice(0)) request.reject(closed);
    this.#lives.clear();
    this.#open.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#turning || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#turn();
    });
  }

  get #hasWork(): boolean {
    return (
      this.#requests.length > 0 ||
      this.#deliveries.length > 0 ||
      this.#writes.length > 0 ||
      this.#due.size > 0 ||
      this.#lost.size > 0 ||
      this.#retry.size > 0 ||
      this.#reads.length > 0
    );
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    try {
      await this.#takeTurn();
    } catch (error) {
      this.#fail(error);
    }
    this.#turning = false;
    if (this.#over) return;
    this.#alarms.rearm();
    if (this.#hasWork) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #takeTurn(): Promise<void> {
    const { clock } = this.#options;
    const plan = emptyPlan(clock.now());
    const requests = this.#requests.splice(0);
    const reads = this.#reads.splice(0);
    await this.#planDeliveries(plan);
    for (const request of requests) await this.#planRequest(plan, request);
    await this.#planDue(plan);
    if (this.#over) return;
    const steps = await this.#activate(plan);
    if (steps.length > 0 || plan.writes.length > 0) this.#commit(plan, steps);
    for (const step of steps) this.#after(step);
    this.#acknowledge(plan);
    this.#evict();
    if (this.#options.shadowReplay) await this.#shadow(steps);
    for (const read of reads) await read();
  }

  async #planDeliveries(plan: Plan): Promise<void> {
    plan.writes.push(...this.#writes.splice(0));
    for (const row of [...this.#retry]) {
      this.#retry.delete(row);
      const live = this.#lives.get(row);
      if (live !== undefined) live.problem = undefined;
      await this.#load(row, true);
    }
    for (const { row, fact, write } of this.#deliveries.splice(0)) {
      const live = this.#lives.get(row) ?? (await this.#load(row));
      if (write !== undefined) plan.writes.push(write);
      if (!live.closed) intake(plan, live).facts.push(fact);
    }
    for (const row of this.#lost) {
      const live = this.#lives.get(row);
      if (live !== undefined) intake(plan, live);
    }
    this.#lost.clear();
  }

  async #planRequest(plan: Plan, request: Request): Promise<void> {
    try {
      await planRequest(
        {
          store: this.#options.store,
          registry: this.#options.registry,
          dispatcher: this.dispatcher,
          namespace: this.#options.namespace,
          newId: this.#options.newId,
          nextRow: () => this.#nextRow++,
          live: (row) => this.#lives.get(row),
          open: (id) => this.#open.get(id),
          load: (row) => this.#load(row),
        },
        plan,
        request,
      );
    } catch (error) {
      request.reject(error);
    }
  }

  async #planDue(plan: Plan): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    for (const row of due) {
      const live = await this.#load(row);
      if (live.closed || live.problem !== undefined) continue;
      const { facts } = intake(plan, live);
      for (const timer of live.fold.due(plan.at)) facts.push({ kind: "fired", timer });
    }
  }

  async #activate(plan: Plan): Promise<Step[]> {
    const steps: Step[] = [];
    const activations: Activation[] = [];
    const owners = new Map<Activation, Step>();
    const add = async (taken: Intake): Promise<void> => {
      const { live, facts, isNew } = taken;
      if (isNew) this.#lives.set(live.row.row, live);
      if (live.machine === undefined && live.problem === undefined) {
        if (isNew) live.machine = this.#machine(live);
        else await this.#bringBack(live);
      }
      if (facts.length === 0 && live.problem === undefined) return;
      const machine = live.machine ?? this.#machine(live);
      const activation: Activation = {
        machine,
        facts,
        at: Math.max(plan.at, live.fold.lastAt),
        entries: [],
        delivered: 0,
      };
      const step: Step = {
        live,
        isNew,
        activation,
        begun: [],
        state: live.state,
        stuck: live.problem !== undefined,
      };
      owners.set(activation, step);
      steps.push(step);
      if (!step.stuck) activations.push(activation);
    };
    for (const taken of plan.intakes.values()) await add(taken);
    const successors: Intake[] = [];
    await activate(activations, (activation, commands) => {
      const step = owners.get(activation);
      if (step === undefined) return;
      for (const command of commands) {
        if (command.kind === "continued") {
          const next = this.#successor(step, command, plan.at);
          successors.push(next);
          activations.push(this.#succeed(next, step, plan, owners, steps));
        }
      }
    });
    for (const { activation, live } of steps) {
      if (!activation.machine.closed || successors.some((next) => next.live.row.id === live.row.id))
        continue;
      for (const fact of activation.facts.slice(activation.delivered)) {
        if (fact.kind === "signal") plan.missed.add(fact);
      }
    }
    return steps;
  }

  /** The next generation of a run that continued as new. */
  #successor(step: Step, command: Command & { readonly kind: "continued" }, at: number): Intake {
    const { row } = step.live;
    const live = newRun(
      {
        newId: this.#options.newId,
        nextRow: () => this.#nextRow++,
        namespace: this.#options.namespace,
      },
      { ...row, generation: row.generation + 1, startedAt: Math.max(at, step.live.fold.lastAt) },
    );
    const started: Fact = {
      kind: "started",
      input: command.input,
      ...(command.loop === undefined ? {} : { loop: command.loop }),
      ...(command.signals === undefined ? {} : { signals: command.signals }),
    };
    return { live, facts: [started], isNew: true };
  }

  #succeed(
    next: Intake,
    step: Step,
    plan: Plan,
    owners: Map<Activation, Step>,
    steps: Step[],
  ): Activation {
    const { live } = next;
    live.machine = this.#machine(live);
    this.#lives.set(live.row.row, live);
    // What the old generation can no longer take, the new one does.
    const rest = step.activation.facts.slice(step.activation.delivered);
    next.facts.push(...rest.filter((fact) => fact.kind === "signal" || fact.kind === "cancel"));
    const activation: Activation = {
      machine: live.machine,
      facts: next.facts,
      at: Math.max(plan.at, step.live.fold.lastAt),
      entries: [],
      delivered: 0,
    };
    const successor: Step = {
      live,
      isNew: true,
      activation,
      begun: [],
      state: live.state,
      stuck: false,
    };
    owners.set(activation, successor);
    steps.push(successor);
    return activation;
  }

  #commit(plan: Plan, steps: readonly Step[]): void {
    const { store, point } = this.#options;
    const refs = steps
      .flatMap(({ activation }) =>
        activation.entries.flatMap((entry) => (entry.kind === "call" ? [entry.ref] : [])),
      )
      .join(",");
    point("commit.before", refs);
    store.transaction(() => {
      for (const write of plan.writes) write(store);
      for (const step of steps) this.#write(step, plan);
    });
    point("commit.after", refs);
  }

  #write(step: Step, plan: Plan): void {
    const { store } = this.#options;
    const { live, activation } = step;
    const { row } = live.row;
    const { machine } = activation;
    if (step.stuck || machine.problem !== undefined) {
      this.#writeStuck(step);
      return;
    }
    const { entries, at } = activation;
    const sequence = live.fold.length;
    for (const entry of entries) live.fold.apply(entry, at);
    for (const entry of entries) this.#writeEntry(step, entry as Fact | Command, plan);
    if (entries.length > 0) store.journal.append(row, sequence, at, entries);
    step.state = live.fold.state;
    if (step.isNew) store.runs.insert({ ...live.row, state: step.state });
    else if (!sameState(step.state, live.state)) store.runs.update(row, step.state);
  }

  /** The code does not fit: what the run was told is kept for code that does. */
  #writeStuck(step: Step): void {
    const { store } = this.#options;
    const { live, activation } = step;
    const { row } = live.row;
    live.problem ??= activation.machine.problem;
    step.stuck = true;
    for (const fact of activation.facts) if (fact.kind !== "fired") store.journal.keep(row, fact);
    step.state = {
      ...live.state,
      status: "stuck",
      problem: live.problem,
      active: live.state.active,
    };
    if (step.isNew) store.runs.insert({ ...live.row, state: step.state });
    else if (!sameState(step.state, live.state)) store.runs.update(row, step.state);
  }

  #writeEntry(step: Step, entry: Fact | Command, plan: Plan): void {
    const { store } = this.#options;
    const { live } = step;
    switch (entry.kind) {
      case "call":
        this.#writeCall(step, entry, plan);
        break;
      case "done":
      case "failed":
      case "in-doubt": {
        const call = live.calls.get(entry.call);
        if (call === undefined) break;
        if (call.stored) store.calls.drop(live.row.row, entry.call);
        if (call.command.effect === "money" && call.command.key !== undefined) {
          const state =
            entry.kind === "done" ? "done" : entry.kind === "failed" ? "refused" : "in-doubt";
          store.intents.settle(
            call.command.key,
            state,
            entry.kind === "in-doubt" ? undefined : plan.at,
            entry.kind === "done" ? entry.output : undefined,
          );
        }
        break;
      }
      case "resent": {
        const call = live.calls.get(entry.call);
        if (call?.command.key !== undefined)
          store.intents.settle(call.command.key, "open", undefined, undefined);
        break;
      }
      case "terminated":
        for (const call of live.calls.values()) {
          if (call.stored) store.calls.drop(live.row.row, call.command.call);
          if (
            call.command.effect === "money" &&
            call.command.key !== undefined &&
            call.phase !== "settled"
          ) {
            store.intents.settle(call.command.key, "in-doubt", undefined, undefined);
          }
        }
        break;
      case "call-cancelled":
        if (live.calls.get(entry.call)?.stored === true) store.calls.drop(live.row.row, entry.call);
        break;
      default:
        break;
    }
  }

  #writeCall(step: Step, command: Command & { readonly kind: "call" }, plan: Plan): void {
    const { store } = this.#options;
    const { live, activation } = step;
    const waiter = activation.machine.calls.get(command.call);
    if (waiter === undefined) return;
    const call = this.#pendingCall(live, waiter.activity, command, activation.at);
    live.calls.set(command.call, call);
    step.begun.push(call);
    if (command.effect !== "money" || command.key === undefined) return;
    const { names } = venueOf(waiter.activity, this.#options.venues);
    const fingerprint = hash("sha256", `${live.row.account}\n${command.input}`);
    const known = store.intents.get(command.key);
    if (known === undefined) {
      store.intents.insert({
        key: command.key,
        ref: command.ref,
        account: live.row.account,
        activity: command.activity,
        venue: names,
        fingerprint,
        run: live.row.row,
        call: command.call,
        state: "open",
        recordedAt: plan.at,
        sentAt: undefined,
        settledAt: undefined,
        output: undefined,
      });
      return;
    }
    if (known.fingerprint !== fingerprint) {
      call.phase = "in-doubt";
      this.#deliver(live.row.row, {
        kind: "in-doubt",
        call: command.call,
        failure: toFailure(bodyChanged(command.key, command.ref)),
      });
    } else if (known.state === "done" && known.output !== undefined) {
      call.phase = "settled";
      this.#deliver(live.row.row, { kind: "done", call: command.call, output: known.output });
    } else {
      store.intents.adopt(command.key, live.row.row, command.call);
      if (known.state !== "refused") markUnknown(call, known.sentAt ?? known.recordedAt, plan.at);
    }
  }

  #pendingCall(
    live: LiveRun,
    activity: PendingCallState["activity"],
    command: PendingCallState["command"],
    at: number,
  ): PendingCallState {
    const { venue } = venueOf(activity, this.#options.venues);
    return {
      run: live.row.row,
      identity: live.identity,
      command,
      activity,
      venue,
      scheduledAt: at,
      deadlineAt: at + command.totalMs,
      phase: "queued",
      attempt: 0,
      inFlight: 0,
      unknown: false,
      sentAt: undefined,
      lastSendAt: at,
      nextAt: undefined,
      lastFailure: undefined,
      heartbeat: undefined,
      reconcileTries: 0,
      cancelled: false,
      alarm: undefined,
      abort: undefined,
      stored: false,
    };
  }

  #acknowledge(plan: Plan): void {
    for (const { request, applied, facts } of plan.accepted) {
      const late = facts.find(({ fact }) => plan.missed.has(fact));
      const live = late === undefined ? undefined : plan.intakes.get(late.row)?.live;
      if (live === undefined) request.resolve(applied);
      else request.reject(runClosed(live, "signal"));
    }
  }

  /** After the commit: now what was decided may leave. */
  #after(step: Step): void {
    const { live, activation } = step;
    live.state = step.state;
    const { row } = live.row;
    if (step.stuck) {
      live.machine = undefined;
      this.#options.log.error(live.problem?.message ?? "stuck", {
        run: live.row.id,
        code: live.problem?.code,
      });
    } else {
      this.#tell(step);
      for (const entry of activation.entries) this.#afterEntry(live, entry as Fact | Command);
      for (const call of step.begun) if (call.phase === "queued") this.dispatcher.begin(call);
    }
    this.#setWake(row, live.problem === undefined ? live.state.wakeAt : undefined);
    live.parkedAt = activation.at;
    this.#lives.delete(row);
    if (live.closed) {
      if (this.#open.get(live.row.id) === live) this.#open.delete(live.row.id);
      this.#close(live, activation);
      return;
    }
    this.#keep(live);
    if (this.#options.evictAfterMs === 0) {
      live.machine = undefined;
      if (live.calls.size === 0) this.#forget(live);
    }
  }

  #keep(live: LiveRun): void {
    this.#lives.set(live.row.row, live);
    if (!live.closed) this.#open.set(live.row.id, live);
  }

  #forget(live: LiveRun): void {
    this.#lives.delete(live.row.row);
    if (this.#open.get(live.row.id) === live) this.#open.delete(live.row.id);
  }

  #tell(step: Step): void {
    const { log } = this.#options;
    for (const { level, message, fields } of step.activation.machine.takeLogged()) {
      log[level](message, { ...fields, run: step.live.row.id });
    }
  }

  #afterEntry(live: LiveRun, entry: Fact | Command): void {
    switch (entry.kind) {
      case "done":
      case "failed":
        live.calls.delete(entry.call);
        break;
      case "in-doubt": {
        const call = live.calls.get(entry.call);
        if (call !== undefined) call.phase = "in-doubt";
        this.#options.log.warn(entry.failure.message, { run: live.row.id, call: entry.call });
        break;
      }
      case "resent": {
        const call = live.calls.get(entry.call);
        if (call !== undefined) this.dispatcher.resend(call);
        break;
      }
      case "cancel":
        for (const call of live.calls.values())
          if (call.command.effect === "money") this.dispatcher.cancel(call);
        break;
      case "call-cancelled": {
        const call = live.calls.get(entry.call);
        live.calls.delete(entry.call);
        if (call !== undefined) this.dispatcher.cancel(call);
        break;
      }
      case "terminated":
        for (const call of live.calls.values()) this.dispatcher.drop(call);
        live.calls.clear();
        break;
      default:
        break;
    }
  }

  #close(live: LiveRun, activation: Activation): void {
    const { id } = live.row;
    const last = activation.entries.at(-1);
    const signals = activation.machine.unhandledSignals;
    if (signals.length > 0 && last?.kind !== "continued") {
      this.#options.log.warn(
        `Run "${id}" ended with ${signals.length} signals that it never handled.`,
        {
          signals: signals.map(({ name }) => name),
        },
      );
    }
    const result = last === undefined ? undefined : resultOf(last as Fact | Command);
    if (result !== undefined) this.#options.onClosed(id, result);
  }

  #machine(live: LiveRun): Machine {
    return createMachine({
      identity: live.identity,
      workflow: this.#options.registry.workflow(live.row.workflow),
      historySuggest: this.#options.historySuggest,
      onForeign: (problem) => {
        if (live.problem !== undefined || this.#over) return;
        live.problem = problem;
        this.#lost.add(live.row.row);
        this.#schedule();
      },
    });
  }

  async #load(row: number, retry = false): Promise<LiveRun> {
    let live = this.#lives.get(row);
    if (live === undefined) {
      const found = this.#options.store.runs.byRow(row);
      if (found === undefined)
        throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot find run in row ${row}.`);
      live = new LiveRun(found, this.#options.namespace);
      if (retry) live.problem = undefined;
      this.#keep(live);
    }
    if (live.machine === undefined && live.problem === undefined)
      await this.#bringBack(live, retry);
    return live;
  }

  /** Replays a run's journal, and finds the calls that a stop left pending. */
  async #bringBack(live: LiveRun, retry = false): Promise<void> {
    const { store, registry } = this.#options;
    const { row, workflow } = live.row;
    const rows = store.journal.read(row);
    live.fold = Fold.of(rows);
    if (!registry.hasWorkflow(workflow)) {
      live.problem = toFailure(workflowMissing(live));
    } else {
      const machine = this.#machine(live);
      await replay(machine, rows);
      live.problem = machine.problem ?? live.problem;
      if (live.problem === undefined) {
        live.machine = machine;
        this.#takeUpCalls(live, machine);
      }
    }
    if (live.closed) return;
    if (live.problem !== undefined) {
      if (live.state.status !== "stuck") {
        this.#lost.add(row);
        this.#schedule();
      }
      return;
    }
    if (retry) this.#unstick(live);
  }

  /** Code that fits has come: the run takes what was kept for it. */
  #unstick(live: LiveRun): void {
    const { row } = live.row;
    this.#setWake(row, live.fold.state.wakeAt);
    if (live.state.status !== "stuck") return;
    const facts = this.#options.store.journal.kept(row);
    for (const fact of facts) this.#deliver(row, fact);
    const state = live.fold.state;
    this.#writes.push((store) => {
      store.journal.dropKept(row);
      store.runs.update(row, state);
    });
    live.state = state;
    this.#schedule();
  }

  #takeUpCalls(live: LiveRun, machine: Machine): void {
    const { store, clock } = this.#options;
    const now = clock.now();
    for (const [number, waiter] of machine.calls) {
      if (live.calls.has(number)) continue;
      const { command } = waiter;
      const call = this.#pendingCall(
        live,
        waiter.activity,
        command,
        this.#scheduledAt(live, number),
      );
      live.calls.set(number, call);
      const stored = store.calls.get(live.row.row, number);
      if (stored !== undefined) {
        call.stored = true;
        call.attempt = stored.attempt;
        call.nextAt = stored.nextAt;
        call.lastFailure = stored.failure;
        call.heartbeat = stored.heartbeat;
      }
      const intent = command.key === undefined ? undefined : store.intents.get(command.key);
      // Nobody knows what a crash interrupted: an open intent may have been sent.
      if (intent !== undefined) markUnknown(call, intent.sentAt ?? intent.recordedAt, now);
      if (waiter.inDoubt) call.phase = "in-doubt";
      else if (machine.cancelReason !== undefined && command.effect === "money")
        call.cancelled = true;
      if (!waiter.inDoubt) this.dispatcher.begin(call);
    }
  }

  /** When a call was decided: the commit that holds its command. */
  #scheduledAt(live: LiveRun, call: number): number {
    for (const row of this.#options.store.journal.read(live.row.row)) {
      for (const entry of row.entries)
        if (entry.kind === "call" && entry.call === call) return row.at;
    }
    return live.row.startedAt;
  }

  #outcome(call: PendingCallState, fact: Fact): void {
    this.#deliver(call.run, fact);
  }

  #deliver(row: number, fact: Fact, write?: (store: Store) => void): void {
    if (this.#over) return;
    this.#deliveries.push({ row, fact, write });
    this.#schedule();
  }

  #bookRetry(call: PendingCallState): void {
    if (this.#over) return;
    call.stored = true;
    const { command, unknown, sentAt } = call;
    const row = {
      attempt: call.attempt,
      nextAt: call.nextAt,
      failure: call.lastFailure,
      heartbeat: call.heartbeat,
    };
    this.#writes.push((store) => {
      if (call.phase !== "settled") store.calls.put(call.run, command.call, row);
      if (unknown && sentAt !== undefined && command.key !== undefined)
        store.intents.sent(command.key, sentAt);
    });
    this.#schedule();
  }

  #setWake(row: number, at: number | undefined): void {
    const before = this.#wakes.get(row);
    if (before !== undefined && before.at === at) return;
    this.#alarms.cancel(before);
    this.#wakes.delete(row);
    if (at === undefined) return;
    if (at > this.#windowEnd) {
      this.#openWindowFor(at);
      return;
    }
    this.#wakes.set(
      row,
      this.#alarms.set(at, () => {
        this.#wakes.delete(row);
        this.#due.add(row);
        this.#schedule();
      }),
    );
  }

  /** Loads the timers of the near future; the others stay on disk until their time comes near. */
  #openWindow(): void {
    const { clock, store } = this.#options;
    this.#windowEnd = clock.now() + TIMER_WINDOW_MS;
    for (const { row, at } of store.runs.wakingUntil(this.#windowEnd)) this.#setWake(row, at);
    const later = store.runs.nextWakeAfter(this.#windowEnd);
    if (later !== undefined) this.#openWindowFor(later);
  }

  /** Sees to it that the window moves on in time for a wake-up beyond it. */
  #openWindowFor(at: number): void {
    const when = at - TIMER_WINDOW_MS / 2;
    if (this.#nextWindow !== undefined && this.#nextWindow.at <= when) return;
    this.#alarms.cancel(this.#nextWindow);
    this.#nextWindow = this.#alarms.set(when, () => {
      this.#nextWindow = undefined;
      this.#openWindow();
    });
  }

  #evict(): void {
    const { evictAfterMs, cachedRuns, clock } = this.#options;
    const before = clock.now() - evictAfterMs;
    for (const [row, live] of this.#lives) {
      if (live.parkedAt >= before && this.#lives.size <= cachedRuns) return;
      if (live.calls.size > 0) {
        // Busy runs move to the end of the line.
        live.parkedAt = clock.now();
        this.#lives.delete(row);
        this.#lives.set(row, live);
        if (this.#lives.size > cachedRuns) return;
      } else {
        this.#forget(live);
      }
    }
  }

  /** Replays what was just committed: code that is not deterministic shows at once. */
  async #shadow(steps: readonly Step[]): Promise<void> {
    for (const { live, stuck } of steps) {
      if (stuck || live.problem !== undefined) continue;
      const machine = this.#machine(live);
      await replay(machine, this.#options.store.journal.read(live.row.row));
      if (machine.problem === undefined || live.closed) continue;
      live.problem = machine.problem;
      this.#lost.add(live.row.row);
      if (!this.#lives.has(live.row.row)) this.#lives.set(live.row.row, live);
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const failure =
      error instanceof HoldfastError
        ? error
        : new HoldfastError(
            "HF-ENGINE-FAILED",
            `The engine has met a bug of its own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            { cause: error },
          );
    this[Symbol.dispose]();
    for (const resolve of this.#idle.splice(0)) resolve();
    this.#options.onFailed(failure);
  }

  /** The outcome of a closed run, read from its last entry. */
  resultOf(row: number): RunResult | undefined {
    const last = this.#options.store.journal.last(row)?.entries.at(-1);
    return last === undefined ? undefined : resultOf(last as Fact | Command);
  }

  answer(live: LiveRun, query: string): Encoded {
    if (live.problem !== undefined) {
      throw new HoldfastError(
        "HF-RUN-STUCK",
        `Cannot query run "${live.row.id}": it is stuck. ${live.problem.message}`,
        { class: "logic" },
      );
    }
    const { machine } = live;
    if (machine === undefined)
      throw new HoldfastError("HF-RUN-UNKNOWN", `Cannot query run "${live.row.id}".`);
    return machine.answer(query);
  }
}

function resultOf(last: Fact | Command): RunResult | undefined {
  switch (last.kind) {
    case "completed":
      return { kind: "completed", output: last.output };
    case "run-failed":
    case "terminated":
      return { kind: "failed", failure: last.failure };
    case "cancelled":
      return {
        kind: "failed",
        failure: toFailure(
          new HoldfastError("HF-CANCELLED", `The run was cancelled: ${last.reason}`, {
            class: "state",
            disposition: "cancelled",
          }),
        ),
      };
    default:
      return undefined;
  }
}

function markUnknown(call: PendingCallState, sentAt: number, now: number): void {
  call.unknown = true;
  call.sentAt = sentAt;
  call.lastSendAt = now;
}

function bodyChanged(key: string, ref: string): HoldfastError {
  return new HoldfastError(
    "HF-KEY-BODY-CHANGED",
    `Cannot send ${ref}: its key ${key} was used before with another input. Look at what was done then, and resolve it.`,
    { inDoubt: true },
  );
}

function workflowMissing(live: LiveRun): HoldfastError {
  return new HoldfastError(
    "HF-WORKFLOW-UNKNOWN",
    `Cannot go on with run "${live.row.id}": the project has no workflow "${live.row.workflow}" any more.`,
    { class: "logic" },
  );
}

export { checkMoney, PENDING_MAX, callKey };
