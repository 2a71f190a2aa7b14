// A workflow as a user writes it, in a module of its own: everything from "holdfast", definition and code together.

import { readFileSync } from "node:fs";
import { type Activity, type Workflow, activity, signal, workflow } from "holdfast";
import { z } from "zod";

const look: Activity<string, string> = activity({
  name: "own.look",
  input: z.string(),
  output: z.string(),
  effect: "external",
  run: (path) => readFileSync(path, "utf8"),
});

export const watch: Workflow<string, string> = workflow({
  name: "own.watch",
  input: z.string(),
  output: z.string(),
  signals: { now: signal() },
  run: async (ctx, path) => {
    let told = false;
    ctx.onSignal("now", () => {
      told = true;
    });
    await ctx.until(() => told);
    return ctx.call(look, path);
  },
});
