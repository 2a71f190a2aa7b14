// The mixed load of the soak: runs of steps, naps, retries, children, signals, updates and queries, and a few runs
// that live throughout and continue as new. Everything that starts also ends, so what is open stays level.

import { type Activity, type Workflow, activity, signal, workflow } from "@holdfast/core";
import type { EmbeddedEngine } from "@holdfast/engine";
import { z } from "zod";
import { step, steps } from "../step.ts";

/** Steps of the plain run, and of a child. */
const STEPS = 5;
/** Naps are spread so that some end in memory and some are brought back for it. */
const NAPS_MS = [100, 1_000, 5_000, 20_000] as const;
const NAPS_QUICK_MS = [100, 2_500] as const;
/** The long runs take a step so often. */
const BEAT_MS = 250;
const BEATS_PER_GENERATION = 400;

const flaky: Activity<number, number> = activity({
  name: "soak.flaky",
  input: z.number(),
  output: z.number(),
  effect: "none",
  retry: { first: "100ms" },
  run: (input, { attempt }) => {
    if (attempt === 1) throw new Error("The first attempt fails.");
    return input;
  },
});

const napping: Workflow<number, number> = workflow({
  name: "soak.napping",
  input: z.number(),
  output: z.number(),
  run: async (ctx, ms) => {
    await ctx.sleep(ms);
    return ctx.call(flaky, ms);
  },
});

const parent: Workflow<number, number> = workflow({
  name: "soak.parent",
  input: z.number(),
  output: z.number(),
  run: (ctx, count) => ctx.child(steps, count),
});

const asked: Workflow<number, number> = workflow({
  name: "soak.asked",
  input: z.number(),
  output: z.number(),
  signals: { go: signal() },
  queries: { amount: z.number() },
  updates: { add: { input: z.number(), output: z.number() } },
  run: async (ctx, start) => {
    let amount = start;
    let going = false;
    ctx.onQuery("amount", () => amount);
    ctx.onUpdate("add", { apply: (more) => (amount += more) });
    ctx.onSignal("go", () => {
      going = true;
    });
    await ctx.until(() => going, "1h");
    return amount;
  },
});

/** Beats until it is cancelled. */
const beating: Workflow<number, number> = workflow({
  name: "soak.beating",
  input: z.number(),
  output: z.number(),
  run: async (ctx, generation) => {
    for (let n = 0; n < BEATS_PER_GENERATION; n += 1) {
      await ctx.sleep(BEAT_MS);
      await ctx.call(step, { symbol: "BTC-PERP", side: "long", n, sizeUsd: "25.00" });
    }
    return ctx.continueAs(generation + 1);
  },
});

export const definitions: readonly Workflow<never>[] = [
  steps,
  napping,
  parent,
  asked,
  beating,
] as never;

const LONG_RUNS = 20;

/** Starts the runs that live throughout. */
export async function startLong({ client }: EmbeddedEngine): Promise<void> {
  for (let n = 0; n < LONG_RUNS; n += 1) await client.start(beating, 0, { id: `beating-${n}` });
}

/** One round of the load: five runs, each of another kind, each to its end. */
export async function round({ client }: EmbeddedEngine, n: number, quick: boolean): Promise<void> {
  const naps = quick ? NAPS_QUICK_MS : NAPS_MS;
  const nap = naps[n % naps.length] ?? 0;
  await Promise.all([
    client.start(steps, STEPS, { id: `steps-${n}` }).then((run) => run.result()),
    client.start(napping, nap, { id: `napping-${n}` }).then((run) => run.result()),
    client.start(parent, STEPS, { id: `parent-${n}` }).then((run) => run.result()),
    ask(client, n),
  ]);
}

async function ask(client: EmbeddedEngine["client"], n: number): Promise<void> {
  const run = await client.start(asked, n, { id: `asked-${n}` });
  await run.update("add", 1);
  const amount = await run.query("amount");
  await run.signal("go");
  const result = await run.result();
  if (amount !== n + 1 || result !== amount) throw new Error(`Run ${n} answered ${result}.`);
}
