// What a workflow sees. `ctx` is its only source of time, randomness, ids and waiting: that is what makes a
// run replayable.

import type { Activity } from "../activity/definition.ts";
import type { Duration } from "../base/duration.ts";
import type { Failure } from "../base/error.ts";
import type { Log } from "../base/log.ts";
import type { InputOf, OutputOf } from "../base/schema.ts";
import type { LoopEnd } from "./loop.ts";
import type { Schemas } from "./message.ts";

export interface CallOptions {
  /** The user's own name for this decision; at most one effect per name and root. */
  readonly key?: string;
  /** `run` (default): once per root and its generations. `project`: once in the whole project. */
  readonly scope?: "run" | "project";
  /** Name in business terms, for people and audits: "dca-btc/17". Default: root, activity and ordinal. */
  readonly ref?: string;
  /** Overrides the activity's `total` time-out. */
  readonly total?: Duration;
}

export type TryResult<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly failure: Failure };

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
  /** History entries of this generation so far. */
  readonly historyLength: number;
  /** True when the run should continue as new soon. */
  readonly continueSuggested: boolean;
}

export interface WorkflowContext<S extends Schemas = Schemas, Q extends Schemas = Schemas> {
  readonly info: RunInfo;
  readonly log: Log;

  /** Runs an activity; throws its failure. */
  call<Input, Output>(
    activity: Activity<Input, Output>,
    ...rest: CallArguments<NoInfer<Input>>
  ): Promise<Output>;
  /** Runs an activity; returns its failure. A call in doubt stays pending for both. */
  try<Input, Output>(
    activity: Activity<Input, Output>,
    ...rest: CallArguments<NoInfer<Input>>
  ): Promise<TryResult<Output>>;

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

  /** Milliseconds since the epoch, the same on every replay; never goes back in a chain. */
  now(): number;
  /** A number in [0, 1), seeded from root and generation. */
  random(): number;
  uuid(): string;

  /** Runs a function whose waits a cancellation does not interrupt: for cleaning up. */
  shield<Value>(body: (ctx: WorkflowContext<S, Q>) => Promise<Value>): Promise<Value>;
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
