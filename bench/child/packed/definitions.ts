// What runs in an installed copy, written as a user writes it: two steps. The second one begins only when the
// first one's outcome is on disk, and says so.

import { type Activity, type Workflow, activity, workflow } from "holdfast";
import { z } from "zod";

const first: Activity<number, number> = activity({
  name: "bench.first",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (n) => n + 1,
});

const second: Activity<number, number> = activity({
  name: "bench.second",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (n) => {
    process.stdout.write("done\n");
    return n;
  },
});

export const hello: Workflow<number, number> = workflow({
  name: "bench.hello",
  input: z.number(),
  output: z.number(),
  run: async (ctx, n) => ctx.call(second, await ctx.call(first, n)),
});
