// A process of the workload with very many sleeping runs. "load" starts them, all to wake tomorrow, and last some
// that wake at once; it tells how many it started a second, and its memory while they sleep. "cold" opens what
// it left and tells when the first, and when all of those due had woken, and its memory then.
// Arguments: load or cold, the file, the number of runs, how many of them are due, milliseconds until what the starts
// set going has come to rest.

import { setTimeout as after } from "node:timers/promises";
import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { memoryMib } from "../memory.ts";
import { atOnce } from "../workload.ts";
import { say } from "./process.ts";
import { profiled } from "./profiled.ts";

/** Starts in flight at once. */
const START_WIDTH = 500;
const DAY_MS = 86_400_000;
const MS_PER_S = 1_000;

const [mode, path = "", ...numbers] = process.argv.slice(2);
const [count = 0, due = 0, restMs = 0] = numbers.map(Number);

/** When those that were due had woken, by the wall clock. */
const wokenAt: number[] = [];
const all = Promise.withResolvers<void>();

const woken: Activity<number, number> = activity({
  name: "bench.woken",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (input) => {
    wokenAt.push(Date.now());
    if (wokenAt.length === due) all.resolve();
    return input;
  },
});

const sleeper: Workflow<number, number> = workflow({
  name: "bench.sleeper",
  input: z.number(),
  output: z.number(),
  run: async (ctx, until) => {
    await ctx.sleepUntil(until);
    return ctx.call(woken, until);
  },
});

async function load(): Promise<readonly number[]> {
  await using engine = await openEngine({ path, definitions: [sleeper], durability: "full" });
  const tomorrow = Date.now() + DAY_MS;
  const started = performance.now();
  await atOnce(count - due, START_WIDTH, (n) =>
    engine.client.start(sleeper, tomorrow + n, { id: `run-${n}` }),
  );
  const perSecond = ((count - due) * MS_PER_S) / (performance.now() - started);
  await after(restMs);
  const mib = memoryMib();
  const soon = Date.now() + restMs;
  await atOnce(due, START_WIDTH, (n) => engine.client.start(sleeper, soon, { id: `due-${n}` }));
  // As after a crash: they are overdue when somebody opens the file again.
  engine.abandon();
  await after(restMs);
  return [perSecond, mib];
}

async function cold(): Promise<readonly number[]> {
  await using _engine = await openEngine({ path, definitions: [sleeper], durability: "full" });
  await all.promise;
  return [Math.min(...wokenAt), Math.max(...wokenAt), memoryMib()];
}

say(JSON.stringify(mode === "load" ? await load() : await profiled(cold)));
