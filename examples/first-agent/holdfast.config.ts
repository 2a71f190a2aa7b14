// A first agent, in one file: buys a little each time the price has fallen from its highest.
// Copy this folder, then: npx holdfast dev

import { defineConfig, done, run, usdc, workflow } from "holdfast";
import { getPrices, money, executeTrade } from "holdfast/purpleflea";
import { z } from "zod";

export const buyTheDip = workflow({
  name: "example.buyTheDip",
  input: z.object({
    symbol: z.string(),
    amountUsd: money(),
    dipPercent: z.int().min(1).max(99),
    times: z.int(),
  }),
  output: z.object({ bought: z.number() }),
  queries: { state: z.object({ bought: z.number(), high: money() }) },
  run: async (ctx, plan) => {
    let state = { bought: 0, high: usdc("0") };
    ctx.onQuery("state", () => state);
    return ctx.loop(state, async ({ bought, high }) => {
      const prices = await ctx.call(getPrices, undefined);
      const price = prices.find(({ symbol }) => symbol === plan.symbol)?.price ?? high;
      state = { bought, high: price > high ? price : high };
      if (price * 100n <= state.high * BigInt(100 - plan.dipPercent)) {
        const { symbol, amountUsd } = plan;
        const decision = { key: `dip-${bought}`, ref: `${ctx.info.id}/${bought}` };
        await ctx.call(executeTrade, { symbol, side: "long", sizeUsd: amountUsd }, decision);
        state = { bought: bought + 1, high: price };
        if (state.bought === plan.times) return done({ bought: state.bought });
      }
      await ctx.sleep("5m");
      return state;
    });
  },
});

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", dipPercent: 3, times: 10 };
export default defineConfig({ fleet: [run(buyTheDip, plan, { id: "dip-btc" })] });
