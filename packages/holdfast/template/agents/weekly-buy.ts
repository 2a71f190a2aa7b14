// Buys the same amount once a week. However often the process ends, no week is bought twice and none is lost:
// what has been decided is in the journal, and each purchase is decided under its week's key.

import { nth, workflow } from "holdfast";
import { executeTrade, getPortfolio, getPrices, money } from "holdfast/purpleflea";
import { z } from "zod";

export const weeklyBuy = workflow({
  name: "weeklyBuy",
  input: z.object({ symbol: z.string(), amountUsd: money(), weeks: z.int().min(1) }),
  output: z.object({ bought: z.number(), refused: z.number() }),
  queries: { progress: z.object({ bought: z.number(), weeks: z.number() }) },
  run: async (ctx, { symbol, amountUsd, weeks }) => {
    const start = ctx.now();
    let bought = 0;
    let refused = 0;
    ctx.onQuery("progress", () => ({ bought, weeks }));
    for (let week = 0; week < weeks; week += 1) {
      await ctx.sleepUntil(nth("1w", start, week));
      // The guard judges by what the agent has seen: what it is worth, and a price that is not old.
      await ctx.try(getPortfolio);
      await ctx.try(getPrices);
      const order = { symbol, side: "long", sizeUsd: amountUsd } as const;
      const decision = { key: `week-${week}`, ref: `${ctx.info.id}/${week}` };
      const result = await ctx.try(executeTrade, order, decision);
      if (result.ok) bought += 1;
      else refused += 1;
    }
    return { bought, refused };
  },
});
