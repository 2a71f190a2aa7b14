// The example that the README shows is the example that runs: the text is the same, and the agent buys when
// the price falls, through a crash at each purchase.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buyTheDip } from "../examples/first-agent/holdfast.config.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

const HOUR_MS = 3_600_000;

test("the README's agent is the file in examples", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const file = readFileSync(
    new URL("../examples/first-agent/holdfast.config.ts", import.meta.url),
    "utf8",
  );
  assert.ok(
    readme.includes(`\`\`\`ts\n${file}\`\`\``),
    "README.md must show examples/first-agent/holdfast.config.ts",
  );
});

test("the test that docs/testing.md shows is the file in examples", () => {
  const page = readFileSync(new URL("../docs/testing.md", import.meta.url), "utf8");
  const file = readFileSync(
    new URL("../examples/first-agent/dip.test.ts", import.meta.url),
    "utf8",
  );
  assert.ok(page.includes(`\`\`\`ts\n${file}\`\`\``), "docs/testing.md must show dip.test.ts");
});

test("the README's agent buys at each dip, once, however often it crashes", async () => {
  const saw = Array.from({ length: 9 }, (_, n) => ({
    at: VIRTUAL_START + n * 6 * HOUR_MS,
    price: n % 2 === 0 ? "60000" : "54000",
  }));
  await using scene = await Scene.open({
    definitions: [buyTheDip],
    sandbox: { scripts: [{ symbol: "BTC-PERP", points: saw }] },
  });
  const plan = { symbol: "BTC-PERP", amountUsd: "25.00", dipPercent: 3, times: 6 };
  await scene.client.start(buyTheDip, plan, { id: "dip-btc" });
  for (let crashes = 0; crashes < 3; crashes += 1) {
    const run = scene.client.run(buyTheDip, "dip-btc");
    await scene.drive(until(async () => (await run.query("state")).bought > crashes));
    await scene.crash();
  }
  const report = await scene.drive(scene.client.run(buyTheDip, "dip-btc").result());
  assert.equal(report.bought, 6);
  const audit = scene.audit();
  assert.deepEqual([audit.refs - 1, audit.effects - 1, audit.duplicateEffects], [6, 6, 0]);
});
