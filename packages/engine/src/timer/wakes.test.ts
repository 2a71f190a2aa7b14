// Sleeping runs: woken in due order however many are due, brought back ahead of their time, and out of memory as soon
// as they sleep.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { activity, signal, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { Alarms } from "../clock/alarms.ts";
import { systemClock } from "../clock/system.ts";
import { type EmbeddedEngine, openEngine } from "../engine.ts";
import { AHEAD_MS, DUE_MAX } from "../options.ts";
import { openStore } from "../store/store.ts";
import { Wakes } from "./wakes.ts";

function journal(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-wakes-"));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, "journal.sqlite");
}

const order: number[] = [];

const woken = activity({
  name: "woken",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (at) => {
    order.push(at);
    return at;
  },
});

const sleeper = workflow({
  name: "sleeper",
  input: z.number(),
  output: z.number(),
  run: async (ctx, at) => {
    await ctx.sleepUntil(at);
    return ctx.call(woken, at);
  },
});

test("more runs than one turn takes, all overdue after a stop, wake in due order", async (t) => {
  const path = journal(t);
  const clock = new VirtualClock();
  const count = DUE_MAX * 2 + 10;
  const due = Array.from({ length: count }, (_, n) => clock.now() + 60_000 + ((n * 7) % count));
  {
    await using engine = await openEngine({ path, definitions: [sleeper], clock });
    await Promise.all(due.map((at, n) => engine.client.start(sleeper, at, { id: `run-${n}` })));
    await engine.idle();
  }
  clock.advanceTo(clock.now() + 3_600_000);
  order.length = 0;
  await using engine: EmbeddedEngine = await openEngine({ path, definitions: [sleeper], clock });
  const results = Promise.all(due.map((_, n) => engine.client.run(sleeper, `run-${n}`).result()));
  await drive(results, { clock, engines: () => [engine] });
  assert.deepEqual(
    order,
    due.toSorted((a, b) => a - b),
  );
});

test("a stuck run whose timer is overdue keeps nobody busy, and wakes once its code fits", async (t) => {
  const path = journal(t);
  const clock = new VirtualClock();
  {
    await using engine = await openEngine({ path, definitions: [sleeper], clock });
    await engine.client.start(sleeper, clock.now() + 60_000, { id: "run" });
  }
  clock.advanceTo(clock.now() + 120_000);
  {
    await using engine = await openEngine({ path, definitions: [], clock });
    await engine.idle();
    const { runs } = await engine.list({ status: "stuck" });
    assert.deepEqual(
      runs.map(({ id }) => id),
      ["run"],
    );
    await engine.idle();
  }
  await using engine: EmbeddedEngine = await openEngine({ path, definitions: [sleeper], clock });
  await drive(engine.client.run(sleeper, "run").result(), { clock, engines: () => [engine] });
});

test("Wakes.soon() gives each run once, shortly before it is due", async (t) => {
  using store = openStore(journal(t), {});
  const now = systemClock.now();
  const at = [now + 100, now + 100, now + AHEAD_MS / 2, now + 10 * AHEAD_MS];
  const state = {
    status: "running",
    active: false,
    closedAt: undefined,
    cancelRequested: false,
    problem: undefined,
  } as const;
  const run = { workflow: "w", account: "a", generation: 0, startedAt: now };
  store.transaction(() => {
    for (const [index, wakeAt] of at.entries()) {
      const id = `run-${index}`;
      const names = { id, runId: id, root: id, request: id };
      store.runs.insert({ ...run, ...names, row: index + 1, state: { ...state, wakeAt } });
    }
  });
  using alarms = new Alarms(systemClock);
  const rang = Promise.withResolvers<void>();
  const wakes = new Wakes(alarms, systemClock, store.runs, rang.resolve);
  wakes.rearm();
  alarms.rearm();
  await rang.promise;
  const rows = (): readonly number[] => wakes.soon(now).map(({ row }) => row);
  assert.deepEqual(rows(), [1, 2, 3]);
  assert.deepEqual(rows(), [1, 2, 3], "until they are back");
  wakes.isBack({ at: now + 100, row: 1 });
  assert.deepEqual(rows(), [2, 3]);
  wakes.isBack({ at: now + AHEAD_MS / 2, row: 3 });
  assert.deepEqual(rows(), []);
});

test("a run found out after it left memory is stuck as it is now, not as it was then", async (t) => {
  const path = journal(t);
  const foreign = Promise.withResolvers<void>();
  const leaky = workflow({
    name: "leaky",
    input: z.number(),
    output: z.number(),
    signals: { ping: signal() },
    run: async (ctx, at) => {
      let pings = 0;
      ctx.onSignal("ping", async () => {
        pings += 1;
        await ctx.sleep("10m");
      });
      foreign.promise.then(() => ctx.call(woken, 1)).catch(() => undefined);
      await ctx.sleepUntil(at);
      return pings;
    },
  });
  const clock = new VirtualClock();
  await using engine = await openEngine({ path, definitions: [leaky], clock });
  const run = await engine.client.start(leaky, clock.now() + 3_600_000, { id: "run" });
  await run.signal("ping");
  await run.signal("ping");
  foreign.resolve();
  await foreign.promise;
  await engine.idle();
  const { status, problem, historyLength } = await run.describe();
  assert.deepEqual([status, problem?.code, historyLength], ["stuck", "HF-FOREIGN-AWAIT", 6]);
  assert.deepEqual(await engine.verify(), []);
});
