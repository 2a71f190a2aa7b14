// Behaviours of workflows: calls, time, messages, races, cancellation, continuing as new.

import assert from "node:assert/strict";
import { type Workflow, done, signal, workflow } from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

const HOUR = 3_600_000;

const sum: Workflow<number, number> = workflow({
  name: "contract.sum",
  input: z.number(),
  output: z.number(),
  run: async (ctx, count) => {
    let total = 0;
    for (let n = 0; n < count; n += 1) total += await ctx.call(double, n);
    return total;
  },
});

const gate = workflow({
  name: "contract.gate",
  input: z.object({ waitMs: z.number().optional() }),
  output: z.object({ opened: z.boolean(), notes: z.array(z.string()), at: z.number() }),
  signals: { note: z.string(), open: signal() },
  queries: { notes: z.array(z.string()) },
  run: async (ctx, { waitMs }) => {
    const notes: string[] = [];
    let open = false;
    ctx.onSignal("note", (text) => {
      notes.push(text);
    });
    ctx.onSignal("open", () => {
      open = true;
    });
    ctx.onQuery("notes", () => notes);
    const opened = await ctx.until(() => open, waitMs);
    return { opened, notes, at: ctx.now() };
  },
});

const naps = workflow({
  name: "contract.naps",
  input: z.array(z.number()),
  output: z.array(z.number()),
  run: async (ctx, lengths) => {
    const woke: number[] = [];
    await Promise.all(
      lengths.map(async (length, index) => {
        await ctx.sleep(length);
        woke.push(index);
      }),
    );
    return woke;
  },
});

export const workflowBehaviours: readonly Behaviour[] = [
  {
    name: "call() runs activities one after the other and gives their output",
    definitions: () => [sum],
    async run(world) {
      const run = await world.client.start(sum, 5, { id: "sum" });
      assert.equal(await world.drive(run.result()), 20);
      const kinds = (await world.engine.history("sum")).map(({ entry }) => entry.kind);
      assert.deepEqual(kinds.slice(0, 3), ["started", "call", "done"]);
      assert.equal(kinds.at(-1), "completed");
    },
  },
  {
    name: "sleep() wakes in due order, never early, and a zero or negative sleep at once",
    definitions: () => [naps],
    async run(world) {
      const start = world.clock.now();
      const run = await world.client.start(naps, [3 * HOUR, HOUR, 0, -5, 2 * HOUR], { id: "naps" });
      assert.deepEqual(await world.drive(run.result()), [3, 2, 1, 4, 0]);
      assert.equal(world.clock.now(), start + 3 * HOUR);
    },
  },
  {
    name: "sleep() longer than 2^31 ms wakes on time",
    definitions: () => [naps],
    async run(world) {
      const start = world.clock.now();
      const run = await world.client.start(naps, [40 * 24 * HOUR], { id: "long" });
      await world.drive(run.result());
      assert.equal(world.clock.now(), start + 40 * 24 * HOUR);
    },
  },
  {
    name: "until() answers true when a signal makes it hold, false when its time is up",
    definitions: () => [gate],
    async run(world) {
      const first = await world.client.start(gate, { waitMs: HOUR }, { id: "signalled" });
      await first.signal("open");
      assert.equal((await world.drive(first.result())).opened, true);
      const start = world.clock.now();
      const second = await world.client.start(gate, { waitMs: HOUR }, { id: "late" });
      assert.deepEqual(await world.drive(second.result()), {
        opened: false,
        notes: [],
        at: start + HOUR,
      });
    },
  },
  {
    name: "signal() delivers in order, once per request id, and query() sees it",
    definitions: () => [gate],
    async run(world) {
      const run = await world.client.start(gate, {}, { id: "notes" });
      await run.signal("note", "a", { requestId: "1" });
      await run.signal("note", "b", { requestId: "2" });
      await run.signal("note", "a", { requestId: "1" });
      assert.deepEqual(await run.query("notes"), ["a", "b"]);
      await run.signal("open");
      assert.deepEqual((await world.drive(run.result())).notes, ["a", "b"]);
      await run.signal("note", "a", { requestId: "1" });
      await assert.rejects(run.signal("note", "c"), code("HF-RUN-CLOSED"));
      assert.deepEqual(await run.query("notes"), ["a", "b"]);
    },
  },
  {
    name: "a race has one winner, and the loser's later failure is nobody's",
    definitions: () => [race],
    async run(world) {
      const run = await world.client.start(race, undefined, { id: "race" });
      assert.equal(await world.drive(run.result()), "timer");
    },
  },
  {
    name: "now() stands still within an activation and moves with time",
    definitions: () => [times],
    async run(world) {
      const run = await world.client.start(times, undefined, { id: "times" });
      const [first, second, third] = await world.drive(run.result());
      assert.equal(first, second);
      assert.equal((third ?? 0) - (second ?? 0), HOUR);
    },
  },
  {
    name: "random() and uuid() repeat on replay and differ between runs",
    definitions: () => [chance],
    async run(world) {
      const a = await world.drive(
        (await world.client.start(chance, undefined, { id: "a" })).result(),
      );
      const b = await world.drive(
        (await world.client.start(chance, undefined, { id: "b" })).result(),
      );
      assert.notDeepEqual(a, b);
      assert.match(
        a.uuid,
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
      );
    },
  },
  {
    name: "loop() continues as new by itself and keeps its state",
    definitions: () => [counter],
    historySuggest: 50,
    async run(world) {
      const run = await world.client.start(counter, 100, { id: "counter" });
      assert.equal(await world.drive(run.result()), 100);
      assert.ok((await run.describe()).generation >= 3);
    },
  },
  {
    name: "continueAs() starts the next generation and carries unhandled signals over",
    definitions: () => [relay],
    async run(world) {
      const run = await world.client.start(relay, 0, { id: "relay" });
      await run.signal("word", "kept");
      assert.equal(await world.drive(run.result()), "kept after 3");
    },
  },
  {
    name: "cancel() interrupts waits, lets the workflow clean up in a shield, and closes the run",
    definitions: () => [cleanup],
    async run(world) {
      const run = await world.client.start(cleanup, undefined, { id: "cleanup" });
      await world.settle();
      await run.cancel({ reason: "enough" });
      await assert.rejects(world.drive(run.result()), code("HF-CANCELLED"));
      assert.equal((await run.describe()).status, "cancelled");
      const calls = (await world.engine.history("cleanup")).filter(
        ({ entry }) => entry.kind === "done",
      );
      assert.equal(calls.length, 1);
    },
  },
  {
    name: "start() attaches to the open run, and refuses a closed one unless told",
    definitions: () => [gate],
    async run(world) {
      const run = await world.client.start(gate, {}, { id: "one" });
      await world.client.start(gate, {}, { id: "one" });
      await assert.rejects(
        world.client.start(gate, {}, { id: "one", onOpen: "fail" }),
        code("HF-RUN-EXISTS"),
      );
      await assert.rejects(
        world.client.start(gate, {}, { id: "one", onOpen: "replace" }),
        code("HF-EFFECTS-UNSAID"),
      );
      await run.signal("open");
      await world.drive(run.result());
      await assert.rejects(world.client.start(gate, {}, { id: "one" }), code("HF-RUN-EXISTS"));
      await world.client.start(gate, {}, { id: "one", onClosed: "attach" });
      assert.equal((await run.describe()).status, "completed");
      await world.client.start(gate, {}, { id: "one", onClosed: "restart", effects: "again" });
      const again = await run.describe();
      assert.deepEqual([again.status, again.root], ["running", "one~1"]);
      await world.client.start(gate, {}, { id: "one", onOpen: "replace", effects: "continue" });
      assert.equal((await run.describe()).root, "one~1");
    },
  },
  {
    name: "start() with a delay begins no earlier",
    definitions: () => [times],
    async run(world) {
      const start = world.clock.now();
      const run = await world.client.start(times, undefined, { id: "delayed", delay: "1h" });
      const [first] = await world.drive(run.result());
      assert.equal(first, start + HOUR);
    },
  },
  {
    name: "start() refuses unknown workflows and inputs that do not fit, and leaves no trace",
    definitions: () => [sum],
    async run(world) {
      await assert.rejects(world.client.start(gate, {}, { id: "x" }), code("HF-WORKFLOW-UNKNOWN"));
      await assert.rejects(
        world.client.start(sum, "5" as never, { id: "x" }),
        code("HF-INPUT-INVALID"),
      );
      assert.deepEqual((await world.engine.list()).runs, []);
    },
  },
  {
    name: "a workflow that throws fails its run",
    definitions: () => [broken],
    async run(world) {
      const run = await world.client.start(broken, undefined, { id: "broken" });
      await assert.rejects(world.drive(run.result()), /out of luck/u);
      const described = await run.describe();
      assert.equal(described.status, "failed");
      assert.equal(described.failure?.disposition, "terminal");
    },
  },
];

const race = workflow({
  name: "contract.race",
  input: z.undefined(),
  output: z.string(),
  run: async (ctx) => {
    const winner = await Promise.race([
      ctx.sleep("1h").then(() => "timer"),
      ctx.sleep("2h").then(() => {
        throw new Error("the loser");
      }),
    ]);
    await ctx.sleep("3h");
    return winner;
  },
});

const times = workflow({
  name: "contract.times",
  input: z.undefined(),
  output: z.array(z.number()),
  run: async (ctx) => {
    const seen = [ctx.now(), ctx.now()];
    await ctx.sleep("1h");
    return [...seen, ctx.now()];
  },
});

const chance = workflow({
  name: "contract.chance",
  input: z.undefined(),
  output: z.object({ random: z.number(), uuid: z.string() }),
  run: async (ctx) => {
    const random = ctx.random();
    await ctx.sleep("1s");
    return { random, uuid: ctx.uuid() };
  },
});

const counter = workflow({
  name: "contract.counter",
  input: z.number(),
  output: z.number(),
  run: async (ctx, end) =>
    ctx.loop(0, async (n) => {
      await ctx.sleep("5m");
      return n + 1 === end ? done(n + 1) : n + 1;
    }),
});

const relay = workflow({
  name: "contract.relay",
  input: z.number(),
  output: z.string(),
  signals: { word: z.string() },
  run: async (ctx, generation) => {
    await ctx.sleep("1m");
    if (generation < 3) return ctx.continueAs(generation + 1);
    let word = "";
    ctx.onSignal("word", (text) => {
      word = text;
    });
    await ctx.until(() => word !== "");
    return `${word} after ${ctx.info.generation}`;
  },
});

const cleanup = workflow({
  name: "contract.cleanup",
  input: z.undefined(),
  output: z.string(),
  run: async (ctx) => {
    try {
      await ctx.sleep("1w");
      return "slept";
    } catch (error) {
      await ctx.shield((shielded) => shielded.call(double, 1));
      throw error;
    }
  },
});

const broken = workflow({
  name: "contract.broken",
  input: z.undefined(),
  output: z.string(),
  run: async (ctx) => {
    await ctx.sleep(0);
    throw new Error("out of luck");
  },
});
