// The definitions with which Holdfast does the work of the peers, on each of its engines. On Temporal they are
// bundled, so they stand at the top of a module; the place they touch is that of this process.

import { type Activity, type Workflow, activity, workflow } from "holdfast";
import { z } from "zod";
import { payload } from "../../payload.ts";
import { step } from "../../step.ts";
import { EFFECT_STEPS, type Place } from "../peer.ts";

let here: Place | undefined;

/** Says where the definitions work. */
export function placeAt(place: Place): void {
  here = place;
}

function place(): Place {
  if (here === undefined) throw new Error("This process has no place to work in.");
  return here;
}

const Effect = z.object({ run: z.number(), step: z.number() });
type Effect = z.output<typeof Effect>;
const Sleeper = z.object({ run: z.number(), ms: z.number() });
type Sleeper = z.input<typeof Sleeper>;

const asleep: Activity<number, number> = activity({
  name: "peers.asleep",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (run) => {
    place().asleep(run);
    return run;
  },
});

const woke: Activity<number, number> = activity({
  name: "peers.woke",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (run) => {
    place().woke(run);
    return run;
  },
});

const effect: Activity<Effect, Effect> = activity({
  name: "peers.effect",
  input: Effect,
  output: Effect,
  effect: "none",
  run: async (input) => {
    await place().effect(input.run, input.step);
    return input;
  },
});

/** For an engine that runs workflows where their process can see them. */
export const sleeper: Workflow<Sleeper, number> = workflow({
  name: "peers.sleeper",
  input: Sleeper,
  output: z.number(),
  run: async (ctx, { run, ms }) => {
    place().asleep(run);
    await ctx.sleep(ms);
    return ctx.call(woke, run);
  },
});

/** Tells by an activity that it falls asleep: what runs in a sandbox is seen by nobody. */
export const sandboxedSleeper: Workflow<Sleeper, number> = workflow({
  name: "peers.sandboxed-sleeper",
  input: Sleeper,
  output: z.number(),
  run: async (ctx, { run, ms }) => {
    await ctx.call(asleep, run);
    await ctx.sleep(ms);
    return ctx.call(woke, run);
  },
});

export const effects: Workflow<number, number> = workflow({
  name: "peers.effects",
  input: z.number(),
  output: z.number(),
  run: async (ctx, run) => {
    for (let n = 0; n < EFFECT_STEPS; n += 1) await ctx.call(effect, { run, step: n });
    return run;
  },
});

export const group: Workflow<number, number> = workflow({
  name: "peers.group",
  input: z.number(),
  output: z.number(),
  run: async (ctx, count) => {
    const all = Array.from({ length: count }, (_, n) => ctx.call(step, payload(n)));
    return (await Promise.all(all)).length;
  },
});
