// Threads: begun when needed, used again, and gone when their attempt is given up or the engine closes.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Activity,
  HoldfastError,
  type Log,
  decode,
  encode,
  hasCode,
  silentLog,
  toFailure,
} from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing/clock";
import { Alarms } from "../clock/alarms.ts";
import { endless, identified, polite } from "../fixture/threaded.ts";
import { AttemptSignal } from "./attempt.ts";
import type { PendingCallState } from "./pending.ts";
import { THREAD_GRACE_MS, Threads } from "./threads.ts";

class Scene implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock(1_000);
  readonly logged: unknown[] = [];
  readonly beaten: unknown[] = [];
  readonly rested: number[] = [];
  readonly #beat = Promise.withResolvers<void>();
  readonly #log: Log = {
    ...silentLog,
    info: (message, fields) => void this.logged.push([message, fields]),
  };
  readonly threads: Threads<PendingCallState> = new Threads({
    alarms: new Alarms(this.clock),
    host: {
      log: this.#log,
      now: () => this.clock.now(),
      onHeartbeat: (_call, details) => {
        this.beaten.push(decode(details ?? ""));
        this.#beat.resolve();
      },
      onRest: (_call, ms) => void this.rested.push(ms),
    },
  });

  /** Resolves when a body has said that it runs. */
  get beat(): Promise<void> {
    return this.#beat.promise;
  }

  run(called: Activity<number, number>, signal = new AttemptSignal()): Promise<string> {
    const command = { kind: "call", activity: called.name, input: encode(7), key: "k", ref: "r" };
    const identity = { account: "default" };
    const call = { identity, command, activity: called, attempt: 1 };
    return this.threads.run(call as unknown as PendingCallState, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.threads.close();
  }
}

const givenUp = toFailure(new HoldfastError("HF-ATTEMPT-TIMEOUT", "given up"));

test("run() uses a thread again, and passes on what its body tells", async () => {
  await using scene = new Scene();
  const first = await scene.run(identified);
  const second = await scene.run(identified);
  assert.equal(first, second, "the number of the thread");
  assert.deepEqual(scene.logged, [
    ["seen", { at: "after the start" }],
    ["seen", { at: "after the start" }],
  ]);
  assert.deepEqual(scene.beaten, [7, 7]);
  assert.deepEqual(scene.rested, [250, 250]);
});

test("run() uses another thread while one is busy", async () => {
  await using scene = new Scene();
  const both = await Promise.all([scene.run(identified), scene.run(identified)]);
  assert.notEqual(both[0], both[1]);
});

test("run() ends the thread of a loop without end a moment after its attempt was given up", async () => {
  await using scene = new Scene();
  const signal = new AttemptSignal();
  const attempt = scene.run(endless, signal);
  attempt.catch(() => undefined);
  signal.abort(givenUp);
  assert.equal(scene.clock.next, 1_000 + THREAD_GRACE_MS);
  scene.clock.advanceTo(1_000 + THREAD_GRACE_MS);
  // Told by the thread's own exit: nothing of it runs any more.
  await assert.rejects(attempt, (error) => hasCode(error, "HF-THREAD-ENDED"));
});

test("run() lets a body that listens to its signal end by itself", async () => {
  await using scene = new Scene();
  const signal = new AttemptSignal();
  const attempt = scene.run(polite, signal);
  await scene.beat;
  signal.abort(givenUp);
  await assert.rejects(attempt, (error) => hasCode(error, "HF-ATTEMPT-TIMEOUT"));
  scene.clock.advanceTo(1_000 + THREAD_GRACE_MS);
  const [same, other] = await Promise.all([scene.run(identified), scene.run(identified)]);
  assert.ok(Number(decode(same)) < Number(decode(other)), "the thread takes another attempt");
});

test("close() ends threads that are busy", async () => {
  const scene = new Scene();
  const attempt = scene.run(endless);
  attempt.catch(() => undefined);
  await scene.threads.close();
  await assert.rejects(attempt, (error) => hasCode(error, "HF-THREAD-ENDED"));
});
