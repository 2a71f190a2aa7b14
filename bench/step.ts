// The step that is measured: a call of an activity with effect "none", with a schema on both sides and some
// 60 bytes of input and output, through the public API.

import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { z } from "zod";
import { payload } from "./payload.ts";

const Payload = z.object({
  symbol: z.string(),
  side: z.string(),
  n: z.number(),
  sizeUsd: z.string(),
});

export const step: Activity<z.input<typeof Payload>, z.output<typeof Payload>> = activity({
  name: "bench.step",
  input: Payload,
  output: Payload,
  effect: "none",
  run: (input) => input,
});

export const steps: Workflow<number, number> = workflow({
  name: "bench.steps",
  input: z.number(),
  output: z.number(),
  run: async (ctx, count) => {
    for (let n = 0; n < count; n += 1) await ctx.call(step, payload(n));
    return count;
  },
});
