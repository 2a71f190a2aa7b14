// A process with many runs asleep.
// Arguments: the file, the number of runs, what they wait for ("each" sleeps so long from its own start, "spread"
// wakes one after the other over so long), milliseconds.

import { type Workflow, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { dueAt, file, ms, tell } from "./sleepers.ts";

/** Sleeps, and gives the instant at which it should have woken. */
const asleep: Workflow<number, number> = workflow({
  name: "bench.asleep",
  input: z.number(),
  output: z.number(),
  run: async (ctx, until) => {
    const at = until === 0 ? ctx.now() + ms : until;
    await ctx.sleepUntil(at);
    return at;
  },
});

const engine = await openEngine({ path: file, definitions: [asleep], durability: "full" });
const { client } = engine;
await tell({
  start: (n) => client.start(asleep, dueAt(n) ?? 0, { id: `run-${n}` }),
  woken: (n) => client.run(asleep, `run-${n}`).result(),
});
await engine.close();
