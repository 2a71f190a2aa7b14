// Tests of the first agent on virtual time: days pass in an instant, and it crashes where the test says.
// Run them with: node --test

import assert from "node:assert/strict";
import { test } from "node:test";
import { VIRTUAL_START, replayJournal, testProject, verify } from "holdfast/testing";
import { buyTheDip } from "./holdfast.config.ts";

const HOUR_MS = 3_600_000;
const plan = { symbol: "BTC-PERP", amountUsd: "25.00", dipPercent: 3, times: 3 };

/** BTC falls by a tenth and rises again, twice a day. */
const saw = Array.from({ length: 9 }, (_, n) => ({
  at: VIRTUAL_START + n * 6 * HOUR_MS,
  price: n % 2 === 0 ? "60000" : "54000",
}));
const venue = { scripts: [{ symbol: "BTC-PERP", points: saw }] };

test("it buys at each dip, once, through a crash and a lost answer", async () => {
  await using t = await testProject({ definitions: [buyTheDip], venue });
  t.crashAt("attempt.answered", { ref: "dip/1", away: "90s" });
  t.venue.faults.add({ kind: "drop", operations: ["open"], nth: 4, count: 1 });
  const run = await t.client.start(buyTheDip, plan, { id: "dip" });

  await t.advance("4h");
  assert.equal((await run.query("state")).bought, 2);

  assert.deepEqual(await t.runUntilClosed(run), { bought: 3 });
  assert.equal(t.venue.faults.list()[0]?.hits, 1);
  const { refs, effects, duplicateEffects } = await t.venue.audit();
  assert.deepEqual([refs, effects, duplicateEffects], [3, 3, 0]);
});

test("its code still fits the journals that it wrote", async () => {
  await using t = await testProject({ definitions: [buyTheDip], venue });
  await t.runUntilClosed(await t.client.start(buyTheDip, plan, { id: "dip" }));
  // Written to a file beside the tests, this is a fixture: it fails when a change would park running agents.
  const journal = await t.exportJournal("dip");
  await replayJournal([buyTheDip], journal);
});

test("nothing is doubled and nothing lost, wherever it crashes", async () => {
  const report = await verify(buyTheDip, { ...plan, times: 1 }, { venue, max: 40 });
  assert.deepEqual(report.violations, []);
  assert.equal(report.verdict, "proven");
});
