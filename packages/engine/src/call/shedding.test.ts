// A process that has more to do than it can, on the real engine: what begins, what waits, and what goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HoldfastError,
  type Load,
  type Priority,
  activity,
  signal,
  workflow,
} from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing/clock";
import { z } from "zod";
import { openEngine } from "../index.ts";

const begun: string[] = [];
const look = activity({
  name: "shed.look",
  input: z.string(),
  output: z.string(),
  effect: "none",
  timeouts: { total: "1m" },
  run: (what, { attempt }) => {
    begun.push(`${what}#${attempt}`);
    return what;
  },
});
const pay = activity({
  name: "shed.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "1m" },
  run: (what) => {
    begun.push(what);
    return what;
  },
});

const looking = (priority: Priority) =>
  workflow({
    name: `shed.${priority}`,
    input: z.string(),
    output: z.string(),
    priority,
    run: (ctx, what) => ctx.call(look, what),
  });
const [high, normal, low] = [looking("high"), looking("normal"), looking("low")];

const paying = workflow({
  name: "shed.paying",
  input: z.string(),
  output: z.string(),
  priority: "low",
  run: (ctx, what) => ctx.call(pay, what),
});

/** Waits, then has a child and a second generation. */
const going = workflow({
  name: "shed.going",
  input: z.number(),
  output: z.string(),
  signals: { go: signal() },
  run: async (ctx, generation) => {
    let went = generation > 0;
    ctx.onSignal("go", () => {
      went = true;
    });
    await ctx.until(() => went);
    if (generation === 0) return ctx.continueAs(1);
    return ctx.child(paying, "pay by child", { id: "child" });
  },
});

class HandLoad implements Load {
  isHeld = false;
  shed: readonly Priority[] = [];
  readonly listeners = new Set<() => void>();

  held(id: string): HoldfastError | undefined {
    if (!this.isHeld) return undefined;
    return new HoldfastError("HF-OVERLOADED", `Not now: "${id}".`, {
      outcome: "not-sent",
      retryAfterMs: 5_000,
    });
  }

  sheds(priority: Priority): boolean {
    return this.shed.includes(priority);
  }

  onEased(listener: () => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  ease(shed: readonly Priority[]): void {
    this.shed = shed;
    for (const listener of this.listeners) listener();
  }
}

async function stage() {
  begun.length = 0;
  const clock = new VirtualClock();
  const load = new HandLoad();
  const definitions = [high, normal, low, paying, going];
  const engine = await openEngine({ path: ":memory:", definitions, clock, load });
  const driven = <Value>(promise: Promise<Value>): Promise<Value> =>
    drive(promise, { clock, engines: () => [engine] });
  return { clock, load, engine, driven };
}

test("starts are held; those that run go on, with children and new generations", async () => {
  const { load, engine, driven } = await stage();
  await using _ = engine;
  const run = await engine.client.start(going, 0, { id: "going" });
  load.isHeld = true;
  await assert.rejects(engine.client.start(normal, "late", { id: "late" }), {
    code: "HF-OVERLOADED",
    disposition: "retry-after",
    outcome: "not-sent",
    retryAfterMs: 5_000,
  });
  await assert.rejects(engine.describe("late"), { code: "HF-RUN-UNKNOWN" });
  // It exists: nothing begins by this.
  await engine.client.start(going, 0, { id: "going" });
  await run.signal("go");
  assert.equal(await driven(run.result()), "pay by child");
  load.isHeld = false;
  await engine.client.start(normal, "late", { id: "late" });
  assert.equal(await driven(engine.client.run(normal, "late").result()), "late");
});

test("calls without money wait by priority, cost no attempt, and go on when it is better", async () => {
  const { clock, load, engine, driven } = await stage();
  await using _ = engine;
  load.shed = ["low"];
  const start = (of: typeof low, id: string) => engine.client.start(of, id, { id });
  const [one, two, three, four] = [
    await start(low, "low"),
    await start(normal, "normal"),
    await start(high, "high"),
    await start(paying, "pay"),
  ];
  assert.deepEqual(await driven(Promise.all([two, three, four].map((run) => run.result()))), [
    "normal",
    "high",
    "pay",
  ]);
  load.shed = ["low", "normal"];
  const five = await start(normal, "normal-2");
  await engine.idle();
  clock.advanceTo(clock.now() + 30_000);
  await engine.idle();
  assert.deepEqual(begun, ["normal#1", "high#1", "pay"]);
  load.ease(["low"]);
  assert.equal(await driven(five.result()), "normal-2");
  assert.deepEqual((await engine.describe("low")).calls[0]?.state, "waiting");
  load.ease([]);
  assert.equal(await driven(one.result()), "low");
  assert.deepEqual(begun.slice(3), ["normal-2#1", "low#1"]);
});

test("a call that waited for as long as its total fails, and says that nothing was sent", async () => {
  const { load, engine, driven } = await stage();
  await using _ = engine;
  load.shed = ["low"];
  const run = await engine.client.start(low, "low", { id: "low" });
  await assert.rejects(driven(run.result()), { code: "HF-OVERLOADED", outcome: "not-sent" });
  assert.deepEqual(begun, []);
});

test("an engine that is closed asks nobody any more", async () => {
  const { load, engine } = await stage();
  assert.equal(load.listeners.size, 1);
  await engine.close();
  assert.equal(load.listeners.size, 0);
});
