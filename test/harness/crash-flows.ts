// What the worker of the crash-loop test on a cluster serves: three runs that work, and one whose activity takes its
// process down.

import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { z } from "zod";

export const fatal: Activity<void, void> = activity({
  name: "loop.fatal",
  input: z.void(),
  output: z.void(),
  effect: "external",
  run: () => {
    process.kill(process.pid, "SIGKILL");
  },
});

export const work: Activity<number, number> = activity({
  name: "loop.work",
  input: z.number(),
  output: z.number(),
  effect: "external",
  run: (n) => n,
});

export const poisoned: Workflow<void, void> = workflow({
  name: "loop.poisoned",
  input: z.void(),
  output: z.void(),
  run: (ctx) => ctx.call(fatal),
});

export const working: Workflow<number, number> = workflow({
  name: "loop.working",
  input: z.number(),
  output: z.number(),
  run: (ctx, n) => ctx.call(work, n),
});
