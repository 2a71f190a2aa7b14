// What is killed and restarted in an installed copy: many runs of a step, a gate that hangs until a marker file
// is there, and a step. "load" starts them and says "ready" when all hang at the gate, to be killed there;
// "finish" opens what is left and says "done" when all have ended.
// Arguments: load or finish, the journal's file, the marker's file, the number of runs.

import { existsSync } from "node:fs";
import { type Activity, type Workflow, activity, openEngine, workflow } from "holdfast";
import { z } from "zod";

/** Longer than any benchmark: keeps the process alive until it is killed. */
const FOREVER_MS = 3_600_000;

const [mode, path = "", marker = "", number = "0"] = process.argv.slice(2);
const runs = Array.from({ length: Number(number) }, (_, n) => `gated-${n}`);

const Payload = z.object({
  symbol: z.string(),
  side: z.string(),
  n: z.number(),
  sizeUsd: z.string(),
});
const payload = (n: number): z.infer<typeof Payload> => ({
  symbol: "BTC-PERP",
  side: "long",
  n,
  sizeUsd: "25.00",
});

const step: Activity<z.input<typeof Payload>, z.output<typeof Payload>> = activity({
  name: "bench.step",
  input: Payload,
  output: Payload,
  effect: "none",
  run: (input) => input,
});

let waiting = 0;
const full = Promise.withResolvers<void>();

const gate: Activity<string, string> = activity({
  name: "bench.gate",
  input: z.string(),
  output: z.string(),
  effect: "none",
  run: async (file) => {
    if (existsSync(file)) return file;
    waiting += 1;
    if (waiting === runs.length) full.resolve();
    return new Promise<never>(() => undefined);
  },
});

const gated: Workflow<string, string> = workflow({
  name: "bench.gated",
  input: z.string(),
  output: z.string(),
  run: async (ctx, file) => {
    await ctx.call(step, payload(0));
    await ctx.call(gate, file);
    await ctx.call(step, payload(1));
    return file;
  },
});

const engine = await openEngine({ path, definitions: [gated], durability: "full" });
if (mode === "load") {
  setTimeout(() => undefined, FOREVER_MS);
  await Promise.all(runs.map((id) => engine.client.start(gated, marker, { id })));
  await full.promise;
  await engine.idle();
  process.stdout.write("ready\n");
} else {
  await Promise.all(runs.map((id) => engine.client.run(gated, id).result()));
  process.stdout.write("done\n");
  await engine.close();
}
