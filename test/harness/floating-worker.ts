// A process of its own with a workflow that leaves a rejection to nobody, beside one that does not. It prints
// how both stand. (A test runner takes every unhandled rejection of its process for a failure of its own.)

import { writeSync } from "node:fs";
import { workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";

const floating = workflow({
  name: "floating.flow",
  input: z.boolean(),
  output: z.number(),
  run: async (ctx, careless) => {
    const chore = async (): Promise<void> => {
      await ctx.sleep("1ms");
      throw new Error("nobody looks");
    };
    if (careless) void chore();
    await ctx.sleep(careless ? "1h" : "20ms");
    return 1;
  },
});

await using engine = await openEngine({ path: ":memory:", definitions: [floating] });
await engine.client.start(floating, true, { id: "careless" });
const careful = await engine.client.start(floating, false, { id: "careful" });
const output = await careful.result();
const { status, problem } = await engine.describe("careless");
writeSync(1, JSON.stringify({ output, status, code: problem?.code }));
