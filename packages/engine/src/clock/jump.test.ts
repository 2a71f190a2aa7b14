// Clocks that are set: forwards and back, while the engine runs and while it is away. A run's time never goes
// back, no timer comes early by the clock of the moment, and what is overdue comes once, in due order.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Clock, HoldfastError, type TimerHandle, activity, workflow } from "@holdfast/core";
import { VIRTUAL_START } from "@holdfast/testing";
import { z } from "zod";
import { type EmbeddedEngine, memoryJournal, openEngine } from "../index.ts";
import { systemClock } from "./system.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A clock that leaps: unlike a virtual clock, it shows its new time to everything that is due. */
class LeapingClock implements Clock {
  #now = VIRTUAL_START;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  setTimer(at: number, callback: () => void): TimerHandle {
    const due = (): void => {
      callback();
    };
    this.#timers.set(due, at);
    return {
      cancel: () => {
        this.#timers.delete(due);
      },
    };
  }

  get next(): number {
    return Math.min(...this.#timers.values());
  }

  leapTo(instant: number): void {
    this.#now = instant;
    for (const [callback, at] of [...this.#timers].toSorted(([, a], [, b]) => a - b)) {
      if (at <= instant && this.#timers.delete(callback)) callback();
    }
  }
}

/** What is seen when something happens: what it was, by the run's time, by the clock. */
type Seen = readonly [what: string, runTime: number, clockTime: number];

class Watch implements AsyncDisposable {
  readonly clock = new LeapingClock();
  readonly start: number = this.clock.now();
  readonly seen: Seen[] = [];
  readonly attempts: number[] = [];
  readonly #journal = memoryJournal();
  #engine: EmbeddedEngine | undefined;
  /** Sleeps, in pieces, so many hours each; all pieces at once. */
  readonly sleeper = workflow({
    name: "jump.sleeper",
    input: z.array(z.number()),
    output: z.array(z.number()),
    signals: { look: z.string() },
    run: async (ctx, hours) => {
      const times: number[] = [];
      const look = (what: string): void => {
        times.push(ctx.now());
        this.seen.push([what, ctx.now(), this.clock.now()]);
      };
      ctx.onSignal("look", look);
      look("start");
      await Promise.all(hours.map((n) => ctx.sleep(n * HOUR).then(() => look(`${n} h`))));
      return times;
    },
  });
  readonly flaky = workflow({
    name: "jump.flaky",
    input: z.number(),
    output: z.number(),
    run: async (ctx, n) =>
      ctx.call(
        activity({
          name: "jump.failing",
          input: z.number(),
          output: z.number(),
          effect: "external",
          timeouts: { total: "2d" },
          retry: { first: "1h", factor: 1, max: "1h" },
          run: (count, a) => {
            this.attempts.push(this.clock.now());
            if (a.attempt <= count)
              throw new HoldfastError("AWAY", "away", { disposition: "retry" });
            return a.attempt;
          },
        }),
        n,
      ),
  });

  get engine(): EmbeddedEngine {
    assert.ok(this.#engine !== undefined);
    return this.#engine;
  }

  async open(): Promise<this> {
    const definitions = [this.sleeper, this.flaky];
    this.#engine = await openEngine({ path: this.#journal.path, definitions, clock: this.clock });
    await this.settle();
    return this;
  }

  /** Sets the clock: at once, and what is due then comes when it stands there. */
  async set(by: number, how: "running" | "stopped"): Promise<void> {
    const to = this.clock.now() + by;
    if (how === "stopped") {
      this.engine.abandon();
      this.clock.leapTo(to);
      await this.open();
    }
    // What the engine found overdue when it was opened is due now.
    this.clock.leapTo(to);
    await this.settle();
  }

  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      await this.engine.idle();
    } while (this.engine.busy);
  }

  /** Lets time pass, from one due instant to the next, until the promise settles. */
  async drive<Value>(promise: Promise<Value>): Promise<Value> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    promise.then(settle, settle);
    for (await this.settle(); !state.settled; await this.settle()) {
      const { clock } = this;
      assert.ok(Number.isFinite(clock.next), "nothing is due");
      clock.leapTo(Math.max(clock.now(), clock.next));
    }
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.deepEqual(await this.engine.verify(), []);
    await this.engine.close();
    this.#journal[Symbol.dispose]();
  }
}

const WAYS = ["running", "stopped"] as const;

for (const how of WAYS) {
  for (const [by, name] of [
    [HOUR, "an hour"],
    [YEAR, "a year"],
  ] as const) {
    test(`a clock set forwards by ${name} (${how}): what is overdue comes once, in due order`, async () => {
      await using watch = await new Watch().open();
      const hours = [0.75, 0.25, 0.5, 400 * 24];
      await watch.engine.client.start(watch.sleeper, hours, { id: "sleeper" });
      await watch.settle();
      await watch.set(by, how);
      assert.deepEqual(
        watch.seen.map(([what]) => what).filter((what) => what !== "start"),
        ["0.25 h", "0.5 h", "0.75 h"],
      );
      const run = watch.engine.client.run(watch.sleeper, "sleeper");
      assert.equal((await run.describe()).wakeAt, watch.start + 400 * DAY, "its time is its time");
      const times = await watch.drive(run.result());
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      assert.equal(times.length, 5);
      assert.equal(watch.clock.now(), watch.start + 400 * DAY);
    });
  }

  for (const [by, name] of [
    [HOUR, "an hour"],
    [DAY, "a day"],
  ] as const) {
    test(`a clock set back by ${name} (${how}): a run's time never goes back, and no timer comes early`, async () => {
      await using watch = await new Watch().open();
      await watch.engine.client.start(watch.sleeper, [1, 3], { id: "sleeper" });
      await watch.settle();
      // The first wakes it; then the clock goes back.
      watch.clock.leapTo(watch.start + 2 * HOUR);
      await watch.settle();
      await watch.set(-by, how);
      await watch.engine.client.run(watch.sleeper, "sleeper").signal("look", "a look");
      await watch.settle();
      const [, runTime] = watch.seen.at(-1) ?? [];
      assert.equal(runTime, watch.start + 2 * HOUR, "its time stands still");
      const times = await watch.drive(watch.engine.client.run(watch.sleeper, "sleeper").result());
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      const last = watch.seen.at(-1);
      assert.deepEqual(last, ["3 h", watch.start + 3 * HOUR, watch.start + 3 * HOUR]);
    });
  }

  test(`a sleep that begins after the clock was set back (${how}) ends by the run's own time`, async () => {
    await using watch = await new Watch().open();
    await watch.engine.client.start(watch.sleeper, [1], { id: "before" });
    await watch.settle();
    await watch.set(-DAY, how);
    const run = await watch.engine.client.start(watch.sleeper, [2], { id: "after" });
    await watch.drive(run.result());
    assert.equal(
      watch.clock.now(),
      watch.start - DAY + 2 * HOUR,
      "the new run has a time of its own",
    );
  });

  test(`retries over a clock set back and forth (${how}) are made, and not in a burst`, async () => {
    await using watch = await new Watch().open();
    await watch.engine.client.start(watch.flaky, 3, { id: "flaky" });
    await watch.settle();
    assert.equal(watch.attempts.length, 1);
    await watch.set(-HOUR, how);
    assert.equal(watch.attempts.length, 1, "none comes early");
    await watch.set(2 * HOUR, how);
    assert.equal(watch.attempts.length, 2);
    await watch.set(HOUR, how);
    assert.equal(watch.attempts.length, 3);
    await watch.drive(watch.engine.client.run(watch.flaky, "flaky").result());
    assert.equal(watch.attempts.length, 4);
    assert.ok(watch.clock.now() <= watch.start + 3 * HOUR);
  });

  test(`a clock set forwards over a call's total (${how}) ends it, with its last failure`, async () => {
    await using watch = await new Watch().open();
    await watch.engine.client.start(watch.flaky, 100, { id: "flaky" });
    await watch.settle();
    await watch.set(YEAR, how);
    const run = watch.engine.client.run(watch.flaky, "flaky");
    await assert.rejects(watch.drive(run.result()), /AWAY|away/u);
    assert.ok(watch.attempts.length <= 2);
  });
}

test("systemClock notices within a minute that the machine's clock was set forwards", (context: TestContext) => {
  const machine = machineOf(context, 0);
  let calls = 0;
  systemClock.setTimer(10 * HOUR, () => {
    calls += 1;
  });
  // As after a night's sleep of the machine: the clock has gone on, the timers have not.
  machine.set(10 * HOUR);
  machine.pass(60_000);
  assert.equal(calls, 1);
});

test("systemClock calls back no earlier than asked when the machine's clock was set back", (context: TestContext) => {
  const machine = machineOf(context, DAY);
  const called: number[] = [];
  systemClock.setTimer(DAY + HOUR, () => {
    called.push(Date.now());
  });
  machine.set(0);
  machine.pass(2 * HOUR);
  assert.deepEqual(called, []);
  machine.pass(DAY);
  assert.equal(called.length, 1);
  assert.ok((called[0] ?? 0) >= DAY + HOUR);
});

/** A machine whose clock can be set: its timers count what passes, and not what its clock shows. */
function machineOf(
  context: TestContext,
  start: number,
): { readonly set: (instant: number) => void; readonly pass: (ms: number) => void } {
  let now = start;
  context.mock.timers.enable({ apis: ["setTimeout"] });
  context.mock.method(Date, "now", () => now);
  return {
    set(instant) {
      now = instant;
    },
    pass(ms) {
      // A second at a time: a timer that sets another one counts from where it is.
      for (let passed = 0; passed < ms; passed += 1_000) {
        now += 1_000;
        context.mock.timers.tick(1_000);
      }
    },
  };
}
