// The coroutine of one run: takes facts one at a time, and collects the commands that the workflow function
// gives in answer. It is pure: it reads no clock, does no input or output, and knows no store. Replaying the
// same facts must give the same commands.

import {
  type CarriedSignal,
  type Command,
  type Encoded,
  type Fact,
  type Failure,
  HISTORY_ENTRIES_MAX,
  HoldfastError,
  type Memo,
  type Tags,
  type UpdateHandler,
  type Workflow,
  type WorkflowContext,
  decode,
  encodePayload,
  fromFailure,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { Answer } from "./answer.ts";
import { CancelScope } from "./cancel-scope.ts";
import { Chance } from "./chance.ts";
import { type Ending, closingOf, continuedOf, final, historyFull } from "./ending.ts";
import { type Owner, ownedBy } from "./floating.ts";
import { Handlers } from "./handlers.ts";
import type { RunIdentity } from "./identity.ts";
import { LazyMap, take } from "./lazy-map.ts";
import type { LoggedLine } from "./logged-line.ts";
import { Notes } from "./notes.ts";
import type { CallWaiter } from "./waiter.ts";
import { Waiting } from "./waiting.ts";

export interface MachineOptions {
  readonly identity: RunIdentity;
  readonly workflow: Workflow;
  /** History entries from which continuing as new is suggested. */
  readonly historySuggest: number;
  /** Makes the context: handed in, because the context knows the machine and not the other way round. */
  readonly context: (machine: Machine) => WorkflowContext;
  /** Whether the run goes on at another engine. Default: never. */
  readonly leaves?: ((machine: Machine) => boolean) | undefined;
  /** Told when code of the workflow acts outside an activation: it awaited something foreign. */
  readonly onForeign: (problem: Failure) => void;
}

export class Machine implements Owner {
  readonly identity: RunIdentity;
  readonly historySuggest: number;
  readonly waiting: Waiting;
  readonly scope: CancelScope = new CancelScope(undefined);
  readonly notes: Notes = new Notes();
  readonly chance: Chance;
  readonly #workflow: Workflow;
  readonly #context: (machine: Machine) => WorkflowContext;
  readonly #onForeign: (problem: Failure) => void;
  readonly leaves: MachineOptions["leaves"];
  readonly #handlers: Handlers;
  readonly #ordinals = new Map<string, number>();
  readonly #patches = new LazyMap<string, true>();
  #commands: Command[] = [];
  #logged: LoggedLine[] = [];
  #ending: Ending | undefined;
  #saidClosing = false;
  #input: Encoded = "";

  /** True while the function may run: between a fact's delivery and the end of its reactions. */
  active = false;
  closed = false;
  problem: Failure | undefined;
  now = 0;
  historyLength = 0;
  /** True once the function has called or waited. */
  hasActed = false;
  loopState: Encoded | undefined;
  isLooping = false;
  /** True while its end stands among the facts of this turn: then no generation follows that nobody would end. */
  isTerminating = false;
  /** While the journal is replayed: the patches, and the state for another engine, that stand at this place of it. */
  replayedPatches: ReadonlySet<string> | undefined;
  replayedLeave: Encoded | undefined;

  constructor(options: MachineOptions) {
    this.identity = options.identity;
    this.historySuggest = options.historySuggest;
    this.#workflow = options.workflow;
    this.#context = options.context;
    this.#onForeign = options.onForeign;
    this.leaves = options.leaves;
    this.chance = new Chance(options.identity);
    this.waiting = new Waiting(options.identity.id);
    this.#handlers = new Handlers(options.workflow, options.identity.id);
  }

  get calls(): ReadonlyMap<number, CallWaiter> {
    return this.waiting.calls;
  }

  /** True when the run should continue as new soon. */
  get continueSuggested(): boolean {
    return this.historyLength >= this.historySuggest;
  }

  get isHandling(): boolean {
    return this.#handlers.running > 0;
  }

  get unhandledSignals(): readonly CarriedSignal[] {
    return this.#handlers.buffered;
  }

  get unansweredUpdates(): Iterable<string> {
    return this.#handlers.unanswered;
  }

  /** Delivers one fact. The caller then lets all promise reactions run and calls `settle`. */
  deliver(fact: Fact, now: number): void {
    this.now = Math.max(this.now, now);
    this.historyLength += 1;
    this.active = true;
    const { waiting } = this;
    switch (fact.kind) {
      case "started":
        this.#start(fact);
        break;
      case "done":
        take(waiting.calls, fact.call)?.resolve(Answer.outputOf(fact));
        break;
      case "failed":
        take(waiting.calls, fact.call)?.reject(fromFailure(fact.failure));
        break;
      case "in-doubt":
      case "quarantined":
      case "awaiting-approval":
      case "resent": {
        const call = waiting.calls.get(fact.call);
        if (call !== undefined) call.parked = fact.kind === "resent" ? undefined : fact.kind;
        break;
      }
      case "fired":
        take(waiting.timers, fact.timer)?.resolve(undefined);
        break;
      case "signal":
        this.#signal(fact);
        break;
      case "update":
        this.#update(fact);
        break;
      case "child-started":
        waiting.children.get(fact.child)?.begun.resolve(fact.runId);
        break;
      case "child-done":
        waiting.openChildren.delete(fact.child);
        take(waiting.children, fact.child)?.ended.resolve(decode(fact.output));
        break;
      case "child-failed": {
        waiting.openChildren.delete(fact.child);
        const child = take(waiting.children, fact.child);
        child?.begun.reject(fromFailure(fact.failure));
        child?.ended.reject(fromFailure(fact.failure));
        break;
      }
      case "sent":
        take(waiting.sends, fact.send)?.resolve(undefined);
        break;
      case "send-failed":
        take(waiting.sends, fact.send)?.reject(fromFailure(fact.failure));
        break;
      case "cancel":
        this.cancel(this.scope, fact.reason);
        break;
      case "terminated":
        this.closed = true;
        this.waiting.clear();
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
      this.waiting.conditions.wake((timer) => {
        if (this.waiting.timers.delete(timer)) this.command({ kind: "timer-cancelled", timer });
      })
    )
      return true;
    if (this.historyLength > HISTORY_ENTRIES_MAX) this.#ending ??= historyFull(this.identity.id);
    if (this.#ending !== undefined) this.#close(this.#ending);
    else if (this.waiting.isEmpty && !this.#handlers.canWake) {
      const foreign = "something that is not of ctx (fetch, a timer, a file)";
      this.bug("HF-FOREIGN-AWAIT", `the workflow waits for ${foreign}: do that in an activity`);
    }
    this.active = false;
    return false;
  }

  /** The commands given since the last call. */
  takeCommands(): Command[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  takeLogged(): readonly LoggedLine[] {
    const logged = this.#logged;
    if (logged.length > 0) this.#logged = [];
    return logged;
  }

  answer(query: string): Encoded {
    return this.#handlers.answer(query);
  }

  /** Why an update is not accepted; undefined where it is. Leaves no trace. */
  refusal(update: Fact & { readonly kind: "update" }): Failure | undefined {
    return this.#handlers.refusal(update, this.closed || this.#ending !== undefined);
  }

  // What follows is for the context.

  /** Checks that the workflow's code may act now. */
  enter(member: string): void {
    if (this.#handlers.looking) {
      throw new HoldfastError(
        "HF-QUERY-COMMAND",
        `Cannot use ctx.${member} in a query handler or a validator: they only read.`,
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
  }

  log(line: LoggedLine): void {
    this.#logged.push(line);
  }

  /** Counts what has no number of its own: calls of an activity, children of a workflow. */
  ordinal(name: string): number {
    const ordinal = this.#ordinals.get(name) ?? 0;
    this.#ordinals.set(name, ordinal + 1);
    return ordinal;
  }

  onSignal(name: string, handler: (payload: unknown) => unknown): void {
    for (const signal of this.#handlers.onSignal(name, handler)) {
      // The sandboxes of other engines have no queueMicrotask.
      void Promise.resolve().then(() => {
        this.#handleSignal(handler, signal.payload);
      });
    }
  }

  onQuery(name: string, handler: () => unknown): void {
    this.#handlers.onQuery(name, handler);
  }

  onUpdate(name: string, handler: UpdateHandler<unknown, unknown>): void {
    this.#handlers.onUpdate(name, handler);
  }

  tag(tags: Tags): void {
    const added = this.notes.tag(tags);
    if (added !== undefined) this.command({ kind: "tags", tags: added });
  }

  memo(memo: Memo): void {
    this.command({ kind: "memo", memo: this.notes.remember(memo) });
  }

  /**
   * A patch is not counted in the history's length: code that no longer asks for it must meet every decision
   * that looks at the length (`ctx.loop`) as before.
   */
  patched(id: string): boolean {
    if (this.#patches.get(id) === true) return true;
    if (this.replayedPatches !== undefined && !this.replayedPatches.has(id)) return false;
    this.#patches.set(id, true);
    this.#commands.push({ kind: "patch", id });
    return true;
  }

  /** Interrupts what waits in a scope. */
  cancel(scope: CancelScope, reason: string): void {
    if (scope.reason !== undefined) return;
    scope.reason = reason;
    this.waiting.interrupt((command) => {
      this.command(command);
    });
  }

  continueAs(input: unknown, loop: Encoded | undefined, elsewhere = false): Promise<never> {
    const what = `the input of workflow ${this.identity.workflow}`;
    this.#ending ??= {
      kind: "continued",
      input:
        loop === undefined
          ? encodePayload(parseWith(this.#workflow.input, input, what), what)
          : this.#input,
      loop,
      elsewhere,
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

  #start(fact: Fact & { readonly kind: "started" }): void {
    this.#input = fact.input;
    this.loopState = fact.loop;
    this.notes.start(fact.tags, fact.memo);
    for (const signal of fact.signals ?? []) this.#handlers.buffer(signal);
    if (fact.notBefore === undefined || fact.notBefore <= this.now) {
      this.#begin(fact.input);
      return;
    }
    const timer = this.waiting.next("timer");
    this.command({ kind: "timer", timer, at: fact.notBefore });
    this.waiting.timers.set(timer, {
      at: fact.notBefore,
      scope: this.scope,
      resolve: () => {
        this.#begin(fact.input);
      },
      reject: (error) => {
        this.#threw(error);
      },
    });
  }

  #begin(input: Encoded): void {
    const ctx = this.#context(this);
    const run = this.#workflow.run as (ctx: unknown, input: unknown) => Promise<unknown>;
    this.#own(() => run(ctx, decode(input))).then(
      (value) => {
        this.#returned(value);
      },
      (error: unknown) => {
        this.#threw(error);
      },
    );
  }

  /** Runs code of the workflow; what it throws at once is a rejection like any other. */
  #own(body: () => unknown): Promise<unknown> {
    try {
      return ownedBy(this, () => Promise.resolve(body()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #returned(value: unknown): void {
    if (!this.#mayEnd("returned") || this.#ending !== undefined) return;
    const what = `the output of workflow ${this.identity.workflow}`;
    try {
      const output = encodePayload(parseWith(this.#workflow.output, value, what), what);
      this.#ending = { kind: "completed", output };
    } catch (error) {
      this.#ending = { kind: "run-failed", failure: final(toFailure(error)) };
    }
  }

  #threw(error: unknown): void {
    if (!this.#mayEnd("threw") || this.#ending !== undefined) return;
    const failure = toFailure(error);
    const { reason } = this.scope;
    this.#ending =
      reason !== undefined && failure.code === "HF-CANCELLED"
        ? { kind: "cancelled", reason }
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

  #signal(fact: Fact & { readonly kind: "signal" }): void {
    const handler = this.#handlers.signal(fact.name);
    if (handler === undefined || this.#ending !== undefined) {
      this.#handlers.buffer({ name: fact.name, payload: fact.payload, id: fact.id });
    } else {
      this.#handleSignal(handler, fact.payload);
    }
  }

  #handleSignal(handler: (payload: unknown) => unknown, payload: Encoded): void {
    this.#handlers.running += 1;
    this.#own(() => handler(decode(payload))).then(
      () => {
        this.#handlers.running -= 1;
      },
      (error: unknown) => {
        this.#handlers.running -= 1;
        this.#threw(error);
      },
    );
  }

  #update({ name, input, id }: Fact & { readonly kind: "update" }): void {
    const handler = this.#handlers.update(name);
    // Accepted once, so it had a handler; code that has none any more gives no answer, which replay notices.
    if (handler === undefined) return;
    this.#handlers.running += 1;
    this.#handlers.accepted += 1;
    this.#handlers.unanswered.add(id);
    const answer = (command: Command): void => {
      this.#handlers.running -= 1;
      this.#handlers.unanswered.delete(id);
      if (this.#mayEnd("answered an update")) this.command(command);
    };
    const what = `the answer of update ${name}`;
    this.#own(() => handler.apply(decode(input)))
      .then((value) => encodePayload(parseWith(this.#updateOutput(name), value, what), what))
      .then(
        (output) => {
          answer({ kind: "update-done", id, output });
        },
        (error: unknown) => {
          answer({ kind: "update-failed", id, failure: final(toFailure(error)) });
        },
      );
  }

  #updateOutput(name: string): Workflow["output"] {
    return this.#workflow.updates[name]?.output as Workflow["output"];
  }

  #close(ending: Ending): void {
    if (this.waiting.hasOpenMoney || (ending.kind === "continued" && this.#mustRest(ending))) {
      if (!this.#saidClosing) this.command(closingOf(ending));
      this.#saidClosing = true;
      return;
    }
    if (ending.kind === "continued" && this.isTerminating) return;
    for (const call of this.waiting.calls.keys()) this.command({ kind: "call-cancelled", call });
    this.waiting.clear();
    this.command(
      ending.kind === "continued" ? continuedOf(ending, this.#handlers.buffered) : ending,
    );
    this.closed = true;
  }

  /** Before it continues as new, a run waits for its handlers; a loop also for the children it started. */
  #mustRest(ending: Ending & { readonly kind: "continued" }): boolean {
    if (this.#handlers.running > 0) return true;
    if (ending.loop === undefined) return false;
    for (const child of this.waiting.openChildren.values()) {
      if (child.onParentClose !== "abandon") return true;
    }
    return false;
  }
}
