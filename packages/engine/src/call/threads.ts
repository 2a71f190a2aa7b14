// Runs attempts in threads, one at a time in each: for work that would hold up the event loop. Threads begin
// when they are first needed. One whose attempt was given up may clean up for a moment, and is then ended.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  type Encoded,
  type Failure,
  HoldfastError,
  type LogFields,
  toFailure,
} from "@holdfast/core";
import type { Alarm, Alarms } from "../clock/alarms.ts";
import type { AttemptHost, AttemptSignal, AttemptedCall } from "./attempt.ts";
import type { FromThread, ToThread } from "./thread.ts";

/** How long a thread may go on after its attempt was given up. A busy loop is ended then. */
export const THREAD_GRACE_MS = 100;

/** The thread's program, as a source or as what was built from it: the manifest knows where. */
const entry = (): URL => new URL(import.meta.resolve("#thread"));

export interface ThreadsOptions<Call extends AttemptedCall> {
  readonly alarms: Alarms;
  readonly host: Pick<AttemptHost<Call>, "log" | "now" | "onHeartbeat" | "onRest">;
}

interface Job<Call> {
  readonly call: Call;
  readonly resolve: (output: Encoded) => void;
  readonly reject: (failure: unknown) => void;
}

export class Threads<Call extends AttemptedCall> {
  /** Attempts that are run at once: one processor is left for the event loop. */
  readonly size: number = Math.max(1, availableParallelism() - 1);
  readonly #options: ThreadsOptions<Call>;
  readonly #all = new Set<Thread<Call>>();
  readonly #idle: Thread<Call>[] = [];

  constructor(options: ThreadsOptions<Call>) {
    this.#options = options;
  }

  /** Runs one attempt; gives its output, parsed and encoded. */
  run(call: Call, signal: AttemptSignal): Promise<Encoded> {
    const thread = this.#idle.pop() ?? this.#start();
    return new Promise((resolve, reject) => {
      thread.begin({ call, resolve, reject }, signal);
    });
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  #start(): Thread<Call> {
    const thread: Thread<Call> = new Thread(this.#options, {
      onIdle: () => this.#idle.push(thread),
      onEnd: () => {
        this.#all.delete(thread);
        const place = this.#idle.indexOf(thread);
        if (place >= 0) this.#idle.splice(place, 1);
      },
    });
    this.#all.add(thread);
    return thread;
  }
}

class Thread<Call extends AttemptedCall> {
  readonly #options: ThreadsOptions<Call>;
  readonly #onIdle: () => void;
  readonly #worker = new Worker(entry());
  #job: Job<Call> | undefined;
  #grace: Alarm | undefined;

  constructor(
    options: ThreadsOptions<Call>,
    on: { readonly onIdle: () => void; readonly onEnd: () => void },
  ) {
    this.#options = options;
    this.#onIdle = on.onIdle;
    this.#worker.on("message", (message: FromThread) => {
      this.#take(message);
    });
    this.#worker.on("error", (error) => {
      this.#finish()?.reject(threadEnded(`: ${toFailure(error).message}`));
    });
    this.#worker.on("exit", () => {
      on.onEnd();
      this.#finish()?.reject(threadEnded(""));
    });
  }

  begin(job: Job<Call>, signal: AttemptSignal): void {
    const { identity, command, activity, attempt, sentAt, heartbeat } = job.call;
    this.#job = job;
    this.#worker.ref();
    signal.onAbort = (reason) => {
      if (this.#job === job) this.#abort(reason);
    };
    this.#post({
      kind: "run",
      module: activity.thread ?? "",
      now: this.#options.host.now(),
      call: { identity, command, attempt, sentAt, heartbeat },
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #abort(reason: Failure): void {
    const { alarms, host } = this.#options;
    this.#post({ kind: "abort", reason: JSON.stringify(reason) });
    this.#grace = alarms.set(host.now() + THREAD_GRACE_MS, () => void this.end());
    alarms.rearm();
  }

  #take(message: FromThread): void {
    const call = this.#job?.call;
    if (call === undefined) return;
    switch (message.kind) {
      case "heartbeat":
        // One that was on its way when the attempt was given up says nothing of the next.
        if (this.#grace === undefined) this.#options.host.onHeartbeat(call, message.details);
        break;
      case "rest":
        this.#options.host.onRest(call, message.ms);
        break;
      case "log":
        this.#options.host.log[message.level](message.message, message.fields as LogFields);
        break;
      case "done":
        this.#rest()?.resolve(message.output);
        break;
      case "failed":
        this.#rest()?.reject(JSON.parse(message.failure));
        break;
    }
  }

  /** The attempt has ended and the thread has not: it takes another one. */
  #rest(): Job<Call> | undefined {
    const job = this.#finish();
    this.#worker.unref();
    this.#onIdle();
    return job;
  }

  #finish(): Job<Call> | undefined {
    const job = this.#job;
    this.#job = undefined;
    this.#options.alarms.cancel(this.#grace);
    this.#grace = undefined;
    return job;
  }

  #post(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(message);
  }
}

function threadEnded(why: string): HoldfastError {
  return new HoldfastError(
    "HF-THREAD-ENDED",
    `The thread of this attempt has ended before the attempt did${why}.`,
    { class: "resource", disposition: "retry", outcome: "unknown" },
  );
}
