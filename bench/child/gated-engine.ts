// A process with many runs of a step, a gate that hangs until a marker file is there, and a step. "load"
// starts them and says "ready" when all hang at the gate, to be killed there; "finish" opens what is left and
// says "done" when all have ended.
// Arguments: load or finish, the journal's file, the marker's file, the number of runs.

import { existsSync } from "node:fs";
import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { payload, step } from "../step.ts";
import { atOnce } from "../workload.ts";
import { say } from "./process.ts";
import { profiled } from "./profiled.ts";

/** Starts in flight at once while loading. */
const START_WIDTH = 250;
/** Longer than any benchmark: keeps the process alive until it is killed. */
const FOREVER_MS = 3_600_000;

const [mode, path = "", marker = "", number = "0"] = process.argv.slice(2);
const count = Number(number);
const Marker = z.string();

let waiting = 0;
const full = Promise.withResolvers<void>();

const gate: Activity<string, string> = activity({
  name: "bench.gate",
  input: Marker,
  output: Marker,
  effect: "none",
  run: async (file) => {
    if (existsSync(file)) return file;
    waiting += 1;
    if (waiting === count) full.resolve();
    return new Promise<never>(() => undefined);
  },
});

const gated: Workflow<string, string> = workflow({
  name: "bench.gated",
  input: Marker,
  output: Marker,
  run: async (ctx, file) => {
    await ctx.call(step, payload(0));
    await ctx.call(gate, file);
    await ctx.call(step, payload(1));
    return file;
  },
});

const gatedId = (n: number): string => `gated-${n}`;

const open = (): ReturnType<typeof openEngine> =>
  openEngine({ path, definitions: [gated], durability: "full" });

if (mode === "load") {
  const engine = await open();
  setTimeout(() => undefined, FOREVER_MS);
  await atOnce(count, START_WIDTH, (n) => engine.client.start(gated, marker, { id: gatedId(n) }));
  await full.promise;
  await engine.idle();
  say("ready");
} else {
  const engine = await profiled(async () => {
    const opened = await open();
    await atOnce(count, count, (n) => opened.client.run(gated, gatedId(n)).result());
    return opened;
  });
  say("done");
  await engine.close();
}
