// The coroutine of one run: takes facts one at a time, and collects the commands that the workflow function
// gives in answer. It is pure: it reads no clock, does no input or output, and knows no store. Replaying the
// same facts must give the same commands.

import {
  type Activity,
  type CarriedSignal,
  type Command,
  type Encoded,
  type Fact,
  type Failure,
  HISTORY_ENTRIES_MAX,
  HoldfastError,
  type Log,
  type LogFields,
  type Random,
  type Workflow,
  type WorkflowContext,
  decode,
  encode,
  fromFailure,
  parseWith,
  seededRandom,
  toFailure,
} from "@holdfast/core";
import { cancelled } from "./cancelled.ts";
import { Conditions } from "./conditions.ts";
import { type Ending, final, historyFull } from "./ending.ts";
import { type Owner, ownedBy } from "./floating.ts";
import type { Waiter } from "./waiter.ts";

/** What a run is, apart from what has happened to it. */
export interface RunIdentity {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly namespace: string;
  readonly root: string;
  readonly generation: number;
}

/** A line that the workflow logged: told to the world only after the commit, and never on replay. */
export interface LoggedLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface CallWaiter extends Waiter {
  readonly activity: Activity;
  readonly command: Command & { readonly kind: "call" };
  inDoubt: boolean;
}

export interface TimerWaiter extends Waiter {
  readonly at: number;
}

export interface MachineOptions {
  readonly identity: RunIdentity;
  readonly workflow: Workflow;
  /** History entries from which continuing as new is suggested. */
  readonly historySuggest: number;
  /** Makes the context: handed in, because the context knows the machine and not the other way round. */
  readonly context: (machine: Machine) => WorkflowContext;
  /** Told when code of the workflow acts outside an activation: it awaited something foreign. */
  readonly onForeign: (problem: Failure) => void;
}

export class Machine implements Owner {
  readonly identity: RunIdentity;
  readonly historySuggest: number;
  readonly calls = new Map<number, CallWaiter>();
  readonly timers = new Map<number, TimerWaiter>();
  readonly #workflow: Workflow;
  readonly #context: (machine: Machine) => WorkflowContext;
  readonly #onForeign: (problem: Failure) => void;
  readonly #signalHandlers = new Map<string, (payload: unknown) => unknown>();
  readonly #queryHandlers = new Map<string, () => unknown>();
  readonly #ordinals = new Map<string, number>();
  readonly conditions: Conditions = new Conditions();
  #bufferedSignals: CarriedSignal[] = [];
  #random: Random | undefined;
  readonly #commands: Command[] = [];
  readonly #logged: LoggedLine[] = [];
  #nextCall = 0;
  #nextTimer = 0;
  #runningHandlers = 0;
  #ending: Ending | undefined;
  #saidClosing = false;
  #input: Encoded = "";

  /** True while the function may run: between a fact's delivery and the end of its reactions. */
  active = false;
  answering = false;
  closed = false;
  cancelReason: string | undefined;
  problem: Failure | undefined;
  now = 0;
  historyLength = 0;
  commandCount = 0;
  loopState: Encoded | undefined;

  constructor(options: MachineOptions) {
    this.identity = options.identity;
    this.historySuggest = options.historySuggest;
    this.#workflow = options.workflow;
    this.#context = options.context;
    this.#onForeign = options.onForeign;
  }

  get random(): Random {
    this.#random ??= seededRandom(
      encode([this.identity.namespace, this.identity.root, this.identity.generation]),
    );
    return this.#random;
  }

  /** Delivers one fact. The caller then lets all promise reactions run and calls `settle`. */
  deliver(fact: Fact, now: number): void {
    this.now = Math.max(this.now, now);
    this.historyLength += 1;
    this.active = true;
    switch (fact.kind) {
      case "started":
        this.#start(fact);
        break;
      case "done":
        this.#takeCall(fact.call)?.resolve(decode(fact.output));
        break;
      case "failed":
        this.#takeCall(fact.call)?.reject(fromFailure(fact.failure));
        break;
      case "in-doubt":
      case "resent": {
        const call = this.calls.get(fact.call);
        if (call !== undefined) call.inDoubt = fact.kind === "in-doubt";
        break;
      }
      case "fired": {
        const timer = this.timers.get(fact.timer);
        this.timers.delete(fact.timer);
        timer?.resolve(undefined);
        break;
      }
      case "signal":
        this.#signal(fact);
        break;
      case "cancel":
        this.#cancel(fact.reason);
        break;
      case "terminated":
        this.closed = true;
        this.calls.clear();
        this.timers.clear();
        break;
    }
  }

  /**
   * After all reactions: true when predicates that now hold have set more code going, so that the reactions
   * must run once more; false when the function has come to rest.
   */
  settle(): boolean {
    if (this.closed || this.problem !== undefined) {
      this.active = false;
      return false;
    }
    if (
      this.conditions.wake((timer) => {
        this.#dropTimer(timer);
      })
    )
      return true;
    if (this.historyLength > HISTORY_ENTRIES_MAX) this.#ending ??= historyFull(this.identity.id);
    if (this.#ending !== undefined) this.#close(this.#ending);
    else if (this.#isLost()) {
      const foreign = "something that is not of ctx (fetch, a timer, a file)";
      this.bug("HF-FOREIGN-AWAIT", `the workflow waits for ${foreign}: do that in an activity`);
    }
    this.active = false;
    return false;
  }

  /** The commands given since the last call. */
  takeCommands(): Command[] {
    return this.#commands.splice(0);
  }

  takeLogged(): LoggedLine[] {
    return this.#logged.splice(0);
  }

  get unhandledSignals(): readonly CarriedSignal[] {
    return this.#bufferedSignals;
  }

  /** The earliest timer. */
  get wakeAt(): number | undefined {
    let earliest: number | undefined;
    for (const timer of this.timers.values()) {
      if (earliest === undefined || timer.at < earliest) earliest = timer.at;
    }
    return earliest;
  }

  answer(query: string): Encoded {
    const handler = this.#queryHandlers.get(query);
    if (handler === undefined) {
      const known = [...this.#queryHandlers.keys()];
      throw new HoldfastError(
        "HF-QUERY-UNKNOWN",
        `Cannot query "${query}" of run "${this.identity.id}": ${known.length === 0 ? "it answers no queries" : `it answers ${known.join(", ")}`}.`,
        { class: "data", disposition: "refused", outcome: "not-sent" },
      );
    }
    this.answering = true;
    try {
      return encode(handler());
    } finally {
      this.answering = false;
    }
  }

  // What follows is for the context.

  /** Checks that the workflow's code may act now. */
  enter(member: string): void {
    if (this.answering) {
      throw new HoldfastError(
        "HF-QUERY-COMMAND",
        `Cannot use ctx.${member} in a query handler: a query only reads.`,
      );
    }
    if (this.active && this.problem === undefined) return;
    const problem = new HoldfastError(
      "HF-FOREIGN-AWAIT",
      `Cannot use ctx.${member} in workflow "${this.identity.workflow}" here: the code went on after awaiting something that is not of ctx (fetch, a timer, a file). Do that in an activity.`,
    );
    this.problem ??= { ...toFailure(problem), ...(problem.stack ? { stack: problem.stack } : {}) };
    this.#onForeign(this.problem);
    throw problem;
  }

  command(command: Command): void {
    this.#commands.push(command);
    this.historyLength += 1;
    this.commandCount += 1;
  }

  log(line: LoggedLine): void {
    this.#logged.push(line);
  }

  ordinal(activity: string): number {
    const ordinal = this.#ordinals.get(activity) ?? 0;
    this.#ordinals.set(activity, ordinal + 1);
    return ordinal;
  }

  nextCall(): number {
    return this.#nextCall++;
  }

  nextTimer(): number {
    return this.#nextTimer++;
  }

  onSignal(name: string, handler: (payload: unknown) => unknown): void {
    this.#requireDeclared(this.#workflow.signals, name, "signal");
    this.#signalHandlers.set(name, handler);
    const waiting = this.#bufferedSignals.filter((signal) => signal.name === name);
    if (waiting.length === 0) return;
    this.#bufferedSignals = this.#bufferedSignals.filter((signal) => signal.name !== name);
    for (const signal of waiting) {
      queueMicrotask(() => {
        this.#handle(handler, signal.payload);
      });
    }
  }

  onQuery(name: string, handler: () => unknown): void {
    this.#requireDeclared(this.#workflow.queries, name, "query");
    this.#queryHandlers.set(name, handler);
  }

  continueAs(input: unknown, loop: Encoded | undefined): Promise<never> {
    this.#ending ??= {
      kind: "continued",
      input:
        loop === undefined
          ? encode(
              parseWith(
                this.#workflow.input,
                input,
                `the input of workflow ${this.identity.workflow}`,
              ),
            )
          : this.#input,
      loop,
    };
    return new Promise<never>(() => undefined);
  }

  /** A bug of the code: the run waits, stuck, for code that fits. */
  bug(code: string, message: string, details: Failure["details"] = {}): Failure {
    const { id, workflow } = this.identity;
    const text = `Cannot go on with run "${id}" of workflow "${workflow}": ${message}.`;
    this.problem ??= toFailure(new HoldfastError(code, text, { details }));
    this.active = false;
    return this.problem;
  }

  /** A promise of the workflow's own was rejected, and nothing handles it. */
  onFloating(reason: unknown): void {
    const { message } = toFailure(reason);
    const why = `a promise was rejected and nobody handles it (${message}): await it, or catch it`;
    this.#lose("HF-FLOATING-REJECTION", why);
  }

  #requireDeclared(schemas: Readonly<Record<string, unknown>>, name: string, what: string): void {
    if (Object.hasOwn(schemas, name)) return;
    throw new HoldfastError(
      "HF-MESSAGE-UNKNOWN",
      `Cannot handle ${what} "${name}": workflow "${this.identity.workflow}" does not declare it.`,
    );
  }

  #start(fact: Fact & { readonly kind: "started" }): void {
    this.#input = fact.input;
    this.loopState = fact.loop;
    this.#bufferedSignals.push(...(fact.signals ?? []));
    if (fact.notBefore !== undefined && fact.notBefore > this.now) {
      const timer = this.nextTimer();
      this.command({ kind: "timer", timer, at: fact.notBefore });
      const begin = (): void => {
        this.#begin(fact.input);
      };
      this.timers.set(timer, {
        at: fact.notBefore,
        shielded: false,
        resolve: begin,
        reject: (error) => {
          this.#threw(error);
        },
      });
    } else {
      this.#begin(fact.input);
    }
  }

  #begin(input: Encoded): void {
    const ctx = this.#context(this);
    const run = this.#workflow.run as (ctx: unknown, input: unknown) => Promise<unknown>;
    let outcome: Promise<unknown>;
    try {
      outcome = ownedBy(this, () => Promise.resolve(run(ctx, decode(input))));
    } catch (error) {
      outcome = Promise.reject(error);
    }
    outcome.then(
      (value) => {
        this.#returned(value);
      },
      (error: unknown) => {
        this.#threw(error);
      },
    );
  }

  #returned(value: unknown): void {
    if (!this.#mayEnd("returned") || this.#ending !== undefined) return;
    try {
      const output = parseWith(
        this.#workflow.output,
        value,
        `the output of workflow ${this.identity.workflow}`,
      );
      this.#ending = { kind: "completed", output: encode(output) };
    } catch (error) {
      this.#ending = { kind: "run-failed", failure: final(toFailure(error)) };
    }
  }

  #threw(error: unknown): void {
    if (!this.#mayEnd("threw") || this.#ending !== undefined) return;
    const failure = toFailure(error);
    this.#ending =
      this.cancelReason !== undefined && failure.code === "HF-CANCELLED"
        ? { kind: "cancelled", reason: this.cancelReason }
        : { kind: "run-failed", failure: final(failure) };
  }

  #mayEnd(how: string): boolean {
    if (this.active) return true;
    const foreign = "after awaiting something that is not of ctx (fetch, a timer, a file)";
    this.#lose("HF-FOREIGN-AWAIT", `the workflow ${how} ${foreign}: do that in an activity`);
    return false;
  }

  /** A bug that shows while the run's code should rest: whoever keeps the run is told. */
  #lose(code: string, message: string): void {
    if (this.problem !== undefined || this.closed) return;
    this.#onForeign(this.bug(code, message));
  }

  #dropTimer(timer: number): void {
    if (this.timers.delete(timer)) this.command({ kind: "timer-cancelled", timer });
  }

  #takeCall(call: number): CallWaiter | undefined {
    const waiter = this.calls.get(call);
    this.calls.delete(call);
    return waiter;
  }

  #signal(fact: Fact & { readonly kind: "signal" }): void {
    const handler = this.#signalHandlers.get(fact.name);
    if (handler === undefined || this.#ending !== undefined) {
      this.#bufferedSignals.push({ name: fact.name, payload: fact.payload, id: fact.id });
    } else {
      this.#handle(handler, fact.payload);
    }
  }

  #handle(handler: (payload: unknown) => unknown, payload: Encoded): void {
    this.#runningHandlers += 1;
    const finished = (): void => {
      this.#runningHandlers -= 1;
    };
    let outcome: Promise<unknown>;
    try {
      outcome = ownedBy(this, () => Promise.resolve(handler(decode(payload))));
    } catch (error) {
      outcome = Promise.reject(error);
    }
    outcome.then(finished, (error: unknown) => {
      finished();
      this.#threw(error);
    });
  }

  #cancel(reason: string): void {
    if (this.cancelReason !== undefined) return;
    this.cancelReason = reason;
    const error = cancelled(this.identity.id, reason);
    for (const [call, waiter] of this.calls) {
      // A money call is never torn: the engine lets it settle, and the next wait is refused.
      if (waiter.shielded || waiter.command.effect === "money") continue;
      this.calls.delete(call);
      this.command({ kind: "call-cancelled", call });
      waiter.reject(error);
    }
    for (const [timer, waiter] of this.timers) {
      if (waiter.shielded) continue;
      this.timers.delete(timer);
      this.command({ kind: "timer-cancelled", timer });
      waiter.reject(error);
    }
    this.conditions.interrupt(error);
  }

  #close(ending: Ending): void {
    let openMoney = false;
    for (const call of this.calls.values()) if (call.command.effect === "money") openMoney = true;
    if (openMoney || (ending.kind === "continued" && this.#runningHandlers > 0)) {
      if (!this.#saidClosing) this.command({ kind: "closing" });
      this.#saidClosing = true;
      return;
    }
    for (const call of this.calls.keys()) this.command({ kind: "call-cancelled", call });
    this.calls.clear();
    this.timers.clear();
    this.conditions.clear();
    if (ending.kind === "continued") {
      const signals = this.#bufferedSignals;
      this.command({
        kind: "continued",
        input: ending.input,
        ...(ending.loop === undefined ? {} : { loop: ending.loop }),
        ...(signals.length === 0 ? {} : { signals }),
      });
    } else {
      this.command(ending);
    }
    this.closed = true;
  }

  /** Nothing of ctx can wake the function and it has not ended: it waits for something foreign. */
  #isLost(): boolean {
    return (
      this.calls.size === 0 &&
      this.timers.size === 0 &&
      this.conditions.isEmpty &&
      this.#signalHandlers.size === 0
    );
  }
}
