// The agent that keeps a domain, on virtual time: bought once and renewed once a year for five years wherever it
// crashes, renewed within the grace where money was missing, and reported where it is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { domainKeeper } from "@holdfast/agents";
import { usdc } from "@holdfast/core";
import { type TestProject, VIRTUAL_START, testProject, verify } from "holdfast/testing";

const DAY_MS = 86_400_000;
const name = "agent.com";
const plan = { name, years: 6 } as const;
const definitions = [domainKeeper];
/** The expiry after so many years. */
const expiry = (years: number): number => Date.UTC(2026 + years, 0, 5, 9);

/** What the venue carried out for refs of the run: each ref with how often. */
async function effectsByRef({ venue }: TestProject): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {};
  for (const { ref } of await venue.effects()) {
    if (ref !== null) counted[ref] = (counted[ref] ?? 0) + 1;
  }
  return counted;
}

const once = Object.fromEntries(
  ["register", "renew-1", "renew-2", "renew-3", "renew-4", "renew-5"].map((step) => [
    `keep/${step}`,
    1,
  ]),
);

test("one registration and one renewal a year, over five years with a crash at each of them", async () => {
  await using t = await testProject({ definitions });
  t.crashAt("attempt.answered", { ref: "keep/register", away: "3d" });
  t.crashAt("attempt.start", { ref: "keep/renew-1", away: "10d" });
  t.crashAt("attempt.answered", { ref: "keep/renew-2" });
  t.crashAt("commit.before", { ref: "keep/renew-3" });
  t.crashAt("commit.after", { ref: "keep/renew-4", away: "29d" });
  t.venue.faults.add({
    kind: "drop",
    when: "after",
    operations: ["renew-domain"],
    nth: 3,
    count: 1,
  });
  const run = await t.client.start(domainKeeper, plan, { id: "keep" });
  const report = await t.runUntilClosed(run, { within: "2200d" });
  assert.deepEqual(
    [report.outcome, report.expiresAt, report.renewals, report.spent],
    ["kept", expiry(6), 5, usdc("108")],
  );
  assert.deepEqual(await effectsByRef(t), once);
  assert.equal((await t.venue.audit()).duplicateEffects, 0);
  // The last renewal lies a month before the fifth anniversary.
  assert.equal(t.clock.now(), expiry(5) - 30 * DAY_MS);
  const [held] = await t.venue.client().domains.list();
  assert.deepEqual([held?.status, held?.renewals], ["active", 5]);
});

test("nothing is doubled and nothing lost, wherever it crashes within five years", async () => {
  const report = await verify(domainKeeper, plan, { for: "2200d" });
  assert.deepEqual(report.violations, []);
  assert.equal(report.verdict, "proven");
  assert.deepEqual([report.clean.effects, report.clean.refs], [6, 6]);
});

test("a name that is somebody else's is waited for and bought when it is released, once", async () => {
  await using t = await testProject({ definitions, accounts: ["default", "other"] });
  await t.venue.client("other").domains.register({ name }, { key: "theirs" });
  t.crashAt("attempt.answered", { ref: "keep/register" });
  const run = await t.client.start(domainKeeper, { name, years: 1, every: "7d" }, { id: "keep" });
  const report = await t.runUntilClosed(run, { within: "500d" });
  assert.deepEqual([report.outcome, report.refused], ["kept", 0]);
  // Looked at each week, and then at the instant of its release.
  assert.equal(t.clock.now(), expiry(1) + 35 * DAY_MS);
  assert.deepEqual(await effectsByRef(t), { "keep/register": 1 });
});

test("without money for a renewal the name is lost, and the agent says so", async () => {
  await using t = await testProject({ definitions, venue: { grant: "40.00" } });
  t.crashAt("attempt.start", { ref: "keep/renew-2", nth: 10 });
  t.crashAt("commit.before", { ref: "keep/renew-2", nth: 40 });
  const run = await t.client.start(domainKeeper, plan, { id: "keep" });
  const report = await t.runUntilClosed(run, { within: "2200d" });
  assert.deepEqual(
    [report.outcome, report.renewals, report.spent, report.expiresAt],
    ["lost", 1, usdc("36"), expiry(2)],
  );
  // Tried each day from a month before the expiry to the end of the grace.
  assert.equal(report.refused, 60);
  // It knows as soon as the grace is over, but for the minutes that the crashes took.
  const late = t.clock.now() - (expiry(2) + 30 * DAY_MS);
  assert.ok(late >= 0 && late < 600_000, `${late} ms late`);
  assert.deepEqual(await effectsByRef(t), { "keep/register": 1, "keep/renew-1": 1 });
  await t.advance("6d");
  const [offer] = await t.venue.client().domains.search(name);
  assert.equal(offer?.available, true);
});

test("money that comes within the grace renews the name from its old expiry on", async () => {
  await using t = await testProject({ definitions, venue: { grant: "20.00" } });
  const run = await t.client.start(domainKeeper, { ...plan, years: 2 }, { id: "keep" });
  await t.runUntil(() => t.clock.now() >= expiry(1) + 20 * DAY_MS, { within: "400d" });
  assert.equal((await t.venue.client().domains.get(name)).status, "grace");
  await t.venue.client().wallet.deposit({ amount: usdc("50") }, { key: "top-up" });
  t.crashAt("attempt.answered", { ref: "keep/renew-1" });
  const report = await t.runUntilClosed(run);
  assert.deepEqual([report.outcome, report.expiresAt], ["kept", expiry(2)]);
  assert.ok(report.refused >= 50, `${report.refused} refused`);
  assert.deepEqual(await effectsByRef(t), { "keep/register": 1, "keep/renew-1": 1 });
  assert.equal((await t.venue.client().domains.get(name)).status, "active");
});

test("a renewal that its owner made by hand is not made again", async () => {
  await using t = await testProject({ definitions });
  const run = await t.client.start(domainKeeper, { ...plan, years: 3 }, { id: "keep" });
  await t.advance("100d");
  await t.venue.client().domains.renew({ name }, { key: "by-hand" });
  const report = await t.runUntilClosed(run, { within: "1000d" });
  assert.deepEqual(
    [report.outcome, report.renewals, report.expiresAt, report.spent],
    ["kept", 2, expiry(3), usdc("36")],
  );
  assert.deepEqual(await effectsByRef(t), { "keep/register": 1, "keep/renew-2": 1 });
});

test("a name that is wanted now is not waited for, and no price beyond the plan is paid", async () => {
  await using t = await testProject({ definitions, accounts: ["default", "other"] });
  const dear = { name: "agent.ai", when: "now", maxPriceUsd: "101.99" } as const;
  const refused = await t.client.start(domainKeeper, dear, { id: "dear" });
  assert.equal((await t.runUntilClosed(refused)).outcome, "too-dear");
  await t.venue.client("other").domains.register({ name }, { key: "theirs" });
  const late = await t.client.start(domainKeeper, { name, when: "now" }, { id: "late" });
  assert.equal((await t.runUntilClosed(late)).outcome, "taken");
  assert.equal(t.clock.now(), VIRTUAL_START);
  assert.deepEqual(await effectsByRef(t), {});
});

test("a name that the account holds already is kept without being bought", async () => {
  await using t = await testProject({ definitions });
  await t.venue.client().domains.register({ name }, { key: "by-hand" });
  const run = await t.client.start(domainKeeper, { name, years: 2 }, { id: "keep" });
  const report = await t.runUntilClosed(run, { within: "400d" });
  assert.deepEqual(
    [report.outcome, report.spent, report.expiresAt],
    ["kept", usdc("18"), expiry(2)],
  );
  assert.deepEqual(await effectsByRef(t), { "keep/renew-1": 1 });
});
