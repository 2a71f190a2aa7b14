// An activity: a function with side effects, called by a workflow. Its definition is a frozen plain object
// with a stable name, because that name stands in journals.

import { type Duration, durationMs } from "../base/duration.ts";
import { HoldfastError } from "../base/error.ts";
import { parseId } from "../base/id.ts";
import type { Usdc } from "../base/money.ts";
import { type InputOf, type OutputOf, type Schema, refuseAsynchronous } from "../base/schema.ts";
import { type RetryOptions, type RetryPolicy, retryPolicy } from "../policy/retry.ts";
import type { GuardedCommand, Observation } from "./command.ts";
import type { ActivityContext } from "./context.ts";
import type { Effect } from "./effect.ts";
import type { DeclaredFailure } from "./failure.ts";
import type { Resource } from "./resource.ts";

/** The four time-outs. `total` is how late the effect may still happen. */
export interface TimeoutOptions {
  /** From scheduling to the first attempt's start. Default: none. */
  readonly queued?: Duration;
  /** One attempt. Default 1 min. */
  readonly attempt?: Duration;
  /** From scheduling to the last possible end. Default 1 h; required for money. */
  readonly total?: Duration;
  /** Longest silence between two heartbeats. Default: none. */
  readonly heartbeat?: Duration;
}

export interface Timeouts {
  readonly queuedMs: number | undefined;
  readonly attemptMs: number;
  readonly totalMs: number;
  readonly heartbeatMs: number | undefined;
}

export const ATTEMPT_TIMEOUT_MS = 60_000;
export const TOTAL_TIMEOUT_MS = 3_600_000;

/** What `reconcile` found out about an effect whose outcome was unknown. */
export type Reconciliation<Output> =
  | { readonly kind: "done"; readonly output: Output }
  | { readonly kind: "not-done" }
  | {
      readonly kind: "unknown";
      readonly reason: string;
      /** True where asking again would tell no more: a person is asked at once. */
      readonly lasting?: boolean;
    };

interface CommonOptions<I extends Schema, O extends Schema, F extends DeclaredFailure> {
  readonly name: string;
  readonly input: I;
  readonly output: O;
  readonly uses?: Readonly<Record<string, Resource<never>>>;
  /** Named waiting line. Default "default". */
  readonly queue?: string;
  readonly retry?: RetryOptions;
  /**
   * Group of operations at its venue, whose health is watched together: the breaker is "venue/group". Default "read"
   * with effect "none", "write" otherwise.
   */
  readonly group?: string;
  /**
   * With effect "none": a second try begins within the attempt when the first has not answered after so long. The
   * first answer counts, and the other try is aborted.
   */
  readonly hedge?: { readonly after: Duration };
  /**
   * `"thread"`: attempts run in a thread of their own, for work that would hold up the event loop. Needs
   * `module`; not for money, and without `a.use` and `a.completeLater`.
   */
  readonly isolate?: "thread";
  /**
   * `import.meta.url` of the module that exports the activity. A thread imports it anew, so it should do
   * nothing but define.
   */
  readonly module?: string;
  /** Failures that callers may expect: `ctx.try` tells their details by their code. */
  readonly failures?: readonly F[];
  readonly run: (input: OutputOf<I>, a: ActivityContext) => Promise<InputOf<O>> | InputOf<O>;
  /**
   * What the guard judges before the effect leaves. Pure: made of the input alone. A money activity without it is
   * refused where the project has a guard, unless the guard lists it.
   */
  readonly guard?: (input: OutputOf<I>) => GuardedCommand;
  /** What it did cost, of what was reserved. Pure. Default: all of it. */
  readonly cost?: (output: OutputOf<O>, input: OutputOf<I>) => Usdc;
  /** What its answer tells the guard. Pure. */
  readonly observe?: (output: OutputOf<O>, input: OutputOf<I>) => readonly Observation[];
  /** Asks the venue whether the effect happened. Required for money where the venue honours no keys. */
  readonly reconcile?: (
    input: OutputOf<I>,
    a: ActivityContext,
  ) => Promise<Reconciliation<InputOf<O>>> | Reconciliation<InputOf<O>>;
}

export type ActivityOptions<
  I extends Schema,
  O extends Schema,
  F extends DeclaredFailure = DeclaredFailure,
> = CommonOptions<I, O, F> &
  (
    | { readonly effect: "money"; readonly timeouts: TimeoutOptions & { readonly total: Duration } }
    | { readonly effect: "none" | "external"; readonly timeouts?: TimeoutOptions }
  );

/** An activity as its callers see it: `Input` is what they pass, `Output` what they get. */
export interface Activity<
  Input = unknown,
  Output = unknown,
  F extends DeclaredFailure = DeclaredFailure,
> {
  readonly kind: "activity";
  readonly name: string;
  readonly input: Schema<Input, unknown>;
  readonly output: Schema<unknown, Output>;
  readonly effect: Effect;
  readonly uses: Readonly<Record<string, Resource>>;
  readonly queue: string;
  readonly retry: RetryPolicy;
  /** Group of operations at its venue. */
  readonly group: string;
  /** After how long without an answer a second try begins, in milliseconds; undefined where none does. */
  readonly hedgeMs: number | undefined;
  readonly timeouts: Timeouts;
  /** The module that a thread imports; undefined where attempts run on the event loop. */
  readonly thread: string | undefined;
  readonly failures: readonly F[];
  readonly run: (input: never, a: ActivityContext) => unknown;
  readonly guard: ((input: never) => GuardedCommand) | undefined;
  readonly cost: ((output: never, input: never) => Usdc) | undefined;
  readonly observe: ((output: never, input: never) => readonly Observation[]) | undefined;
  readonly reconcile:
    | ((
        input: never,
        a: ActivityContext,
      ) => Promise<Reconciliation<unknown>> | Reconciliation<unknown>)
    | undefined;
}

/**
 * Defines an activity.
 *
 * @throws HF-ACTIVITY-INVALID when a money activity has no `total` or asks for a thread, a thread has no
 *   `module`, or something that acts, or runs in a thread, asks for a hedge; HF-ID-INVALID; HF-SCHEMA-ASYNC
 * @example
 * const greet = activity({
 *   name: "example.greet", input: z.string(), output: z.string(), effect: "none",
 *   run: (name) => `Hello ${name}`,
 * });
 */
export function activity<I extends Schema, O extends Schema, F extends DeclaredFailure = never>(
  options: ActivityOptions<I, O, F>,
): Activity<InputOf<I>, OutputOf<O>, F> {
  const name = parseId(options.name, "activity name");
  refuseAsynchronous(options.input, `the input of activity ${name}`);
  refuseAsynchronous(options.output, `the output of activity ${name}`);
  if (options.effect === "money" && options.timeouts?.total === undefined) {
    throw invalid(
      name,
      'a money activity must say how late its effect may still happen (timeouts: { total: "5m" })',
    );
  }
  const definition: Activity<InputOf<I>, OutputOf<O>, F> = Object.freeze({
    kind: "activity",
    name,
    input: options.input as unknown as Schema<InputOf<I>, unknown>,
    output: options.output as unknown as Schema<unknown, OutputOf<O>>,
    effect: options.effect,
    uses: Object.freeze({ ...options.uses }) as unknown as Readonly<Record<string, Resource>>,
    queue: options.queue ?? "default",
    retry: retryPolicy(options.retry),
    group: parseId(
      options.group ?? (options.effect === "none" ? "read" : "write"),
      `group of activity ${name}`,
    ),
    hedgeMs: hedgeOf(name, options),
    timeouts: timeouts(options.timeouts),
    thread: threadOf(name, options),
    failures: options.failures ?? [],
    run: options.run,
    guard: options.guard,
    cost: options.cost,
    observe: options.observe,
    reconcile: options.reconcile,
  });
  defined.set(name, definition);
  return definition;
}

/** A thread is ended with its attempt: an effect with money must never be torn like that. */
function threadOf(
  name: string,
  {
    isolate,
    module,
    effect,
  }: Pick<CommonOptions<Schema, Schema, never>, "isolate" | "module"> & {
    readonly effect: Effect;
  },
): string | undefined {
  if (isolate === undefined) return undefined;
  if (effect === "money") {
    throw invalid(name, "a money activity cannot run in a thread; let another activity calculate");
  }
  if (module === undefined) {
    throw invalid(name, "a thread must know what to import (module: import.meta.url)");
  }
  return module;
}

/** Two tries at once act twice: only what does not act may be hedged. */
function hedgeOf(
  name: string,
  {
    hedge,
    isolate,
    effect,
  }: Pick<CommonOptions<Schema, Schema, never>, "hedge" | "isolate"> & { readonly effect: Effect },
): number | undefined {
  if (hedge === undefined) return undefined;
  if (effect !== "none")
    throw invalid(name, `an activity with effect "${effect}" cannot be hedged: it would act twice`);
  if (isolate !== undefined) throw invalid(name, "an activity in a thread cannot be hedged");
  const ms = durationMs(hedge.after);
  if (ms <= 0) throw invalid(name, 'a hedge begins after some time (hedge: { after: "500ms" })');
  return ms;
}

function invalid(name: string, why: string): HoldfastError {
  return new HoldfastError("HF-ACTIVITY-INVALID", `Cannot define activity "${name}": ${why}.`);
}

function timeouts(options: TimeoutOptions = {}): Timeouts {
  const optional = (value: Duration | undefined): number | undefined =>
    value === undefined ? undefined : durationMs(value);
  return Object.freeze({
    queuedMs: optional(options.queued),
    attemptMs: optional(options.attempt) ?? ATTEMPT_TIMEOUT_MS,
    totalMs: optional(options.total) ?? TOTAL_TIMEOUT_MS,
    heartbeatMs: optional(options.heartbeat),
  });
}

/**
 * Activities by name, as they were defined in this process: a worker of another server is asked for them by name and
 * never sees the workflows that call them. The last definition of a name counts.
 */
const defined = new Map<string, Activity>();

/** The activity of this name that was defined last; undefined where none was. */
export function definedActivity(name: string): Activity | undefined {
  return defined.get(name);
}

/** All activities that were defined in this process. */
export function definedActivities(): readonly Activity[] {
  return [...defined.values()];
}
