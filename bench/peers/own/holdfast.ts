// Holdfast as a peer among the others: the package that users install, with the engine's defaults.

import { join } from "node:path";
import { type Activity, type Workflow, activity, openEngine, workflow } from "holdfast";
import { z } from "zod";
import { payload } from "../../payload.ts";
import { step, steps } from "../../step.ts";
import { EFFECT_STEPS, type Opened, type Peer, type Place } from "../peer.ts";
import { unsettled } from "../unsettled.ts";
import { ownVersion } from "../version.ts";

const Effect = z.object({ run: z.number(), step: z.number() });
type Effect = z.output<typeof Effect>;
const Sleeper = z.object({ run: z.number(), ms: z.number() });

/** The definitions that touch the place they run in. */
function definitionsIn(place: Place): {
  readonly sleeper: Workflow<z.input<typeof Sleeper>, number>;
  readonly effects: Workflow<number, number>;
} {
  const woke: Activity<number, number> = activity({
    name: "peers.woke",
    input: z.number(),
    output: z.number(),
    effect: "none",
    run: (run) => {
      place.woke(run);
      return run;
    },
  });
  const effect: Activity<Effect, Effect> = activity({
    name: "peers.effect",
    input: Effect,
    output: Effect,
    effect: "none",
    run: async (input) => {
      await place.effect(input.run, input.step);
      return input;
    },
  });
  const sleeper = workflow({
    name: "peers.sleeper",
    input: Sleeper,
    output: z.number(),
    run: async (ctx, { run, ms }) => {
      place.asleep(run);
      await ctx.sleep(ms);
      return ctx.call(woke, run);
    },
  });
  const effects = workflow({
    name: "peers.effects",
    input: z.number(),
    output: z.number(),
    run: async (ctx, run) => {
      for (let n = 0; n < EFFECT_STEPS; n += 1) await ctx.call(effect, { run, step: n });
      return run;
    },
  });
  return { sleeper, effects };
}

const group: Workflow<number, number> = workflow({
  name: "peers.group",
  input: z.number(),
  output: z.number(),
  run: async (ctx, count) => {
    const all = Array.from({ length: count }, (_, n) => ctx.call(step, payload(n)));
    return (await Promise.all(all)).length;
  },
});

async function open(place: Place): Promise<Opened> {
  const { sleeper, effects } = definitionsIn(place);
  const engine = await openEngine({
    path: join(place.folder, "journal.sqlite"),
    definitions: [steps, group, sleeper, effects],
  });
  const { client } = engine;
  return {
    steps: async (id, count) => (await client.start(steps, count, { id })).result(),
    group: async (id, count) => (await client.start(group, count, { id })).result(),
    sleeper: (run, ms) => client.start(sleeper, { run, ms }, { id: `sleeper-${run}` }),
    effects: (run) => client.start(effects, run, { id: `effects-${run}` }),
    unfinished: (count) =>
      unsettled(count, (run) => client.run(effects, `effects-${run}`).result()),
    close: () => engine.close(),
  };
}

export const peer: Peer = {
  about: {
    version: `holdfast ${ownVersion()}`,
    durability:
      "SQLite WAL, synchronous=FULL: fsync before a step's result counts; one commit for all that is ready in a turn of the event loop",
    settings: ["its defaults; each step has a zod schema on both sides"],
    notes: [
      "as `holdfast serve` opens it; `holdfast dev`, which is `npm start`, also replays each activation at once, to find what is not deterministic, which is not in these figures",
      "runs from its TypeScript sources, whose types Node strips at start: W6 contains that",
      "commits many runs together, so a kill in the midst of a turn repeats the steps of the whole turn: W6 shows the worst case, since all its runs go in step",
    ],
  },
  open,
};
