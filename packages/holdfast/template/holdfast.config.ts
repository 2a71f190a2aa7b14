// What this project runs: one agent that buys a little BTC each week, at the paper venue.

import { defineConfig, guard, paper, run } from "holdfast";
import { weeklyBuy } from "./agents/weekly-buy.ts";

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", weeks: 52 };

export default defineConfig({
  venue: paper({ grant: "10000.00" }),
  // What it may do, whatever its code says: the platform's guide "guard" has the rest.
  guard: guard({
    budgets: [{ per: "agent", span: "week", limit: "60.00" }],
    only: { symbols: ["BTC-PERP"] },
    maxLeverage: 1,
  }),
  fleet: [run(weeklyBuy, plan, { id: "weekly-btc" })],
});
