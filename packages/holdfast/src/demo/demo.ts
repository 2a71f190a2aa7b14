// The fleet that runs where a project has no configuration: one agent at the paper venue that buys a little
// BTC every few seconds, and a monitor that closes everything when 15 % of the peak is lost.

import { dca, riskMonitor } from "@holdfast/agents";
import { type Config, defineConfig, paper, run } from "../config/config.ts";

/** A plan of a year at a demo's pace: a week is five seconds. */
export const demo: Config = defineConfig({
  venue: paper(),
  accounts: { default: { name: "holdfast demo" } },
  fleet: [
    run(
      dca,
      { symbol: "BTC-PERP", amountUsd: "25.00", every: "5s", periods: 52, leverage: 2 },
      { id: "dca-btc" },
    ),
    run(riskMonitor, { limit: 0.15, every: "2s" }, { id: "risk-monitor" }),
  ],
});
