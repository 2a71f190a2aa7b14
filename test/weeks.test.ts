// Fifty-two weeks of a plan under the venue's frozen clock, over real HTTP and a file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import { weekly } from "./harness/plans.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";

const WEEK_MS = 604_800_000;

test("a weekly plan buys in each of 52 weeks, once", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const run = await scene.client.start(dca, weekly, { id: "dca-btc" });
  const report = await scene.drive(run.result());
  assert.deepEqual([report.bought, report.refused, report.skipped], [52, 0, 0]);
  assert.equal(scene.clock.now(), VIRTUAL_START + 51 * WEEK_MS);
  const audit = scene.audit();
  assert.deepEqual(
    [audit.refs - 1, audit.effects - 1, audit.duplicateEffects, audit.ledgerSum],
    [52, 52, 0, "0"],
  );
});

test("a plan is paused by a signal, resumed, and makes up for what it missed", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const run = await scene.client.start(dca, { ...weekly, periods: 5 }, { id: "dca-btc" });
  await run.signal("pause", { reason: "holiday" });
  assert.deepEqual((await run.query("progress")).paused, true);
  scene.clock.advanceTo(VIRTUAL_START + 3 * WEEK_MS);
  await scene.sandbox.venue.advanceTo(scene.clock.now());
  await run.signal("resume");
  const report = await scene.drive(run.result());
  assert.equal(report.bought, 5);
  assert.equal(scene.audit().duplicateEffects, 0);
});
