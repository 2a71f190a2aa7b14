// Tests of the pair trade on virtual time: how it ends, what a lost leg means, and that no crash doubles a leg.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "holdfast";
import { VIRTUAL_START, testProject, verify } from "holdfast/testing";
import { leg, pairTrade } from "./pair-trade.ts";

const HOUR_MS = 3_600_000;
const plan = {
  long: "BTC-PERP",
  short: "ETH-PERP",
  sizeUsd: "1000.00",
  stopUsd: "100.00",
  hold: "12h",
} as const;

const flat = (symbol: string, price: string) => ({
  symbol,
  points: [
    { at: VIRTUAL_START, price },
    { at: VIRTUAL_START + 48 * HOUR_MS, price },
  ],
});
const falling = {
  symbol: "BTC-PERP",
  points: [
    { at: VIRTUAL_START, price: "60000" },
    { at: VIRTUAL_START + 10 * HOUR_MS, price: "48000" },
  ],
};
const quiet = { scripts: [flat("BTC-PERP", "60000"), flat("ETH-PERP", "3000")] };
const crash = { scripts: [falling, flat("ETH-PERP", "3000")] };
const definitions = [pairTrade, leg];

test("it closes both legs when its time is over", async () => {
  await using t = await testProject({ definitions, venue: quiet });
  const run = await t.client.start(pairTrade, plan, { id: "pair" });
  const { why } = await t.runUntilClosed(run);
  assert.equal(why, "time");
  assert.equal((await t.venue.audit()).effects, 4);
});

test("it closes both legs at the stop, which an update moves while it runs", async () => {
  await using t = await testProject({ definitions, venue: crash });
  const run = await t.client.start(pairTrade, plan, { id: "pair" });
  await t.advance("1h");
  await assert.rejects(run.update("setStop", "0.00"), /more than nothing/u);
  assert.deepEqual(await run.update("setStop", "50.00"), { before: usdc("100") });
  const { why, realised } = await t.runUntilClosed(run);
  assert.equal(why, "stop");
  assert.ok(realised < usdc("-50") && realised > usdc("-60"), String(realised));
});

test("where one leg is refused, the other is undone", async () => {
  await using t = await testProject({ definitions, venue: quiet });
  const run = await t.client.start(pairTrade, { ...plan, short: "NONE-PERP" }, { id: "pair" });
  await assert.rejects(t.runUntilClosed(run), /NONE-PERP leg was refused/u);
  await t.advance("1m");
  const [long] = (await t.engine.list({ tags: { symbol: "BTC-PERP" } })).runs;
  assert.equal(long?.status, "cancelled");
  const refs = (await t.venue.effects()).map(({ ref }) => ref);
  assert.deepEqual(refs, ["pair/long/open", "pair/long/undo"]);
});

test("nothing is doubled and nothing lost, wherever it crashes", async () => {
  const report = await verify(pairTrade, plan, {
    venue: quiet,
    config: { workflows: definitions },
    max: 30,
  });
  assert.deepEqual(report.violations, []);
  assert.equal(report.verdict, "proven");
});
