// What does not fit does not compile. Each expected error is checked by the compiler; nothing here runs long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca, riskMonitor } from "@holdfast/agents";
import { defineConfig, live, remote, run } from "./config.ts";

test("run() and the venues take what fits, and the compiler refuses the rest", () => {
  const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 } as const;
  assert.equal(run(dca, plan, { id: "a" }).account, "default");
  // @ts-expect-error an amount is no number
  run(dca, { ...plan, amountUsd: 25 }, { id: "a" });
  // @ts-expect-error a field is missing
  run(riskMonitor, { limit: 0.15 }, { id: "a" });
  // @ts-expect-error a run needs an id
  run(dca, plan, {});
  // @ts-expect-error a key is a reference, never text
  defineConfig({ accounts: { main: { apiKey: "pf_test_x" } } });
  // @ts-expect-error a remote venue is a paper one: real money is said by live()
  remote({ baseUrl: "https://x.example", mode: "live" });
  assert.equal(live({ baseUrl: "https://x.example" }).mode, "live");
});
