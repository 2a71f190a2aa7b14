// A run that is moved with all that it carries: tags, memo, the state of its loop, and a signal that nobody took.

import { type Workflow, done, workflow } from "@holdfast/core";
import { z } from "zod";

const messages = { signals: { note: z.string() } };

/** Goes round until it is moved, and then tells what came along. */
export const carrying: Workflow<void, string, (typeof messages)["signals"]> = workflow({
  name: "test.carrying",
  input: z.void(),
  output: z.string(),
  ...messages,
  run: (ctx) => {
    const { generation, memo, tags } = ctx.info;
    if (generation === 0) {
      ctx.tag({ desk: "rates" });
      ctx.memo({ why: "a test" });
    }
    return ctx.loop(0, async (passes) => {
      if (generation === 0) {
        await ctx.sleep("300ms");
        return passes + 1;
      }
      let note: string | undefined;
      ctx.onSignal("note", (text) => {
        note = text;
      });
      await ctx.until(() => note !== undefined);
      return done(`${note} ${tags["desk"]} ${String(memo["why"])} ${passes > 0}`);
    });
  },
});
