// Runs calls: attempts with their time-outs, retries, reconciliation, doubt. It begins a call only after its
// command is on disk, and hands each outcome back as a fact to be committed; it never writes by itself.

import {
  type Clock,
  type Encoded,
  type Fact,
  type Failure,
  HoldfastError,
  type Random,
  type Reconciliation,
  decode,
  encodePayload,
  parseWith,
  toFailure,
} from "@holdfast/core";
import type { Alarms } from "../clock/alarms.ts";
import { AttemptContext, type AttemptHost, AttemptSignal } from "./attempt.ts";
import {
  type Verdict,
  afterFailure,
  afterNotDone,
  afterStop,
  afterUnclear,
  maySend,
} from "./decide.ts";
import { type PendingCallState, situation } from "./pending.ts";

/** Attempts that one process runs at once; the others wait in line. */
export const ATTEMPTS_MAX = 1_000;

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly random: Random;
  readonly host: Omit<AttemptHost, "onHeartbeat">;
  /** Told at race windows of an attempt. */
  readonly point: (point: "attempt.start" | "attempt.answered", call: PendingCallState) => void;
  /** An outcome to be committed. */
  readonly onFact: (call: PendingCallState, fact: Fact) => void;
  /** A failed attempt, to be written along with the next commit. */
  readonly onRetry: (call: PendingCallState) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #host: AttemptHost;
  readonly #waiting: PendingCallState[] = [];
  #running = 0;
  #closed = false;
  readonly #onIdle: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#host = {
      ...options.host,
      onHeartbeat: (call) => {
        this.#watch(call);
      },
    };
  }

  /** Attempts that have begun and not ended. */
  get inFlight(): number {
    return this.#running;
  }

  /** Begins a call, or goes on with it where a restart found it. */
  begin(call: PendingCallState): void {
    if (call.phase === "in-doubt" || call.phase === "quarantined") return;
    if (call.unknown) {
      call.lastFailure ??= toFailure(interrupted(call));
      const verdict = afterStop(situation(call), call.lastFailure, this.#now());
      if (verdict.kind !== "retry") {
        this.#judge(call, verdict);
        return;
      }
    }
    if (call.nextAt !== undefined && call.nextAt > this.#options.clock.now())
      this.#waitUntil(call, call.nextAt, false);
    else this.#enqueue(call);
  }

  /**
   * Makes the first attempt of a local call at once, and gives its outcome; undefined where there is none yet,
   * because it waits for something or is to be tried again. The call is then begun like any other.
   */
  local(call: PendingCallState): Fact | undefined {
    call.attempt = 1;
    try {
      const value = call.activity.run(parsedInput(call) as never, this.#context(call));
      if (isPromise(value)) {
        // It is begun again, in its own time; nothing of this try counts.
        value.then(undefined, () => undefined);
        return undefined;
      }
      return { kind: "done", call: call.command.call, output: encodeOutput(call, value) };
    } catch (error) {
      const failure = notSentIfInvalid(error);
      const verdict = afterFailure(situation(call), failure, this.#now(), this.#options.random);
      if (verdict.kind !== "fail") return undefined;
      return { kind: "failed", call: call.command.call, failure: verdict.failure };
    }
  }

  /** Stops trying. A money call that may have been sent goes on until its outcome is known. */
  cancel(call: PendingCallState): void {
    call.cancelled = true;
    if (call.activity.effect !== "money") {
      this.#release(call);
      call.abort?.abort(toFailure(attemptAborted(call)));
      return;
    }
    if (call.phase === "queued" || (call.phase === "waiting" && !call.unknown)) {
      this.#judge(
        call,
        afterFailure(
          situation(call),
          call.lastFailure ?? toFailure(attemptAborted(call)),
          this.#now(),
          this.#options.random,
        ),
      );
    }
  }

  /** Sends nothing any more for a money call whose run is gone; what was sent is followed up. */
  orphan(call: PendingCallState): void {
    call.cancelled = true;
    if (call.phase !== "queued" && call.phase !== "waiting") return;
    const failure = call.lastFailure ?? toFailure(attemptAborted(call));
    this.#judge(call, afterFailure(situation(call), failure, this.#now(), this.#options.random));
  }

  /** Lets go of a call whose outcome does not matter any more (its run was terminated). */
  drop(call: PendingCallState): void {
    this.#release(call);
    call.abort?.abort(toFailure(attemptAborted(call)));
  }

  /** Sends a call in doubt again, with the same key, as a person decided. */
  resend(call: PendingCallState): void {
    call.nextAt = undefined;
    this.#enqueue(call);
  }

  mayResend(call: PendingCallState): boolean {
    return maySend(situation(call), this.#now());
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  /** Resolves when no attempt is in flight. */
  async quiet(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #enqueue(call: PendingCallState): void {
    if (this.#running < ATTEMPTS_MAX) {
      this.#attempt(call);
      return;
    }
    call.phase = "queued";
    this.#waiting.push(call);
    const { queuedMs } = call.activity.timeouts;
    if (queuedMs !== undefined && call.attempt === 0) {
      call.alarm = this.#options.alarms.set(call.scheduledAt + queuedMs, () => {
        if (call.phase === "queued")
          this.#judge(call, { kind: "fail", failure: toFailure(queuedTooLong(call)) });
      });
    }
  }

  #attempt(call: PendingCallState): void {
    const now = this.#now();
    this.#options.alarms.cancel(call.alarm);
    if (now >= call.deadlineAt && !call.unknown) {
      this.#failed(call, call.lastFailure ?? toFailure(neverStarted(call)));
      return;
    }
    call.attempt += 1;
    call.phase = "running";
    call.nextAt = undefined;
    call.lastSendAt = now;
    const { attempt } = call;
    const signal = new AttemptSignal();
    call.inFlight = attempt;
    call.abort = signal;
    this.#running += 1;
    this.#watch(call);
    let output: unknown;
    try {
      this.#options.point("attempt.start", call);
      output = call.activity.run(parsedInput(call) as never, this.#context(call, signal));
    } catch (error) {
      this.#ended(call, attempt);
      this.#failed(call, notSentIfInvalid(error));
      return;
    }
    if (isPromise(output)) {
      output.then(
        (value) => {
          this.#ended(call, attempt);
          this.#answered(call, value);
        },
        (error: unknown) => {
          // The failure of an attempt that was given up is no news.
          if (this.#ended(call, attempt)) this.#failed(call, toFailure(error));
        },
      );
    } else {
      this.#ended(call, attempt);
      this.#answered(call, output);
    }
  }

  /** Books the end of an attempt; true when it was still the one that counts. */
  #ended(call: PendingCallState, attempt: number): boolean {
    if (call.inFlight !== attempt) return false;
    call.inFlight = 0;
    this.#leave();
    return true;
  }

  #leave(): void {
    this.#running -= 1;
    const next = this.#closed ? undefined : this.#waiting.shift();
    if (next !== undefined && next.phase === "queued") this.#attempt(next);
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Sets the alarm of the running attempt: its time-out, the total, the next heartbeat. */
  #watch(call: PendingCallState): void {
    const { attemptMs, heartbeatMs } = call.activity.timeouts;
    const { alarms } = this.#options;
    const start = call.lastSendAt;
    let at = start + attemptMs;
    let what = "attempt";
    // An unknown outcome is worth one whole attempt even when the total is over.
    if (call.deadlineAt < at && call.deadlineAt > start) [at, what] = [call.deadlineAt, "total"];
    if (heartbeatMs !== undefined && this.#now() + heartbeatMs < at)
      [at, what] = [this.#now() + heartbeatMs, "heartbeat"];
    alarms.cancel(call.alarm);
    call.alarm = alarms.set(at, () => {
      const failure = toFailure(timedOut(call, what));
      call.abort?.abort(failure);
      call.abort = undefined;
      this.#ended(call, call.attempt);
      this.#failed(call, failure);
    });
  }

  #answered(call: PendingCallState, value: unknown): void {
    if (call.phase === "settled" || this.#closed) return;
    this.#options.point("attempt.answered", call);
    let output: Encoded;
    try {
      output = encodeOutput(call, value);
    } catch (error) {
      const failure = toFailure(error);
      // The effect has happened, but its receipt cannot be read: for money that is doubt, else an end.
      this.#failed(
        call,
        call.activity.effect === "money"
          ? { ...failure, disposition: "terminal", outcome: "unknown" }
          : { ...failure, disposition: "terminal" },
      );
      return;
    }
    this.#finish(call, { kind: "done", call: call.command.call, output });
  }

  #failed(call: PendingCallState, failure: Failure): void {
    if (call.phase === "settled" || this.#closed) return;
    call.lastFailure = failure;
    if (failure.outcome === "unknown" && call.activity.effect === "money" && call.attempt > 0) {
      call.unknown = true;
      call.sentAt ??= call.lastSendAt;
    }
    this.#judge(call, afterFailure(situation(call), failure, this.#now(), this.#options.random));
  }

  #judge(call: PendingCallState, verdict: Verdict): void {
    const number = call.command.call;
    switch (verdict.kind) {
      case "fail":
        this.#finish(call, { kind: "failed", call: number, failure: verdict.failure });
        return;
      case "doubt":
        this.#options.alarms.cancel(call.alarm);
        call.phase = "in-doubt";
        this.#options.onFact(call, { kind: "in-doubt", call: number, failure: verdict.failure });
        return;
      case "retry":
        this.#waitUntil(call, verdict.at, false);
        this.#options.onRetry(call);
        return;
      case "reconcile":
        this.#waitUntil(call, verdict.at, true);
        this.#options.onRetry(call);
    }
  }

  #waitUntil(call: PendingCallState, at: number, reconcile: boolean): void {
    const { alarms } = this.#options;
    alarms.cancel(call.alarm);
    call.phase = "waiting";
    call.nextAt = at;
    call.alarm = alarms.set(at, () => {
      if (call.phase !== "waiting" || this.#closed) return;
      if (reconcile) void this.#reconcile(call);
      else this.#enqueue(call);
    });
  }

  async #reconcile(call: PendingCallState): Promise<void> {
    const { reconcile } = call.activity;
    if (reconcile === undefined) return;
    call.phase = "running";
    call.nextAt = undefined;
    call.reconcileTries += 1;
    this.#running += 1;
    const last = call.lastFailure ?? toFailure(neverStarted(call));
    let verdict: Verdict;
    try {
      const found = await withTimeout(
        this.#options.alarms,
        this.#now() + call.activity.timeouts.attemptMs,
        Promise.resolve(reconcile(parsedInput(call) as never, this.#context(call))),
        () => timedOut(call, "attempt"),
      );
      if (found.kind === "done") {
        const output = encodeOutput(call, found.output);
        this.#leave();
        if (this.#isSettled(call) || this.#closed) return;
        this.#finish(call, { kind: "done", call: call.command.call, output });
        return;
      }
      verdict = this.#afterReconcile(call, found, last);
    } catch (error) {
      verdict = afterUnclear(
        situation(call),
        toFailure(error),
        call.reconcileTries,
        this.#now(),
        this.#options.random,
      );
    }
    this.#leave();
    if (this.#isSettled(call) || this.#closed) return;
    this.#judge(call, verdict);
  }

  #afterReconcile(call: PendingCallState, found: Reconciliation<unknown>, last: Failure): Verdict {
    if (found.kind === "not-done") {
      call.unknown = false;
      call.sentAt = undefined;
      return afterNotDone(situation(call), last, this.#now(), this.#options.random);
    }
    return afterUnclear(
      situation(call),
      last,
      call.reconcileTries,
      this.#now(),
      this.#options.random,
    );
  }

  #context(call: PendingCallState, signal = new AttemptSignal()): AttemptContext {
    return new AttemptContext(call, this.#host, signal);
  }

  #isSettled(call: PendingCallState): boolean {
    return call.phase === "settled";
  }

  #finish(call: PendingCallState, fact: Fact): void {
    this.#release(call);
    this.#options.onFact(call, fact);
  }

  #release(call: PendingCallState): void {
    call.phase = "settled";
    this.#options.alarms.cancel(call.alarm);
    call.alarm = undefined;
  }
}

function parsedInput({ activity, command }: PendingCallState): unknown {
  return parseWith(activity.input, decode(command.input), `the input of activity ${activity.name}`);
}

function encodeOutput(call: PendingCallState, value: unknown): Encoded {
  const what = `the output of activity ${call.activity.name}`;
  return encodePayload(parseWith(call.activity.output, value, what), what);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** An input that the schema refuses has certainly not been sent, and never will be. */
function notSentIfInvalid(error: unknown): Failure {
  const failure = toFailure(error);
  return failure.code === "HF-INPUT-INVALID"
    ? { ...failure, disposition: "refused", outcome: "refused" }
    : failure;
}

async function withTimeout<Value>(
  alarms: Alarms,
  at: number,
  promise: Promise<Value>,
  error: () => HoldfastError,
): Promise<Value> {
  let alarm: ReturnType<Alarms["set"]> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    alarm = alarms.set(at, () => {
      reject(error());
    });
  });
  alarms.rearm();
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    alarms.cancel(alarm);
  }
}

function timedOut(call: PendingCallState, what: string): HoldfastError {
  return new HoldfastError(
    `HF-${what.toUpperCase()}-TIMEOUT`,
    `Attempt ${call.attempt} of activity "${call.activity.name}" was given up: its ${what} time-out is over.`,
    { class: "network", disposition: "retry", outcome: "unknown" },
  );
}

function queuedTooLong(call: PendingCallState): HoldfastError {
  return new HoldfastError(
    "HF-QUEUED-TIMEOUT",
    `Cannot start activity "${call.activity.name}": it waited in line longer than its queued time-out.`,
    { class: "resource", outcome: "not-sent" },
  );
}

function interrupted(call: PendingCallState): HoldfastError {
  return new HoldfastError(
    "HF-ATTEMPT-INTERRUPTED",
    `An attempt of activity "${call.activity.name}" was interrupted by a stop of the engine.`,
    { class: "state", disposition: "retry", outcome: "unknown" },
  );
}

function neverStarted(call: PendingCallState): HoldfastError {
  return new HoldfastError(
    "HF-ATTEMPT-LATE",
    `Cannot start activity "${call.activity.name}": its total time-out was over before the first attempt.`,
    { class: "state", disposition: "retry", outcome: "not-sent" },
  );
}

function attemptAborted(call: PendingCallState): HoldfastError {
  return new HoldfastError("HF-CANCELLED", `Activity "${call.activity.name}" was cancelled.`, {
    class: "state",
    disposition: "cancelled",
    outcome: "not-sent",
  });
}
