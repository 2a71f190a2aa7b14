// One attempt of a call, as an activity of the SDK: told by its envelope what it is of, run under its time-outs,
// and ended by the same rules as on the embedded engine. What the server must do next stands in its failure.

import {
  type Activity,
  type Clock,
  type Encoded,
  type Failure,
  type HoldfastError,
  type Log,
  type Provided,
  type Random,
  type VenueCapabilities,
  encode,
  toFailure,
} from "@holdfast/core";
import {
  ASSUMED_VENUE,
  type AttemptHost,
  AttemptContext,
  AttemptSignal,
  type AttemptedCall,
  type CallSituation,
  LATER,
  type Resources,
  type Verdict,
  afterFailure,
  attemptAborted,
  callKey,
  encodeOutput,
  interrupted,
  neverStarted,
  notSentIfInvalid,
  parsedInput,
  queuedTooLong,
  timedOut,
  unreadable,
  venueOf,
} from "@holdfast/engine/activity-side";
import { ApplicationFailure } from "@temporalio/common";
import type { Beat, CallEnvelope, Judgement } from "../workflow/protocol.ts";
import { failureTree, treeOf } from "../workflow/tree.ts";
import { type Left, defined } from "./left.ts";
import { ThreadLine } from "./thread-line.ts";

export interface AttemptsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly resources: Resources;
  readonly provided: readonly Provided[];
  /** What completes a call from outside; absent where there is no secret to make it of. */
  readonly token: ((envelope: CallEnvelope, key: string, activity: string) => string) | undefined;
  /** The last heartbeat from outside. */
  readonly beatOf: (envelope: CallEnvelope) => Promise<Beat | undefined>;
}

/** What the SDK gives an attempt. */
export interface Given {
  readonly activity: Activity;
  readonly input: Encoded;
  readonly envelope: CallEnvelope;
  /** The server's count of attempts, from 1. */
  readonly attempt: number;
  /** Its id at the server. */
  readonly activityId: string;
  readonly isLocal: boolean;
  /** What the attempt before left. */
  readonly before: Left;
  /** Tells the server that the attempt is alive, and what the next one is to know. */
  readonly beat: (left: Left) => void;
  /** Like a beat, fulfilled when the server has it. */
  readonly keep: (left: Left) => Promise<void>;
  /** Aborted when the server was asked to cancel. */
  readonly cancelled: AbortSignal;
  /** Aborted when the worker stops and waits no longer. */
  readonly abandoned: AbortSignal;
}

/** A call as its attempt's context sees it. */
export interface Call extends AttemptedCall {
  readonly given: Given;
  readonly venue: VenueCapabilities;
  readonly deadlineAt: number;
  phase: "running";
  attempt: number;
  sentAt: number | undefined;
  heartbeat: Encoded | undefined;
}

/** How the body of an attempt ended. */
export type Ended =
  | { readonly kind: "answered"; readonly output: Encoded }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "later" };

/** How long somebody else has time. */
export interface Elsewhere {
  readonly at: number;
  /** How the call has failed then. */
  readonly failure: Failure;
}

export interface AttemptHooks {
  /** Keeps details; default: the server does. */
  readonly keep?: (details: Encoded) => Promise<void>;
  /** Told of the answer of an attempt that was given up. */
  readonly onLate?: (output: Encoded) => Promise<void>;
}

export class Attempts {
  readonly options: AttemptsOptions;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly #threads: ThreadLine<Call>;
  #inFlight = 0;
  #waiting = 0;

  constructor(options: AttemptsOptions) {
    this.options = options;
    this.#threads = new ThreadLine(options);
    this.venues = new Map(
      options.provided.flatMap(({ resource, venue }) =>
        venue === undefined ? [] : [[resource.name, venue] as const],
      ),
    );
  }

  /** Ends the threads, whatever they do. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  /** Bodies that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The calls whose bodies run. */
  readonly running = new Set<Call>();

  /** Attempts that wait until they are due. */
  get waiting(): number {
    return this.#waiting;
  }

  callOf(given: Given): Call {
    const { envelope, activity, before } = given;
    const { call, key, ref, ordinal, totalMs, scheduledAt } = envelope;
    return {
      given,
      activity,
      venue: activity.effect === "money" ? venueOf(activity, this.venues).venue : ASSUMED_VENUE,
      identity: { ...envelope, parent: envelope.parent },
      command: {
        kind: "call",
        call,
        activity: activity.name,
        effect: activity.effect,
        input: given.input,
        key,
        ref,
        ordinal,
        totalMs,
      },
      deadlineAt: scheduledAt + totalMs,
      phase: "running",
      attempt: (before.begun ?? 0) + 1,
      sentAt: undefined,
      heartbeat: before.details,
    };
  }

  /** An attempt of a call without money: what the server knows of it is enough. */
  async run(given: Given): Promise<unknown> {
    const call = this.callOf(given);
    const { before, envelope } = given;
    const { told, begun } = envelope.again ?? {};
    // Said once, and not judged yet.
    if (told !== undefined && before.verdict === undefined && before.begun === begun)
      throw this.#endedBefore(call, told);
    await this.awaitTurn(call);
    if (before.verdict === "later" && before.lastFailure !== undefined) {
      await this.awaitBeats(call);
      // Nobody has completed it.
      throw this.#endedBefore(call, before.lastFailure);
    }
    using _thread = await this.#threadFor(call);
    const refused = this.refusal(call);
    if (refused !== undefined) throw this.ended(call, { kind: "fail", failure: refused }, refused);
    const ended = await this.attempt(call);
    switch (ended.kind) {
      case "answered":
        return this.answer(call, ended.output);
      case "later":
        throw this.later(call);
      case "failed":
        throw this.ended(call, this.judge(call, ended.failure), ended.failure);
    }
  }

  /** Waits until the attempt is due: a server's clock may be ahead, and held time is not the server's. */
  async awaitTurn({ given }: Call): Promise<void> {
    const { before, envelope, abandoned, activity } = given;
    // Whoever has money elsewhere may still move it: a cancellation does not end that wait.
    const isKept = before.verdict === "later" && activity.effect === "money";
    const cancelled = isKept ? NEVER : given.cancelled;
    const at = Math.max(before.nextAt ?? 0, envelope.again?.notBefore ?? 0);
    const { clock } = this.options;
    if (at <= clock.now() || cancelled.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(at, resolve);
    for (const signal of [cancelled, abandoned])
      signal.addEventListener("abort", () => resolve(), { once: true });
    this.#waiting += 1;
    await promise;
    this.#waiting -= 1;
    timer.cancel();
    if (!abandoned.aborted || cancelled.aborted) return;
    // The worker stops: another one waits on.
    const judgement = { verdict: before.verdict ?? "retry", at } as const;
    const failure = before.lastFailure ?? toFailure(interrupted({ activity: given.activity }));
    throw failureOf(failure, judgement, given, clock.now());
  }

  /** The attempt before failed elsewhere. */
  #endedBefore(call: Call, failure: Failure): ApplicationFailure {
    const attempt = Math.max(1, call.attempt - 1);
    return this.ended(call, this.judge(call, failure, { attempt }), failure);
  }

  /** Waits on where somebody outside has beaten for the call; it has the last one's details. */
  async awaitBeats(call: Call): Promise<void> {
    const { heartbeatMs } = call.activity.timeouts;
    if (heartbeatMs === undefined) return;
    const beat = await this.options.beatOf(call.given.envelope);
    if (beat === undefined) return;
    call.heartbeat = beat.details ?? call.heartbeat;
    const now = this.options.clock.now();
    if (beat.at + heartbeatMs > now && call.deadlineAt > now) throw this.later(call, beat.at);
  }

  /** Waits in line for a thread, where the attempt wants one. */
  async #threadFor({ activity, given }: Call): Promise<Disposable | undefined> {
    if (activity.thread === undefined) return undefined;
    this.#waiting += 1;
    const turn = await this.#threads.enter([given.cancelled, given.abandoned]);
    this.#waiting -= 1;
    return turn;
  }

  /** Why nothing may begin any more. */
  refusal(call: Call): Failure | undefined {
    const { given, deadlineAt, activity } = call;
    const now = this.options.clock.now();
    const { queuedMs } = activity.timeouts;
    const { envelope, attempt, before, cancelled } = given;
    if (cancelled.aborted || envelope.again?.cancelled === true)
      return toFailure(attemptAborted(call));
    if (
      before.begun === undefined &&
      attempt === 1 &&
      queuedMs !== undefined &&
      now >= envelope.scheduledAt + queuedMs
    )
      return toFailure(queuedTooLong(call));
    if (now >= deadlineAt) return before.lastFailure ?? toFailure(neverStarted(call));
    return undefined;
  }

  /** Runs the body, under its time-outs. */
  async attempt(call: Call, { keep, onLate }: AttemptHooks = {}): Promise<Ended> {
    const { given } = call;
    if (!given.isLocal) given.beat({ details: call.heartbeat, begun: call.attempt });
    const signal = new AttemptSignal();
    const watch = this.#watch(call, signal);
    const host = this.hostOf(call, watch.beat, keep);
    this.#inFlight += 1;
    this.running.add(call);
    try {
      const body = this.#body(call, host, signal);
      body.then(
        async (ended) => {
          if (watch.isOver() && ended.kind === "answered") await onLate?.(ended.output);
        },
        () => undefined,
      );
      return await Promise.race([body, watch.over]);
    } catch (error) {
      return { kind: "failed", failure: notSentIfInvalid(error) };
    } finally {
      watch.stop();
      this.running.delete(call);
      this.#inFlight -= 1;
    }
  }

  async #body(call: Call, host: AttemptHost<Call>, signal: AttemptSignal): Promise<Ended> {
    const { activity, input } = call.given;
    if (activity.thread !== undefined)
      return { kind: "answered", output: await this.#threads.run(call, host, signal) };
    const value = await activity.run(
      parsedInput(activity, input),
      new AttemptContext(call, host, signal),
    );
    return value === LATER ? { kind: "later" } : this.#readable(call, value);
  }

  /** The verdict of the rules on a failure of a call whose effect is not money. */
  judge(call: Call, failure: Failure, over: Partial<CallSituation> = {}): Verdict {
    const { clock, random } = this.options;
    return afterFailure(this.situation(call, over), failure, clock.now(), random);
  }

  situation(call: Call, over: Partial<CallSituation> = {}): CallSituation {
    const { activity, venue, attempt, deadlineAt, given } = call;
    return {
      activity: activity.name,
      effect: activity.effect,
      policy: activity.retry,
      venue,
      canReconcile: activity.reconcile !== undefined,
      attempt,
      scheduledAt: given.envelope.scheduledAt,
      deadlineAt,
      unknown: false,
      sentAt: undefined,
      // The intents lie beside the server: a restore of its history loses none of them.
      lost: false,
      lastSendAt: given.envelope.scheduledAt,
      cancelled: given.cancelled.aborted || given.envelope.again?.cancelled === true,
      ...over,
    };
  }

  /** What the activity gives to the server. */
  answer({ given }: Call, output: Encoded): unknown {
    const value = treeOf(output);
    return given.envelope.held ? { value, at: this.options.clock.now() } : value;
  }

  /** What the activity throws: how the call goes on. */
  ended(call: Call, verdict: Verdict, failure: Failure): ApplicationFailure {
    const { given } = call;
    const now = this.options.clock.now();
    const goesOn = verdict.kind === "retry" || verdict.kind === "reconcile";
    if (goesOn) {
      const left = { details: call.heartbeat, nextAt: verdict.at, lastFailure: failure };
      given.beat({ ...left, verdict: verdict.kind });
      return failureOf(failure, { verdict: verdict.kind, at: verdict.at, now }, given, now);
    }
    return failureOf(verdict.failure, { verdict: verdict.kind, now }, given, now);
  }

  /** Until when a call waits for somebody else, and how it has failed then. */
  elsewhere({ activity, deadlineAt, ...call }: Call, heardAt: number): Elsewhere {
    const { heartbeatMs = Number.POSITIVE_INFINITY } = activity.timeouts;
    const isTotal = deadlineAt <= heardAt + heartbeatMs;
    const what = isTotal ? "total" : "heartbeat";
    const at = Math.min(deadlineAt, heardAt + heartbeatMs);
    return { at, failure: toFailure(timedOut({ ...call, activity, phase: "elsewhere" }, what)) };
  }

  /** Somebody else completes it; the server tries again when nobody has. */
  later(call: Call, heardAt = this.options.clock.now()): ApplicationFailure {
    return this.waitOn(call, this.elsewhere(call, heardAt));
  }

  waitOn(call: Call, { at, failure }: Elsewhere): ApplicationFailure {
    const { given } = call;
    const now = this.options.clock.now();
    given.beat({ details: call.heartbeat, nextAt: at, lastFailure: failure, verdict: "later" });
    return failureOf(failure, { verdict: "later", at, now }, given, now);
  }

  #readable(call: Call, value: unknown): Ended {
    const { activity } = call.given;
    try {
      return { kind: "answered", output: encodeOutput(activity, value) };
    } catch (error) {
      return { kind: "failed", failure: unreadable(activity, error) };
    }
  }

  hostOf(
    call: Call,
    beat: () => void = () => undefined,
    keep?: (details: Encoded) => Promise<void>,
  ): AttemptHost<Call> {
    const { clock, log, resources, token } = this.options;
    const { given } = call;
    const host: AttemptHost<Call> = {
      log,
      now: () => clock.now(),
      raw: (resource, account) => resources.raw(resource, account),
      onHeartbeat: (_call: Call, details: Encoded | undefined) => {
        beat();
        if (details !== undefined) call.heartbeat = details;
        given.beat({ details: call.heartbeat });
      },
    };
    if (given.isLocal) return host;
    return {
      ...host,
      onKeep: async (_call, details) => {
        call.heartbeat = details;
        await (keep === undefined ? given.keep({ details }) : keep(details));
      },
      token:
        token === undefined
          ? undefined
          : (of: Call) => token(of.given.envelope, callKey(of), of.activity.name),
    };
  }

  /** The value of a promise, unless it takes longer than an attempt may. */
  async within<Value>(call: Call, promise: Promise<Value>, late: HoldfastError): Promise<Value> {
    const { clock } = this.options;
    const { promise: over, reject } = Promise.withResolvers<never>();
    const at = clock.now() + call.activity.timeouts.attemptMs;
    const timer = clock.setTimer(at, () => {
      reject(late);
    });
    this.#inFlight += 1;
    try {
      return await Promise.race([promise, over]);
    } finally {
      timer.cancel();
      this.#inFlight -= 1;
    }
  }

  /** The time-outs of a running attempt, and its cancellation. */
  #watch(call: Call, signal: AttemptSignal) {
    const { clock } = this.options;
    const { activity, given, deadlineAt } = call;
    const { attemptMs, heartbeatMs } = activity.timeouts;
    const start = clock.now();
    const { promise: over, reject } = Promise.withResolvers<never>();
    over.catch(() => undefined);
    let isOver = false;
    const giveUp = (failure: HoldfastError): void => {
      isOver = true;
      signal.abort(toFailure(failure));
      reject(failure);
    };
    // An unknown outcome is worth one whole attempt even when the total is over.
    const isAttempt = start + attemptMs <= deadlineAt || deadlineAt <= start;
    const limit = isAttempt ? start + attemptMs : deadlineAt;
    const timer = clock.setTimer(limit, () => {
      giveUp(timedOut(call, isAttempt ? "attempt" : "total"));
    });
    const late = (): void => giveUp(timedOut(call, "heartbeat"));
    const nextBeat = () =>
      heartbeatMs === undefined ? undefined : clock.setTimer(clock.now() + heartbeatMs, late);
    let beatTimer = nextBeat();
    const onCancel = (): void => {
      // Whether money was sent must become known: it is not aborted.
      if (activity.effect !== "money") giveUp(attemptAborted(call));
    };
    if (given.cancelled.aborted) onCancel();
    else given.cancelled.addEventListener("abort", onCancel);
    return {
      over,
      isOver: (): boolean => isOver,
      beat: (): void => {
        beatTimer?.cancel();
        beatTimer = nextBeat();
      },
      stop: (): void => {
        timer.cancel();
        beatTimer?.cancel();
        given.cancelled.removeEventListener("abort", onCancel);
      },
    };
  }
}

const NEVER: AbortSignal = new AbortController().signal;

function failureOf(
  failure: Failure,
  judgement: Judgement,
  { envelope }: Given,
  now: number,
): ApplicationFailure {
  const { at } = judgement;
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: at === undefined,
    details: [failureTree(failure), treeOf(encode(defined(judgement)))],
    // Where time is held, the next attempt waits for its turn by itself.
    ...(at === undefined
      ? {}
      : { nextRetryDelay: envelope.held ? 1 : Math.max(1, Math.ceil(at - now)) }),
  });
}
