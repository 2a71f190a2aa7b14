// What a workflow sees. `ctx` is its only source of time, randomness, ids and waiting: that is what makes a
// run replayable.

import type { Activity } from "../activity/definition.ts";
import type { DeclaredFailure, FailureOf } from "../activity/failure.ts";
import type { Duration } from "../base/duration.ts";
import type { Failure } from "../base/error.ts";
import type { Log } from "../base/log.ts";
import type { InputOf, OutputOf } from "../base/schema.ts";
import type { LoopEnd } from "./loop.ts";
import type { Schemas, UpdateSchemas } from "./message.ts";
import type { Memo, Tags } from "./note.ts";
import type { Saga } from "./saga.ts";
import type { Workflow } from "./workflow.ts";

export interface CallOptions {
  /** The user's own name for this decision; at most one effect per name and root. */
  readonly key?: string;
  /** `run` (default): once per root and its generations. `project`: once in the whole project. */
  readonly scope?: "run" | "project";
  /** Name in business terms, for people and audits: "dca-btc/17". Default: root, activity and ordinal. */
  readonly ref?: string;
  /** Overrides the activity's `total` time-out. */
  readonly total?: Duration;
  /**
   * For short work with `effect: "none"` that needs no waiting: the first attempt is made at once, and
   * decision and outcome share one commit. Default false.
   */
  readonly local?: boolean;
}

/** `declared` failures are those of the activity's contract: their code tells the type of their details. */
export type TryResult<Output, F extends DeclaredFailure = DeclaredFailure> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly declared: true; readonly failure: FailureOf<F> }
  | { readonly ok: false; readonly declared: false; readonly failure: Failure };

/** What happens to a child whose parent closes before it. */
export type ParentClose = "cancel" | "terminate" | "abandon";

export interface ChildOptions {
  /** Default: the parent's root, the workflow's name and the n-th child of it. */
  readonly id?: string;
  /** Default "cancel": the child may still clean up. */
  readonly onParentClose?: ParentClose;
  /**
   * When the waiting is cancelled: "wait" (default) asks the child to cancel and waits for its end, "ask" asks
   * and does not wait, "abandon" lets it go on.
   */
  readonly onCancel?: "wait" | "ask" | "abandon";
  readonly tags?: Tags;
  readonly memo?: Memo;
}

/** A run that this one did not start, or whose handle is all that is needed: messages can be sent to it. */
export interface OtherRun<S extends Schemas = Schemas> {
  readonly id: string;
  /** Resolves when the signal stands in the other run's journal. Throws HF-RUN-UNKNOWN, HF-RUN-CLOSED. */
  signal<Name extends keyof S & string>(
    name: Name,
    ...payload: undefined extends InputOf<S[Name]>
      ? [payload?: InputOf<S[Name]>]
      : [payload: InputOf<S[Name]>]
  ): Promise<void>;
  /** Resolves when the other run has been asked to cancel. */
  cancel(reason?: string): Promise<void>;
}

export interface ChildRun<Output, S extends Schemas = Schemas> extends OtherRun<S> {
  readonly runId: string;
  /** The child's output; throws its failure. */
  result(): Promise<Output>;
}

/** A part of a workflow that can be cancelled on its own. It is the promise of its body's value. */
export interface Scope<Value> extends Promise<Value> {
  /** Interrupts what the body waits for with HF-CANCELLED. A money call that was sent is never torn. */
  cancel(reason?: string): void;
}

export interface UpdateHandler<Input, Output> {
  /**
   * Looks at an update before it is accepted; throw to refuse it, which leaves no trace. Pure and synchronous.
   */
  readonly validate?: (input: Input) => void;
  readonly apply: (input: Input) => Output | Promise<Output>;
}

export interface RunInfo {
  /** The workflow id: "dca-btc". */
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  /** The agent this run acts for. */
  readonly account: string;
  /** What keys are made of: the id, salted where a start said `effects: "again"`. */
  readonly root: string;
  /** How often this chain has continued as new. */
  readonly generation: number;
  /** The workflow id of the run that started this one. */
  readonly parent: string | undefined;
  readonly tags: Tags;
  readonly memo: Memo;
  /** History entries of this generation so far. */
  readonly historyLength: number;
  /** True when the run should continue as new soon. */
  readonly continueSuggested: boolean;
}

export interface WorkflowContext<
  S extends Schemas = Schemas,
  Q extends Schemas = Schemas,
  U extends UpdateSchemas = UpdateSchemas,
> {
  readonly info: RunInfo;
  readonly log: Log;

  /** Runs an activity; throws its failure. */
  call<Input, Output>(
    activity: Activity<Input, Output>,
    ...rest: CallArguments<NoInfer<Input>>
  ): Promise<Output>;
  /** Runs an activity; returns its failure. A call in doubt stays pending for both. */
  try<Input, Output, F extends DeclaredFailure>(
    activity: Activity<Input, Output, F>,
    ...rest: CallArguments<NoInfer<Input>>
  ): Promise<TryResult<Output, F>>;

  /** Runs another workflow as a child of this one, and waits for its output; throws its failure. */
  child<Input, Output, CS extends Schemas, CQ extends Schemas, CU extends UpdateSchemas>(
    workflow: Workflow<Input, Output, CS, CQ, CU>,
    ...rest: ChildArguments<NoInfer<Input>>
  ): Promise<Output>;
  /** Starts a child; resolves when it has begun. Throws HF-RUN-EXISTS, HF-INPUT-INVALID. */
  startChild<Input, Output, CS extends Schemas, CQ extends Schemas, CU extends UpdateSchemas>(
    workflow: Workflow<Input, Output, CS, CQ, CU>,
    ...rest: ChildArguments<NoInfer<Input>>
  ): Promise<ChildRun<Output, CS>>;
  /** Another run, by its workflow and id, to send messages to. */
  run<OS extends Schemas, OQ extends Schemas, OU extends UpdateSchemas>(
    // oxlint-disable-next-line typescript/no-explicit-any -- the input varies the other way round
    workflow: Workflow<any, any, OS, OQ, OU>,
    id: string,
  ): OtherRun<OS>;

  /** Waits, durably. Zero and negative: ready at once, still journaled. */
  sleep(duration: Duration): Promise<void>;
  /** Waits until an instant in milliseconds since the epoch, or a Date. */
  sleepUntil(instant: number | Date): Promise<void>;
  /** Waits until the predicate holds, at most so long; tells whether it did. Pure and synchronous. */
  until(predicate: () => boolean, timeout?: Duration): Promise<boolean>;

  onSignal<Name extends keyof S & string>(
    name: Name,
    handler: (payload: OutputOf<S[Name]>) => void | Promise<void>,
  ): void;
  onQuery<Name extends keyof Q & string>(name: Name, handler: () => InputOf<Q[Name]>): void;
  /** Answers an update. Its handler may wait and call; a failure is the sender's, not the run's. */
  onUpdate<Name extends keyof U & string>(
    name: Name,
    handler: UpdateHandler<OutputOf<U[Name]["input"]>, InputOf<U[Name]["output"]>>,
  ): void;

  /** Milliseconds since the epoch, the same on every replay; never goes back in a chain. */
  now(): number;
  /** A number in [0, 1), seeded from root and generation. */
  random(): number;
  uuid(): string;

  /** Makes the run findable by these tags, beside those it has. */
  tag(tags: Tags): void;
  /** Adds to what is shown with the run. */
  memo(memo: Memo): void;
  /**
   * True where new code may act: in runs and places that history has not passed yet. Lets a change of code
   * meet runs that are under way.
   */
  patched(id: string): boolean;

  /** Runs a function whose waits a cancellation does not interrupt: for cleaning up. */
  shield<Value>(body: (ctx: WorkflowContext<S, Q, U>) => Promise<Value>): Promise<Value>;
  /** Runs a function whose waits can be cancelled together, by hand or after a time. */
  scope<Value>(
    body: (ctx: WorkflowContext<S, Q, U>) => Promise<Value>,
    options?: { readonly timeout?: Duration },
  ): Scope<Value>;
  /**
   * Runs a function and, where it throws or is cancelled, undoes what it had registered: in reverse order,
   * shielded from cancellation. Throws what the function threw, or HF-SAGA-INCOMPLETE.
   */
  saga<Value>(
    body: (saga: Saga<WorkflowContext<S, Q, U>>, ctx: WorkflowContext<S, Q, U>) => Promise<Value>,
  ): Promise<Value>;

  /** Closes this run and starts its next generation with this input. */
  continueAs(input: unknown): Promise<never>;
  /**
   * Repeats `body` with the state it returned, for years: continues as new by itself before the history
   * limit. Must come before any other waiting or calling; ends with `return done(value)`.
   */
  loop<State, Value>(
    initial: State,
    body: (state: State) => Promise<State | LoopEnd<Value>>,
  ): Promise<Value>;
}

export type CallArguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : [input: Input, options?: CallOptions];

export type ChildArguments<Input> = undefined extends Input
  ? [input?: Input, options?: ChildOptions]
  : [input: Input, options?: ChildOptions];
