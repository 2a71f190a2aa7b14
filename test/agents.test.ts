// The ready-made agents on the paper venue: the risk monitor closes once, at its limit, and runs for as long
// as it takes; plans follow their policy about missed periods; a refused purchase does not end a plan.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca, openAgent, riskMonitor } from "@holdfast/agents";
import { guard, hasCode, usdc } from "@holdfast/core";
import { testProject } from "holdfast/testing";
import { weekly } from "./harness/plans.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

/** BTC rises for two days, then falls by a third within one. */
const crash = {
  symbol: "BTC-PERP",
  points: [
    { at: VIRTUAL_START, price: "60000" },
    { at: VIRTUAL_START + 48 * HOUR_MS, price: "66000" },
    { at: VIRTUAL_START + 72 * HOUR_MS, price: "44000" },
  ],
};

test("the risk monitor remembers the peak, and closes everything once when the limit is reached", async () => {
  await using scene = await Scene.open({
    definitions: [dca, riskMonitor],
    sandbox: {
      scripts: [crash],
      // The answer to the closing is lost twice: it must still happen once.
      faults: [{ kind: "drop", when: "after", operations: ["close-all"], count: 2 }],
    },
  });
  const plan = { symbol: "BTC-PERP", amountUsd: "5000.00", every: "1w", periods: 1 } as const;
  await scene.drive((await scene.client.start(dca, plan, { id: "long" })).result());
  const monitor = await scene.client.start(
    riskMonitor,
    { limit: 0.1, every: "5m" },
    { id: "risk" },
  );
  const report = await scene.drive(monitor.result());
  // Half of the money is in a position that rose by a tenth: the peak lies about 5 % above the start.
  assert.ok(report.peak > usdc("10400") && report.peak < usdc("10600"), String(report.peak));
  assert.ok(report.drawdown >= 0.1 && report.drawdown < 0.105, String(report.drawdown));
  assert.equal(report.closed, 1);
  assert.ok((await monitor.describe()).generation === 0);
  const audit = scene.audit();
  assert.deepEqual([audit.refs - 1, audit.effects - 1, audit.duplicateEffects], [2, 2, 0]);
});

test("the risk monitor runs on for months, continuing as new before its history is full", async () => {
  await using scene = await Scene.open({
    definitions: [riskMonitor],
    memory: true,
    engine: { historySuggest: 100 },
  });
  const monitor = await scene.client.start(
    riskMonitor,
    { limit: 0.15, every: "1d" },
    { id: "risk" },
  );
  const checked = async (): Promise<number> => (await monitor.query("state")).checks;
  await scene.drive(until(async () => (await checked()) >= 150));
  const described = await monitor.describe();
  assert.ok(described.generation >= 5, `generation ${described.generation}`);
  assert.ok(described.historyLength <= 110);
  await monitor.cancel();
  await assert.rejects(scene.drive(monitor.result()), /cancelled/u);
});

test("the risk monitor outlives a venue that is away for hours, and closes when it is back", async () => {
  await using scene = await Scene.open({
    definitions: [dca, riskMonitor],
    sandbox: { scripts: [crash] },
  });
  const plan = { symbol: "BTC-PERP", amountUsd: "5000.00", every: "1w", periods: 1 } as const;
  await scene.drive((await scene.client.start(dca, plan, { id: "long" })).result());
  const watch = { limit: 0.1, every: "5m" } as const;
  const monitor = await scene.client.start(riskMonitor, watch, { id: "risk" });
  const away = { from: VIRTUAL_START + 10 * HOUR_MS, until: VIRTUAL_START + 34 * HOUR_MS };
  let down = false;
  const report = await scene.drive(monitor.result(), async (instant) => {
    const should = instant >= away.from && instant < away.until;
    if (should && !down) await scene.closeVenue();
    if (!should && down) await scene.openVenue();
    down = should;
  });
  assert.equal(report.closed, 1);
  assert.ok(report.missed >= 10 && report.missed <= 24, `${report.missed} missed`);
  assert.equal(scene.audit().duplicateEffects, 0);
});

test("a pause holds back what a plan makes up for, from the next purchase on", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const plan = { ...weekly, periods: 6, spacingMs: HOUR_MS } as const;
  const run = await scene.client.start(dca, plan, { id: "plan" });
  await scene.drive(bought1(scene));
  await run.signal("pause", { reason: "holiday" });
  scene.clock.advanceTo(VIRTUAL_START + 4.5 * WEEK_MS);
  await scene.sandbox.venue.advanceTo(scene.clock.now());
  await run.signal("resume");
  const done = async (): Promise<number> => (await run.query("progress")).done;
  // The second is bought at once; the third waits for its hour, and the pause comes meanwhile.
  await scene.drive(until(async () => (await done()) === 2));
  const boughtAt = scene.clock.now();
  await scene.drive(until(async () => (await run.describe()).wakeAt === boughtAt + HOUR_MS));
  await run.signal("pause", { reason: "another one" });
  await assert.rejects(scene.drive(run.result()), (error) => hasCode(error, "HF-DRIVE-STUCK"));
  assert.ok(scene.clock.now() >= boughtAt + HOUR_MS);
  assert.equal(await done(), 2);
  await run.signal("resume");
  assert.equal((await scene.drive(run.result())).bought, 6);
  assert.equal(scene.audit().duplicateEffects, 0);
});

for (const [missed, bought, skipped] of [
  ["each", 6, 0],
  ["once", 3, 3],
  ["skip", 2, 4],
] as const) {
  test(`a plan that was down for three and a half periods buys ${bought} with missed: "${missed}"`, async () => {
    await using scene = await Scene.open({ definitions: [dca] });
    const plan = { ...weekly, periods: 6, missed } as const;
    await scene.client.start(dca, plan, { id: "plan" });
    await scene.engine.idle();
    // The first period is bought; then the engine is away until the middle of the fifth.
    await scene.drive(bought1(scene));
    scene.engine.abandon();
    scene.clock.advanceTo(VIRTUAL_START + 4.5 * WEEK_MS);
    await scene.sandbox.venue.advanceTo(scene.clock.now());
    await scene.openEngine();
    const report = await scene.drive(scene.client.run(dca, "plan").result());
    assert.deepEqual([report.bought, report.skipped], [bought, skipped]);
    assert.equal(scene.audit().duplicateEffects, 0);
  });
}

/** Resolves when the first period is done. */
function bought1(scene: Scene): Promise<void> {
  return until(async () => (await scene.client.run(dca, "plan").query("progress")).done >= 1);
}

test("a purchase that the venue refuses is reported and does not end the plan", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const plan = { ...weekly, amountUsd: "4000.00", periods: 4 } as const;
  const report = await scene.drive((await scene.client.start(dca, plan, { id: "poor" })).result());
  assert.deepEqual([report.bought, report.refused], [2, 2]);
});

test("a monthly plan in a zone buys on its day", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const plan = { ...weekly, every: { months: 1, zone: "Europe/Berlin" }, periods: 4 } as const;
  const run = await scene.client.start(dca, plan, { id: "monthly" });
  assert.equal((await scene.drive(run.result())).bought, 4);
  assert.equal(new Date(scene.clock.now()).toISOString().slice(0, 16), "2026-04-05T08:00");
});

test("an account is opened once, however often it is started, and its key is a secret", async () => {
  await using scene = await Scene.open({
    definitions: [openAgent],
    sandbox: {
      faults: [
        { kind: "drop", when: "after", operations: ["register", "claim"], probability: 0.7 },
      ],
    },
  });
  const opening = { id: "open", onClosed: "attach" } as const;
  const first = await scene.drive(
    (await scene.client.start(openAgent, { name: "tester" }, opening)).result(),
  );
  const again = await (await scene.client.start(openAgent, { name: "tester" }, opening)).result();
  assert.deepEqual(again, first);
  const key = scene.saved.get("agent/default/api-key") ?? "";
  assert.match(key, /^pf_test_/u);
  const history = JSON.stringify(await scene.engine.history("open"));
  assert.ok(!history.includes(key), "the key must not be in the journal");
});

/** A guard as somebody begins with one: a price must not be older than 5 s. */
const policy = guard({ budgets: [{ per: "agent", span: "week", limit: "60.00" }] });

test("a plan buys under a guard, late where the venue was away, and at a price that it has just seen", async () => {
  await using t = await testProject({ definitions: [dca], guard: policy });
  const began = t.clock.now();
  t.venue.faults.add({ kind: "status", status: 503, seconds: 7_200 });
  const run = await t.client.start(dca, { ...weekly, periods: 3 }, { id: "dca" });
  assert.deepEqual(await t.runUntilClosed(run), {
    bought: 3,
    skipped: 0,
    refused: 0,
    spent: usdc("75.00"),
  });
  const [first] = await t.venue.effects();
  assert.ok((first?.at ?? 0) > began + 2 * HOUR_MS, "the first one after the outage");
});

test("a plan gives a purchase up that is later than its total, whatever it waited for", async () => {
  await using t = await testProject({ definitions: [dca] });
  t.venue.faults.add({ kind: "status", status: 503, seconds: 7_200 });
  const plan = { ...weekly, periods: 1, totalMs: HOUR_MS };
  const report = await t.runUntilClosed(await t.client.start(dca, plan, { id: "dca" }));
  assert.deepEqual([report.bought, report.refused], [0, 1]);
});

test("a plan that is paused while it looks at the price buys only after that, and looks again", async () => {
  await using t = await testProject({ definitions: [dca], guard: policy });
  t.venue.faults.add({ kind: "latency", operations: ["prices"], ms: 20_000, count: 1 });
  const run = await t.client.start(dca, { ...weekly, periods: 1 }, { id: "dca" });
  await t.runUntil(() => t.venue.faults.list()[0]?.hits === 1);
  await run.signal("pause", { reason: "strange" });
  await t.advance("1d");
  assert.equal((await t.venue.audit()).effects, 0);
  await run.signal("resume");
  assert.equal((await t.runUntilClosed(run)).bought, 1);
});
