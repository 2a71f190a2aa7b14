// Plans that buy, for proofs of what becomes of purchases when a run is reset, replaced or started again. Each purchase
// is named by its root, its generation and its place, whatever its key is.

import { type Workflow, type WorkflowContext, signal, workflow } from "@holdfast/core";
import { executeTrade } from "@holdfast/purpleflea";
import { z } from "zod";

const Chain = z.object({
  generations: z.number(),
  /** It waits for "go" before the last purchase of each generation. */
  held: z.boolean(),
  /** A key that is made of the run's id, which a reset changes. */
  planted: z.boolean().default(false),
});

const messages = { signals: { go: signal() } };

async function buy(ctx: WorkflowContext, name: string, key?: string): Promise<void> {
  await ctx.call(
    executeTrade,
    { symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" },
    { ref: `${ctx.info.root}/${name}`, ...(key === undefined ? {} : { key }) },
  );
}

/** Buys three times in each generation. */
export const chain: Workflow<
  z.input<typeof Chain>,
  number,
  (typeof messages)["signals"]
> = workflow({
  name: "test.chain",
  input: Chain,
  output: z.number(),
  ...messages,
  run: async (ctx, plan) => {
    const { generations, held, planted } = plan;
    const { generation, runId } = ctx.info;
    let mayEnd = !held;
    ctx.onSignal("go", () => {
      mayEnd = true;
    });
    for (let n = 0; n < 3; n += 1) {
      if (n === 2) await ctx.until(() => mayEnd);
      const key = planted ? `${runId}/${n}` : undefined;
      await buy(ctx, `${generation}/${n}`, key);
    }
    return generation + 1 < generations ? ctx.continueAs(plan) : generation + 1;
  },
});

/** Buys, has a child buy, and buys again. */
export const family: Workflow<void, void> = workflow({
  name: "test.family",
  input: z.void(),
  output: z.void(),
  run: async (ctx) => {
    await buy(ctx, "before");
    await ctx.child(chain, { generations: 2, held: false });
    await buy(ctx, "after");
  },
});

/** Buys twice, and fails where it is told to before it buys once more. */
export const stumbling: Workflow<boolean, void> = workflow({
  name: "test.stumbling",
  input: z.boolean(),
  output: z.void(),
  run: async (ctx, fails) => {
    await buy(ctx, "0");
    await buy(ctx, "1");
    if (fails) throw new Error("a bug of the code, mended later");
    await buy(ctx, "2");
  },
});
