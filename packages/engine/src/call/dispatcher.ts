// Runs calls: attempts with their time-outs, retries, reconciliation, doubt. It begins a call only after its
// command is on disk, and hands each outcome back as a fact to be committed; it never writes by itself.

import {
  type Clock,
  type Encoded,
  type Fact,
  type Failure,
  type Random,
  toFailure,
} from "@holdfast/core";
import type { Alarms } from "../clock/alarms.ts";
import { askVenue } from "./ask-venue.ts";
import { AttemptContext, type AttemptHost, AttemptSignal, LATER } from "./attempt.ts";
import { Beats } from "./beats.ts";
import { type Verdict, afterFailure, afterStop, inDoubt, maySend } from "./decide.ts";
import type { End, MakeGate } from "./gate.ts";
import { Gates, type Held } from "./gates.ts";
import { hedged } from "./hedge.ts";
import { isPromise } from "./is-promise.ts";
import { Lanes, isKeyless } from "./lane.ts";
import { CRASHES_UNTIL_ALONE, Line } from "./line.ts";
import { runLocal } from "./local.ts";
import { answerOf, notSentIfInvalid, takeInput, unreadable } from "./payload.ts";
import {
  standsStill,
  type PendingCallState,
  isUnsentSince,
  leavesUnknown,
  situation,
} from "./pending.ts";
import {
  attemptAborted,
  firstOver,
  interrupted,
  neverStarted,
  queuedTooLong,
  timedOut,
} from "./problem.ts";
import { Threads } from "./threads.ts";

type Host = AttemptHost<PendingCallState>;

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly random: Random;
  /** What may hold calls back; asked in order. Default: nothing does. */
  readonly gates?: readonly MakeGate[] | undefined;
  readonly host: Omit<Host, "onHeartbeat" | "onKeep" | "onRest">;
  /** Told at race windows of an attempt. */
  readonly point: (point: "attempt.start" | "attempt.answered", call: PendingCallState) => void;
  /** An outcome to be committed. */
  readonly onFact: (call: PendingCallState, fact: Fact) => void;
  /** Something about a call is to be written along with the next commit; `then` once it is on disk. */
  readonly book: (call: PendingCallState, then?: () => void) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #host: Host;
  readonly #localHost: Host;
  readonly #threads: Threads<PendingCallState>;
  readonly #line: Line;
  readonly #lanes: Lanes;
  readonly #beats: Beats;
  readonly #gates: Gates;
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const onKeep = this.#keep.bind(this);
    const onRest: Host["onRest"] = (call, ms) => this.#gates.rest(call, ms);
    this.#host = { ...options.host, onHeartbeat: this.heartbeat.bind(this), onKeep, onRest };
    this.#localHost = { ...this.#host, token: undefined, onKeep: undefined };
    this.#threads = new Threads({ alarms: options.alarms, host: this.#host });
    this.#line = new Line({ threads: this.#threads.size, book: options.book });
    this.#lanes = new Lanes(options);
    this.#beats = new Beats(options);
    this.#gates = new Gates({ ...options, gates: options.gates ?? [] });
  }

  /** Attempts that have begun and not ended. */
  get inFlight(): number {
    return this.#line.running;
  }

  /** Lets attempts begin: to be called when what a restart has counted is on disk. */
  open(): void {
    this.#line.open();
    this.#lanes.open();
  }

  /** Begins a call, or goes on with it where a restart found it. */
  begin(call: PendingCallState): void {
    if (standsStill(call)) return;
    if (call.phase === "elsewhere") {
      this.#watch(call);
      return;
    }
    if (call.unknown) {
      this.#lanes.hold(call);
      call.lastFailure ??= toFailure(interrupted(call));
      const verdict = afterStop(situation(call), call.lastFailure, this.#now());
      if (verdict.kind !== "retry") {
        this.#judge(call, verdict);
        return;
      }
    }
    if (call.nextAt !== undefined && call.nextAt > this.#now())
      this.#waitUntil(call, call.nextAt, false);
    else this.#enqueue(call);
  }

  /**
   * Makes the first attempt of a local call at once, and gives its outcome; undefined where there is none yet,
   * because it waits for something or is to be tried again. The call is then begun like any other.
   */
  local(call: PendingCallState): Fact | undefined {
    return runLocal(call, {
      gates: this.#gates,
      host: this.#localHost,
      verdictOn: (failure) => this.verdictOn(call, failure),
    });
  }

  /** Stops trying. A money call that may have been sent goes on until its outcome is known. */
  cancel(call: PendingCallState): void {
    call.cancelled = true;
    if (call.activity.effect !== "money") {
      this.drop(call);
      return;
    }
    const { phase } = call;
    const isUnsent = phase === "queued" || phase === "awaiting-approval";
    if (isUnsent || (phase === "waiting" && !call.unknown)) {
      const failure = call.lastFailure ?? toFailure(attemptAborted(call));
      this.#judge(call, afterFailure(situation(call), failure, this.#now(), this.#options.random));
    }
  }

  /** Sends nothing any more for a money call whose run is gone; what was sent is followed up. */
  orphan(call: PendingCallState): void {
    call.cancelled = true;
    if (call.phase !== "queued" && call.phase !== "waiting") return;
    if (call.unknown) this.#lanes.hold(call);
    const failure = call.lastFailure ?? toFailure(attemptAborted(call));
    this.#judge(call, afterFailure(situation(call), failure, this.#now(), this.#options.random));
  }

  /** Lets go of a call whose outcome does not matter any more. */
  drop(call: PendingCallState): void {
    this.#giveUp(call, toFailure(attemptAborted(call)));
    this.release(call);
  }

  /** Lets go of a call that has its outcome; nothing of an attempt in flight counts any more. */
  release(call: PendingCallState): void {
    this.#rest(call);
    call.phase = "settled";
    this.#ended(call, call.inFlight, DROPPED);
    this.#lanes.leave(call);
  }

  /** Sends a call in doubt again, with the same key, as a person decided; one in quarantine runs alone. */
  resend(call: PendingCallState): void {
    if (isUnsentSince(call)) call.sentAt = this.#now();
    call.lost = false;
    if (call.phase === "quarantined") {
      call.crashes = CRASHES_UNTIL_ALONE;
      call.crashesAlone = 0;
    }
    call.nextAt = undefined;
    this.#enqueue(call);
  }

  mayResend(call: PendingCallState): boolean {
    return isUnsentSince(call) || maySend(situation(call), this.#now());
  }

  /** Somebody says that a call is worked on, here or elsewhere. */
  heartbeat(call: PendingCallState, details: Encoded | undefined): void {
    if (this.#closed) return;
    if (call.inFlight > 0 || call.phase === "elsewhere") this.#watch(call);
    if (details === undefined || call.phase === "settled") return;
    call.heartbeat = details;
    this.#beats.add(call);
  }

  /** What a failure leads to; nothing is done about it yet. */
  verdictOn(call: PendingCallState, failure: Failure): Verdict {
    const unknown = call.unknown || leavesUnknown(call, failure);
    const sentAt = call.sentAt ?? (unknown ? call.lastSendAt : undefined);
    const now = this.#now();
    return afterFailure(
      { ...situation(call), unknown, sentAt },
      failure,
      now,
      this.#options.random,
    );
  }

  /** Takes a failure that came from outside. A verdict that ends the call is committed by whoever brought it. */
  failOutside(call: PendingCallState, failure: Failure, verdict: Verdict): void {
    this.#ended(call, call.inFlight, DROPPED);
    this.#note(call, failure);
    if (verdict.kind === "retry" || verdict.kind === "reconcile") this.#judge(call, verdict);
    else this.release(call);
  }

  /** Stops everything, and resolves when the threads have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#line.close();
    await this.#threads.close();
  }

  /** Resolves when no attempt is in flight. */
  quiet(): Promise<void> {
    return this.#line.quiet();
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** Details that are on disk when the promise is fulfilled. */
  #keep(call: PendingCallState, details: Encoded): Promise<void> {
    call.heartbeat = details;
    return new Promise<void>((resolve) => {
      this.#options.book(call, resolve);
    });
  }

  readonly #toLine = (call: PendingCallState): void => {
    this.#line.enter(call, this.#attempt);
  };

  #enqueue(call: PendingCallState): void {
    this.#lanes.enter(call, this.#toLine);
    if (call.phase !== "queued") return;
    const { queuedMs } = call.activity.timeouts;
    const isFirst = call.attempt === 0 && queuedMs !== undefined;
    const at = isFirst ? call.scheduledAt + queuedMs : call.deadlineAt;
    if (!isFirst && !isKeyless(call)) return;
    call.alarm = this.#options.alarms.set(at, () => {
      if (call.phase !== "queued") return;
      if (isFirst) this.#judge(call, { kind: "fail", failure: toFailure(queuedTooLong(call)) });
      else this.#failed(call, call.lastFailure ?? toFailure(neverStarted(call)));
    });
  }

  readonly #attempt = (call: PendingCallState): void => {
    call.isDue = false;
    const now = this.#now();
    this.#options.alarms.cancel(call.alarm);
    if (now >= call.deadlineAt && !call.unknown) {
      this.#line.leave(call);
      this.#failed(call, call.lastFailure ?? toFailure(neverStarted(call)));
      return;
    }
    if (!this.#gates.enter(call, "send", this.#heldSend)) {
      this.#line.leave(call);
      // Its place on the lane says on disk that it was about to be sent.
      if (!call.unknown) this.#lanes.leave(call);
      return;
    }
    call.attempt += 1;
    call.phase = "running";
    call.nextAt = undefined;
    call.lastSendAt = now;
    call.beatAt = now;
    const { attempt } = call;
    const signal = new AttemptSignal();
    call.inFlight = attempt;
    call.abort = signal;
    let output: unknown;
    try {
      this.#options.point("attempt.start", call);
      output = this.#run(call, signal);
    } catch (error) {
      const failure = notSentIfInvalid(error);
      this.#endedByItself(call, attempt, { kind: "failed", failure });
      this.#failed(call, failure);
      return;
    }
    if (isPromise(output)) {
      // Only what goes on can come too late.
      if (call.inFlight === attempt) this.#watch(call);
      output.then(
        (value) => {
          this.#answered(call, value, this.#endedByItself(call, attempt, ANSWERED));
        },
        (error: unknown) => {
          const failure = toFailure(error);
          // The failure of an attempt that was given up is no news.
          if (this.#endedByItself(call, attempt, { kind: "failed", failure }))
            this.#failed(call, failure);
        },
      );
    } else {
      this.#answered(call, output, this.#endedByItself(call, attempt, ANSWERED));
    }
  };

  #run(call: PendingCallState, signal: AttemptSignal): unknown {
    const { activity } = call;
    if (activity.thread !== undefined) return this.#threads.run(call, signal);
    const input = takeInput(call);
    const run = (own: AttemptSignal): unknown =>
      activity.run(input, new AttemptContext(call, this.#host, own));
    if (activity.hedgeMs === undefined) return run(signal);
    return hedged(run, { afterMs: activity.hedgeMs, timer: this.#timer, signal });
  }

  readonly #timer = (ms: number, callback: () => void): (() => void) => {
    const { alarms } = this.#options;
    const alarm = alarms.set(this.#now() + ms, callback);
    return () => alarms.cancel(alarm);
  };

  /** Books the end of an attempt; true when it was still the one that counts. */
  #ended(call: PendingCallState, attempt: number, end: End): boolean {
    if (attempt === 0 || call.inFlight !== attempt) return false;
    this.#gates.ended(call, end);
    call.inFlight = 0;
    call.abort = undefined;
    this.#line.leave(call);
    return true;
  }

  #endedByItself(call: PendingCallState, attempt: number, end: End): boolean {
    if (call.inFlight === attempt) call.crashes = call.crashesAlone = 0;
    return this.#ended(call, attempt, end);
  }

  /** Ends the attempt in flight, where there is one: its answer may still count, its failure does not. */
  #giveUp(call: PendingCallState, failure: Failure): void {
    call.abort?.abort(failure);
    this.#ended(call, call.inFlight, { kind: "failed", failure });
  }

  /** Sets the alarm of the running attempt, or of the wait elsewhere: what is over first. */
  #watch(call: PendingCallState): void {
    const { alarms } = this.#options;
    const [at, what] = firstOver(call, this.#now());
    alarms.cancel(call.alarm);
    call.alarm = alarms.set(at, () => {
      const failure = toFailure(timedOut(call, what));
      this.#giveUp(call, failure);
      this.#failed(call, failure);
    });
  }

  /** `counts`: the attempt was not given up meanwhile. A late answer is an answer all the same. */
  #answered(call: PendingCallState, value: unknown, counts: boolean): void {
    if (call.phase === "settled" || this.#closed) return;
    this.#options.point("attempt.answered", call);
    if (value === LATER) {
      if (counts) this.#waitElsewhere(call);
      return;
    }
    let answer: Fact;
    try {
      answer = answerOf(call, value);
    } catch (error) {
      this.#failed(call, unreadable(call.activity, error));
      return;
    }
    this.#finish(call, answer);
  }

  #waitElsewhere(call: PendingCallState): void {
    call.phase = "elsewhere";
    this.#lanes.leave(call);
    this.#watch(call);
    this.#options.book(call);
  }

  #failed(call: PendingCallState, failure: Failure): void {
    if (call.phase === "settled" || this.#closed) return;
    const verdict = this.verdictOn(call, failure);
    this.#note(call, failure);
    this.#judge(call, verdict);
  }

  #note(call: PendingCallState, failure: Failure): void {
    call.lastFailure = failure;
    if (!leavesUnknown(call, failure)) return;
    call.unknown = true;
    call.sentAt ??= call.lastSendAt;
  }

  #judge(call: PendingCallState, verdict: Verdict): void {
    const number = call.command.call;
    switch (verdict.kind) {
      case "fail":
        this.#finish(call, { kind: "failed", call: number, failure: verdict.failure });
        return;
      case "doubt":
        this.#rest(call);
        call.phase = "in-doubt";
        this.#lanes.leave(call);
        this.#options.onFact(call, { kind: "in-doubt", call: number, failure: verdict.failure });
        return;
      case "retry":
        this.#waitUntil(call, verdict.at, false);
        this.#options.book(call);
        if (!call.unknown) this.#lanes.leave(call);
        return;
      case "reconcile":
        this.#waitUntil(call, verdict.at, true);
        this.#options.book(call);
    }
  }

  #waitUntil(call: PendingCallState, at: number, reconcile: boolean): void {
    this.#rest(call);
    call.phase = "waiting";
    call.nextAt = at;
    call.alarm = this.#options.alarms.set(at, () => {
      if (call.phase !== "waiting" || this.#closed) return;
      if (!reconcile) this.#enqueue(call);
      else this.#line.enter(call, (next) => void this.#reconcile(next));
    });
  }

  async #reconcile(call: PendingCallState): Promise<void> {
    if (call.activity.reconcile === undefined) return;
    if (!this.#gates.enter(call, "ask", this.#heldAsk)) {
      this.#line.leave(call);
      return;
    }
    call.phase = "running";
    call.nextAt = undefined;
    call.reconcileTries += 1;
    const { alarms, random } = this.#options;
    const said = await askVenue(call, { alarms, random, host: this.#host });
    this.#gates.ended(call, said.end);
    this.#line.leave(call);
    if (this.#isSettled(call) || this.#closed) return;
    if (said.kind === "verdict") this.#judge(call, said.verdict);
    else this.#finish(call, { kind: "done", call: call.command.call, output: said.output });
  }

  /** A send that a gate holds. */
  readonly #heldSend: Held = {
    again: (call) => {
      if (this.#closed) return;
      const last = call.lastFailure ?? toFailure(interrupted(call));
      const verdict = afterStop(situation(call), last, this.#now());
      // The venue may have forgotten the key meanwhile.
      if (call.unknown && verdict.kind !== "retry") this.#judge(call, verdict);
      else this.#enqueue(call);
    },
    late: (call, { failure }) => {
      if (call.unknown) this.#judge(call, this.verdictOn(call, call.lastFailure ?? failure));
      else this.#judge(call, { kind: "fail", failure });
    },
  };

  /** A question about an effect that a gate holds. */
  readonly #heldAsk: Held = {
    again: (call) => {
      if (!this.#closed) this.#line.enter(call, (next) => void this.#reconcile(next));
    },
    late: (call, hold) => {
      const failure = inDoubt(situation(call), call.lastFailure ?? hold.failure);
      this.#judge(call, { kind: "doubt", failure });
    },
  };

  #isSettled(call: PendingCallState): boolean {
    return call.phase === "settled";
  }

  #finish(call: PendingCallState, fact: Fact): void {
    this.release(call);
    this.#options.onFact(call, fact);
  }

  /** Nothing is to happen to the call by itself, until something else is said. */
  #rest(call: PendingCallState): void {
    if (call.phase === "queued") {
      this.#line.forget(call);
      this.#lanes.forget(call);
    }
    this.#beats.end(call);
    this.#gates.forget(call);
    this.#options.alarms.cancel(call.alarm);
    call.alarm = undefined;
  }
}

const ANSWERED: End = { kind: "answered" };
const DROPPED: End = { kind: "dropped" };
