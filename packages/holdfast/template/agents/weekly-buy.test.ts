// A year of the agent in virtual time, against the paper venue, with a crash on the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { testProject } from "holdfast/testing";
import config from "../holdfast.config.ts";
import { weeklyBuy } from "./weekly-buy.ts";

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", weeks: 52 };

test("weeklyBuy buys once a week for a year", async () => {
  await using t = await testProject({ definitions: [weeklyBuy] });
  const run = await t.client.start(weeklyBuy, plan, { id: "year" });
  await t.advance("3w");
  assert.deepEqual(await run.query("progress"), { bought: 4, weeks: 52 });
  assert.deepEqual(await t.runUntilClosed(run), { bought: 52, refused: 0 });
});

test("weeklyBuy buys nothing twice when it crashes after the venue has answered", async () => {
  await using t = await testProject({ definitions: [weeklyBuy] });
  t.crashAt("attempt.answered", { ref: "year/17" });
  const run = await t.client.start(weeklyBuy, plan, { id: "year" });
  assert.equal((await t.runUntilClosed(run)).bought, 52);
  const { effects, duplicateEffects } = await t.venue.audit();
  assert.deepEqual([effects, duplicateEffects], [52, 0]);
});

test("weeklyBuy buys nothing that its guard does not let it", async () => {
  await using t = await testProject({ config });
  const much = { ...plan, amountUsd: "100.00", weeks: 2 };
  const run = await t.client.start(weeklyBuy, much, { id: "much" });
  assert.deepEqual(await t.runUntilClosed(run), { bought: 0, refused: 2 });
  assert.equal((await t.venue.audit()).effects, 0);
});
