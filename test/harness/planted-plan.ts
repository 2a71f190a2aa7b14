// A plan as somebody in a hurry writes it: each attempt of a purchase makes up a key of its own. What is counted at the
// venue must show it, or the count proves nothing.

import { type Workflow, activity, usdc, workflow } from "@holdfast/core";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";

const Hasty = z.object({ url: z.string(), key: z.string(), ref: z.string() });

const hastyPurchase = activity({
  name: "test.hastyPurchase",
  input: Hasty,
  output: z.void(),
  effect: "external",
  run: async ({ url, key, ref }, a) => {
    const client = createPurpleFlea({ baseUrl: url, apiKey: key });
    const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("1.00") } as const;
    await client.trade.open(order, { key: crypto.randomUUID(), ref, signal: a.signal });
  },
});

interface HastyPlan {
  readonly url: string;
  readonly key: string;
  readonly periods: number;
}

export const hastyPlan: Workflow<HastyPlan, { bought: number }> = workflow({
  name: "test.hastyPlan",
  input: z.object({ url: z.string(), key: z.string(), periods: z.number() }),
  output: z.object({ bought: z.number() }),
  run: async (ctx, { url, key, periods }) => {
    for (let n = 0; n < periods; n += 1) {
      await ctx.call(hastyPurchase, { url, key, ref: `${ctx.info.id}/${n}` });
      await ctx.sleep("100ms");
    }
    return { bought: periods };
  },
});
