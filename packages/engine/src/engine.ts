// The embedded engine: one owner process, one journal file. Holds the lock, keeps one session open, opens
// another when the disk failed, and answers the Engine port.

import { randomUUID } from "node:crypto";
import {
  type Applied,
  type BreakerState,
  type Client,
  type DeadLetterFilter,
  type DeadLetterPage,
  type DrainReport,
  type Encoded,
  type Engine,
  type Guard,
  HoldfastError,
  type ListFilter,
  type ListedEntry,
  type MovedBook,
  type Operation,
  type PendingCall,
  type Resource,
  type RunDescription,
  type RunPage,
  type RunResult,
  type UpdateResult,
  type VenueCapabilities,
  toFailure,
  createClient,
  policiesOf,
  seededRandom,
  silentLog,
  HISTORY_ENTRIES_SUGGEST,
} from "@holdfast/core";
import { type Ask, GuardDesk, carryOut } from "@holdfast/guard";
import { callKey, callRef } from "./call/attempt.ts";
import type { PendingCallState } from "./call/pending.ts";
import { Shedding } from "./call/shedding.ts";
import { systemClock } from "./clock/system.ts";
import { CACHED_RUNS, EVICT_AFTER_MS, type EngineOptions, REOPEN_AFTER_MS } from "./options.ts";
import { noPoints } from "./point.ts";
import { followBreaker, followBreakers } from "./guard/breakers.ts";
import { Draining } from "./move/draining.ts";
import { drainReport } from "./move/report.ts";
import { type MovedFilter, type MovedPage, movedBookOf, movedIntents } from "./move/intents.ts";
import { namespaceOf } from "./namespace.ts";
import { venueNames } from "./policy/names.ts";
import { createRegistry } from "./registry.ts";
import { openResources } from "./resources.ts";
import { LostTime, markJournal, restoredIn } from "./lost-time.ts";
import { disown, own } from "./ownership.ts";
import { Session } from "./session.ts";
import { describeRun, historyOf, latestRun, noEnd } from "./run/describe.ts";
import { watchFloating } from "./run/floating.ts";
import { verifyRuns } from "./run/verify.ts";
import { BesideFile } from "./store/beside.ts";
import { lockJournal } from "./store/lock.ts";
import { isInMemory } from "./store/memory.ts";
import { deadLetters, runPage } from "./store/page.ts";
import { type Store, openStore } from "./store/store.ts";
import { checkVenue } from "./venue.ts";
import { Waiters } from "./waiters.ts";
import { unanswered } from "./writer/closed.ts";

/**
 * Opens a journal and takes up what is unfinished in it.
 *
 * @throws HF-STATE-LOCKED, HF-STATE-NEWER, HF-STATE-READONLY, HF-STATE-FOREIGN, HF-VENUE-MISMATCH,
 *   HF-DEFINITION-DUPLICATE, HF-POLICY-INVALID
 * @example
 * await using engine = await openEngine({ path: ":memory:", definitions: [hello] });
 * const run = await engine.client.start(hello, "world", { id: "hello-1" });
 * await run.result(); // "Hello world"
 */
export async function openEngine(options: EngineOptions): Promise<EmbeddedEngine> {
  if (options.policies !== undefined)
    policiesOf(options.policies, venueNames(options.resources ?? []));
  const lock = isInMemory(options.path) ? undefined : lockJournal(options.path);
  let beside: BesideFile | undefined;
  try {
    beside = lock === undefined ? undefined : new BesideFile(options.path);
    return new EmbeddedEngine(options, lock, beside);
  } catch (error) {
    beside?.[Symbol.dispose]();
    lock?.[Symbol.dispose]();
    throw error;
  }
}

export class EmbeddedEngine implements Engine {
  readonly client: Client;
  readonly guard: Guard;
  readonly #options: EngineOptions;
  readonly #lock: Disposable | undefined;
  readonly #beside: BesideFile | undefined;
  readonly #floating: Disposable = watchFloating();
  readonly #results: Waiters<RunResult>;
  readonly #updates: Waiters<UpdateResult>;
  readonly #resources: ReturnType<typeof openResources>;
  #session: Session;
  #shedding: Shedding | undefined;
  #failed: HoldfastError | undefined;
  #closed = false;

  constructor(
    options: EngineOptions,
    lock: Disposable | undefined,
    beside: BesideFile | undefined,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#beside = beside;
    this.#resources = openResources(options.resources ?? []);
    const clock = options.clock ?? systemClock;
    this.#results = new Waiters(clock);
    this.#updates = new Waiters(clock);
    this.#session = this.#open(false);
    this.guard = new GuardDesk({
      policy: options.guard,
      now: () => clock.now(),
      read: (steps) => this.#read((store) => carryOut(steps(), store.guard)),
      ask: (asked) => this.#ask(asked),
      answer: (answer) => this.apply([{ kind: "answer", ...answer }]),
    });
    this.client = createClient({ engine: this, newId: options.newId ?? randomUUID });
    this.#session.recover();
    const states = this.#session.policing.list();
    this.#follow(followBreakers(this.guard, states));
  }

  /** The error of the disk that the engine is recovering from; undefined while all is well. */
  get health(): HoldfastError | undefined {
    return this.#failed;
  }

  /** Attempts in flight. */
  get inFlight(): number {
    return this.#session.dispatcher.inFlight;
  }

  /** True while something can happen without time passing or an attempt ending. */
  get busy(): boolean {
    return this.#session.busy;
  }

  /** Resolves when nothing is queued or being committed; attempts may be in flight. */
  idle(): Promise<void> {
    return this.#session.idle();
  }

  apply(operations: readonly Operation[]): Promise<readonly Applied[]> {
    this.#check();
    return this.#session.apply(operations);
  }

  query(request: { readonly id: string; readonly query: string }): Promise<Encoded> {
    return this.#read(async (store) => {
      const run = latestRun(store, request.id, `query "${request.query}" of`);
      return this.#session.answer(await this.#session.load(run.row), request.query);
    });
  }

  async result(request: {
    readonly id: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<RunResult> {
    this.#check();
    const { id, timeoutMs } = request;
    return this.#results.wait({
      name: id,
      timeoutMs,
      late: (ms) => late(`Run "${id}" has not ended within ${ms} ms.`),
      look: async () =>
        this.#session.isOpen(id)
          ? undefined
          : this.#read((store) => {
              // A restart has brought it back since.
              if (this.#session.isOpen(id)) return undefined;
              const run = latestRun(store, id, "wait for");
              if (run.state.closedAt === undefined) return undefined;
              return this.#session.resultOf(run.row) ?? noEnd(store, run);
            }),
    });
  }

  async updated(request: {
    readonly id: string;
    readonly requestId: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<UpdateResult> {
    this.#check();
    const { id, requestId, timeoutMs } = request;
    return this.#updates.wait({
      name: requestId,
      timeoutMs,
      late: (ms) =>
        late(`Update ${requestId} of run "${id}" has not been answered within ${ms} ms.`),
      look: () => this.#read((store) => updateResult(store, id, requestId)),
    });
  }

  describe(id: string): Promise<RunDescription> {
    return this.#read(async (store) => {
      const run = latestRun(store, id, "describe");
      if (run.state.closedAt === undefined && run.state.problem === undefined)
        await this.#session.load(run.row);
      const calls = this.#session.pendingCalls(run.row).filter(({ phase }) => phase !== "settled");
      return describeRun(store, run, calls.map(pendingCall));
    });
  }

  list(filter: ListFilter = {}): Promise<RunPage> {
    return this.#read((store) => runPage(store, filter));
  }

  history(id: string): Promise<readonly ListedEntry[]> {
    return this.#read((store) => historyOf(store, latestRun(store, id, "read the history of")));
  }

  dead(filter: DeadLetterFilter = {}): Promise<DeadLetterPage> {
    return this.#read((store) => deadLetters(store, filter));
  }

  /** Whether starts are taken, what is open, and what waits for another engine. */
  draining(): Promise<DrainReport> {
    return this.#read((store) =>
      drainReport(store, this.#now(), async (row) => (await this.#session.load(row)).machine),
    );
  }

  /** What is known of effects, for another engine; by key, behind one of them. */
  movedIntents(filter: MovedFilter): Promise<MovedPage> {
    return this.#read((store) => movedIntents(store, filter));
  }

  /** What the guard has counted of them, and who is halted. */
  movedBook(filter: MovedFilter): Promise<MovedBook> {
    return this.#read((store) => movedBookOf(store, filter));
  }

  breakers(): Promise<readonly BreakerState[]> {
    return this.#read(() => this.#session.policing.list());
  }

  cursor(name: string): Promise<string | undefined> {
    return this.#read((store) => store.cursor(name));
  }

  /** For proofs: looks at the store when everything committed can be seen. */
  inspect<Value>(look: (store: Store) => Value): Promise<Value> {
    return this.#read(look);
  }

  /**
   * Checks the journal against the code and against itself: every run replays to the same commands, and every
   * row is the fold of its journal. Gives what does not hold, in words.
   */
  verify(): Promise<readonly string[]> {
    return this.#read((store) => verifyRuns(store, (row) => this.#session.verify(row)));
  }

  /** Stops taking work, waits for attempts in flight, writes what they answered, and lets go of the file. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#closed) return;
    const clock = this.#options.clock ?? systemClock;
    const graceMs = options.graceMs ?? 0;
    if (graceMs > 0 && this.inFlight > 0) {
      let timer: { cancel(): void } | undefined;
      const late = new Promise<void>((resolve) => {
        timer = clock.setTimer(clock.now() + graceMs, resolve);
      });
      await Promise.race([this.#session.dispatcher.quiet(), late]);
      timer?.cancel();
    }
    await this.#session.idle();
    this.#closed = true;
    this.#shedding?.[Symbol.dispose]();
    this.#session[Symbol.dispose]();
    this.#results.end(engineClosed());
    this.#updates.end(engineClosed());
    await this.#session.dispatcher.close();
    await this.#resources.close();
    if (this.#failed === undefined) {
      const { store } = this.#session;
      disown(store, this.#options.log);
      this.#beside?.note(() => store.journal.end().position);
      store[Symbol.dispose]();
    }
    this.#floating[Symbol.dispose]();
    this.#beside?.[Symbol.dispose]();
    this.#lock?.[Symbol.dispose]();
  }

  /** Ends as a crash would: nothing is waited for, nothing more is written. For tests. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#shedding?.[Symbol.dispose]();
    this.#session[Symbol.dispose]();
    this.#session.store[Symbol.dispose]();
    this.#floating[Symbol.dispose]();
    this.#beside?.[Symbol.dispose]();
    this.#lock?.[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** `again`: after an error of the disk, by this process. */
  #open(again: boolean): Session {
    const options = this.#options;
    const { durability, journalPagesMax: pagesMax } = options;
    const { clock = systemClock, log = silentLog } = options;
    const beside = this.#beside;
    const position = (): number => store.journal.end().position;
    const store: Store = openStore(options.path, { durability, pagesMax }, () => {
      beside?.note(position, clock.now());
    });
    try {
      checkVenue(store, options.venue);
      const venues = new Map<string, VenueCapabilities>();
      for (const { resource, venue } of options.resources ?? [])
        if (venue !== undefined) venues.set(resource.name, venue);
      const newId = options.newId ?? randomUUID;
      const fitting = again ? undefined : beside;
      const ownership = own(
        store,
        again,
        fitting && markJournal({ store, beside: fitting, now: clock.now(), log }),
      );
      const restored = restoredIn(store);
      const lost = restored === undefined ? undefined : new LostTime(restored);
      const registry = createRegistry(options.definitions);
      this.#shedding?.[Symbol.dispose]();
      this.#shedding =
        options.load && new Shedding(options.load, (name) => registry.priority(name));
      return new Session({
        store,
        ownership,
        lost,
        held: (id, workflow) => options.load?.held(id, workflow),
        registry,
        clock,
        random: seededRandom(options.seed ?? randomUUID()),
        log,
        namespace: namespaceOf(store, options.namespace, newId),
        newId,
        evictAfterMs: options.evictAfterMs ?? EVICT_AFTER_MS,
        cachedRuns: options.cachedRuns ?? CACHED_RUNS,
        shadowReplay: options.shadowReplay ?? false,
        draining: new Draining(store, () => lost?.covers(clock.now()) === true),
        historySuggest: options.historySuggest ?? HISTORY_ENTRIES_SUGGEST,
        point: options.point ?? noPoints,
        raw: (resource: Resource, account: string) => this.#resources.raw(resource, account),
        venues,
        policies: options.policies,
        onBreaker: (change) => {
          options.onBreaker?.(change);
          this.#follow(followBreaker(this.guard, change));
        },
        gates: [...(this.#shedding ? [this.#shedding.gate] : []), ...(options.gates ?? [])],
        onClosed: (id, result) => {
          this.#results.tell(id, result);
        },
        onUpdated: (requestId, result) => {
          this.#updates.tell(requestId, result);
        },
        guard: options.guard,
        onModes: options.onModes,
        onDeadLetters: options.onDeadLetters,
        onFailed: (error) => {
          this.#recoverFrom(error, store);
        },
      });
    } catch (error) {
      store[Symbol.dispose]();
      throw error;
    }
  }

  /** After an error of the disk: says so, lets go of the file, and opens it again until it works. */
  #recoverFrom(error: HoldfastError, store: Store): void {
    this.#failed = error;
    const { log = silentLog, clock = systemClock } = this.#options;
    log.error(`${error.message} The engine stops and opens the file again.`, { code: error.code });
    try {
      store[Symbol.dispose]();
    } catch {
      // The file is in error already.
    }
    const again = (): void => {
      if (this.#closed) return;
      try {
        const session = this.#open(true);
        this.#session = session;
        this.#failed = undefined;
        session.recover();
        log.info("The engine goes on.");
      } catch (cause) {
        log.error(
          `Cannot open the journal again yet: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
        clock.setTimer(clock.now() + REOPEN_AFTER_MS, again);
      }
    };
    clock.setTimer(clock.now() + REOPEN_AFTER_MS, again);
  }

  #now(): number {
    return (this.#options.clock ?? systemClock).now();
  }

  #check(): void {
    if (this.#closed) throw engineClosed();
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** A mode that could not be written is written at the next start. */
  #follow(followed: Promise<void>): void {
    followed.catch((error: unknown) => {
      if (this.#closed) return;
      const { message } = toFailure(error);
      this.#options.log?.warn(`The guard has not heard of a breaker: ${message}`);
    });
  }

  async #ask<Value>(ask: Ask<Value>): Promise<Value> {
    this.#check();
    return this.#session.guard(ask);
  }

  async #read<Value>(look: (store: Store) => Value | Promise<Value>): Promise<Value> {
    this.#check();
    return this.#session.read(() => look(this.#session.store));
  }
}

/** The answer of an accepted update; undefined while there is none. */
function updateResult(store: Store, id: string, requestId: string): UpdateResult | undefined {
  const row = store.deliveredTo(requestId);
  const run = row === undefined ? undefined : store.runs.byRow(row);
  if (run === undefined) {
    throw refused(
      "HF-UPDATE-UNKNOWN",
      `Cannot find update ${requestId} of run "${id}": none with this id was accepted.`,
    );
  }
  for (const { entries } of store.journal.read(run.row)) {
    for (const entry of entries) {
      if (entry.kind === "update-done" && entry.id === requestId)
        return { kind: "done", output: entry.output };
      if (entry.kind === "update-failed" && entry.id === requestId)
        return { kind: "failed", failure: entry.failure };
    }
  }
  return run.state.closedAt === undefined ? undefined : unanswered(run.id);
}

function pendingCall(call: PendingCallState): PendingCall {
  return {
    call: call.command.call,
    activity: call.activity.name,
    effect: call.activity.effect,
    key: callKey(call),
    ref: callRef(call),
    state: call.phase === "queued" || call.phase === "settled" ? "waiting" : call.phase,
    attempt: call.attempt,
    scheduledAt: call.scheduledAt,
    deadlineAt: call.deadlineAt,
    nextAttemptAt: call.nextAt,
    lastFailure: call.lastFailure,
  };
}

function late(what: string): HoldfastError {
  return new HoldfastError("HF-RESULT-TIMEOUT", `${what} It goes on; ask again.`, {
    class: "state",
    disposition: "retry",
  });
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}

function engineClosed(): HoldfastError {
  return new HoldfastError("HF-ENGINE-CLOSED", "Cannot do this: the engine is closed.", {
    class: "state",
    disposition: "retry",
    outcome: "not-sent",
  });
}
