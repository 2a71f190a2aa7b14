// One attempt of a call, as an activity of the SDK: told by its envelope what it is of, run under its time-outs,
// and ended by the same rules as on the embedded engine. What the server must do next stands in its failure.

import {
  type Clock,
  type Encoded,
  type Failure,
  type HoldfastError,
  type Log,
  type Provided,
  type Random,
  type VenueCapabilities,
  toFailure,
} from "@holdfast/core";
import {
  ASSUMED_VENUE,
  type AttemptHost,
  AttemptContext,
  AttemptSignal,
  CRASHES_ALONE_MAX,
  type CallSituation,
  LATER,
  type Resources,
  type Verdict,
  afterFailure,
  attemptAborted,
  callKey,
  encodeOutput,
  hedged,
  interrupted,
  neverStarted,
  notSentIfInvalid,
  parsedInput,
  quarantined,
  queuedTooLong,
  timedOut,
  unreadable,
  venueOf,
} from "@holdfast/engine/activity-side";
import type { ApplicationFailure } from "@temporalio/common";
import type { Beat, CallEnvelope } from "../workflow/protocol.ts";
import { treeOf } from "../workflow/tree.ts";
import { Entrance } from "./entrance.ts";
import {
  type AttemptHooks,
  type Call,
  type Elsewhere,
  type Ended,
  type Given,
  begunBefore,
  isQuiet,
} from "./given.ts";
import { failureOf } from "./judged.ts";
import { LaneBells } from "./lane-bells.ts";
import { type Entered, type Policed, THROUGH, passed } from "./policed.ts";
import { ThreadLine } from "./thread-line.ts";
import { watch } from "./watch.ts";
import { NO_TURN, type Turn } from "./turns.ts";

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
  /** Told of the answer of a call without money, before the server is. */
  readonly onAnswer: (call: Call, output: Encoded) => Promise<void>;
  /** What may hold attempts back; absent where nothing does. */
  readonly policed?: Policed | undefined;
}

export class Attempts {
  readonly options: AttemptsOptions;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly #threads: ThreadLine<Call>;
  readonly #entrance: Entrance;
  readonly bells: LaneBells;
  #inFlight = 0;
  #waiting = 0;

  constructor(options: AttemptsOptions) {
    this.options = options;
    this.#threads = new ThreadLine(options);
    this.#entrance = new Entrance(options.clock);
    this.bells = new LaneBells(options.clock);
    this.venues = venuesOf(options.provided);
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

  /** Attempts that wait until they are due, or for their turn. */
  get waiting(): number {
    const { policed } = this.options;
    return this.#waiting + this.#entrance.waiting + this.bells.waiting + (policed?.waiting ?? 0);
  }

  /** Attempts that wait until all has come that was lost before this worker began. */
  get held(): number {
    return this.#entrance.turns.held;
  }

  /** All that was lost before this worker began has come. */
  open(): void {
    this.#entrance.turns.open();
  }

  /** Ends what runs of a call that has its outcome from elsewhere; money that was sent is never torn. */
  release(id: string, number: number): void {
    for (const { given, activity, giveUp } of this.running) {
      const { envelope } = given;
      if (envelope.id === id && envelope.call === number && activity.effect !== "money") giveUp?.();
    }
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
      attempt: begunBefore(given) + 1,
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
    const failure = this.quarantine(call);
    if (failure !== undefined) throw this.quarantined(call, failure);
    const entered = await this.police(call, "send");
    if (entered.kind === "held") throw this.holdBack(call, entered);
    const ended = await passed(entered, () => this.#begun(call));
    switch (ended.kind) {
      case "answered":
        await this.options.onAnswer(call, ended.output);
        return this.answer(call, ended.output);
      case "later":
        throw this.later(call);
      case "failed":
        throw this.ended(call, this.judge(call, ended.failure), ended.failure);
    }
  }

  async #begun(call: Call): Promise<Ended> {
    using _thread = await this.#threadFor(call);
    using _turn = await this.enter(call);
    const refused = this.refusal(call);
    if (refused !== undefined) throw this.ended(call, { kind: "fail", failure: refused }, refused);
    return await this.attempt(call);
  }

  /** Asks what may hold it back. */
  async police(call: Call, purpose: "send" | "ask"): Promise<Entered> {
    const { policed } = this.options;
    return policed === undefined ? THROUGH : policed.enter(call, purpose);
  }

  /** The call waits at the server; where its time is over, it fails with why. */
  holdBack(call: Call, { at, failure }: Entered & { readonly kind: "held" }): ApplicationFailure {
    const now = this.options.clock.now();
    return at <= now && now >= call.deadlineAt
      ? this.ended(call, { kind: "fail", failure }, failure)
      : this.ended(call, { kind: "retry", at }, failure);
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
    // Whoever finds the note knows that it was not in flight.
    await given.keep(before);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(at, resolve);
    for (const signal of [cancelled, abandoned])
      signal.addEventListener("abort", () => resolve(), { once: true });
    this.#waiting += 1;
    await promise;
    this.#waiting -= 1;
    timer.cancel();
    if (abandoned.aborted && !cancelled.aborted) throw this.#handedOn(given, at);
  }

  /** The worker stops: another one waits on. */
  #handedOn(given: Given, at: number): ApplicationFailure {
    const { before, activity } = given;
    const judgement = { verdict: before.verdict ?? "retry", at } as const;
    const failure = before.lastFailure ?? toFailure(interrupted({ activity }));
    return failureOf(failure, judgement, given, this.options.clock.now());
  }

  /** Waits until the attempt may begin, and notes that it does. */
  async enter(call: Call): Promise<Turn> {
    const turn = await this.#entrance.enter(call);
    const { abandoned, cancelled } = call.given;
    if (turn !== undefined) return turn;
    if (abandoned.aborted && !cancelled.aborted)
      throw this.#handedOn(call.given, this.options.clock.now());
    // Nothing begins any more, and `refusal` says why.
    return NO_TURN;
  }

  /** Why the call is not tried any more; undefined where it is. */
  quarantine(call: Call): Failure | undefined {
    const { crashesAlone } = call.given.suspicion;
    if (crashesAlone < CRASHES_ALONE_MAX) return undefined;
    return toFailure(quarantined({ activity: call.activity, crashesAlone }));
  }

  /** Tells its run, where it stays until a person has decided. */
  quarantined({ given, heartbeat: details }: Call, failure: Failure): ApplicationFailure {
    const now = this.options.clock.now();
    const { begun } = given.before;
    return failureOf(failure, { verdict: "quarantine", now, begun, details }, given, now);
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
    if (!isQuiet(given)) given.beat({ details: call.heartbeat, begun: call.attempt });
    const signal = new AttemptSignal();
    const watched = watch(this.options.clock, call, signal);
    const host = this.hostOf(call, watched.beat, keep);
    this.#inFlight += 1;
    this.running.add(call);
    try {
      const body = this.#body(call, host, signal).finally(() => {
        if (!watched.isOver()) given.clear();
      });
      body.then(
        async (ended) => {
          if (watched.isOver() && ended.kind === "answered") await onLate?.(ended.output);
        },
        () => undefined,
      );
      return await Promise.race([body, watched.over]);
    } catch (error) {
      return { kind: "failed", failure: notSentIfInvalid(error) };
    } finally {
      watched.stop();
      this.running.delete(call);
      this.#inFlight -= 1;
    }
  }

  async #body(call: Call, host: AttemptHost<Call>, signal: AttemptSignal): Promise<Ended> {
    const { activity, input } = call.given;
    if (activity.thread !== undefined)
      return { kind: "answered", output: await this.#threads.run(call, host, signal) };
    const parsed = parsedInput(activity, input);
    const run = (own: AttemptSignal): unknown =>
      activity.run(parsed, new AttemptContext(call, host, own));
    const { hedgeMs } = activity;
    const value = await (hedgeMs === undefined
      ? run(signal)
      : hedged(run, { afterMs: hedgeMs, timer: this.#timer, signal }));
    return value === LATER ? { kind: "later" } : this.#readable(call, value);
  }

  readonly #timer = (ms: number, callback: () => void): (() => void) => {
    const { clock } = this.options;
    const timer = clock.setTimer(clock.now() + ms, callback);
    return () => timer.cancel();
  };

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
      onRest: (_call, ms) => this.options.policed?.rest(call, ms),
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
}

/** What the venues at hand can do, where that is not what their definitions say. */
export function venuesOf(provided: readonly Provided[]): ReadonlyMap<string, VenueCapabilities> {
  return new Map(
    provided.flatMap(({ resource, venue }) =>
      venue === undefined ? [] : [[resource.name, venue] as const],
    ),
  );
}

const NEVER: AbortSignal = new AbortController().signal;
