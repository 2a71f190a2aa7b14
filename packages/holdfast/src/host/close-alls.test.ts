// Closing everything in virtual time, against the paper venue: crashed at each moment of it, or with an order that is
// carried out late, nothing is closed twice and nothing is left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { closeAll } from "@holdfast/agents";
import { CLOSE_ALL, guard, workflow } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import { executeTrade, getOpenOrders, getPositions, placeOrder } from "@holdfast/purpleflea";
import { z } from "zod";
import { testProject } from "../testing/test-project.ts";

const long = { side: "long", sizeUsd: "25.00" } as const;

/** Opens three positions, and lets an order rest that nobody will take. */
const opener = workflow({
  name: "test.opener",
  input: z.void(),
  output: z.number(),
  run: async (ctx) => {
    for (const symbol of ["BTC-PERP", "BTC-PERP", "ETH-PERP"])
      await ctx.call(executeTrade, { ...long, symbol });
    const rest = { type: "limit", limitPrice: "1000.00", ...long } as const;
    const { status } = await ctx.call(placeOrder, { ...rest, symbol: "BTC-PERP" });
    assert.equal(status, "open");
    return 4;
  },
});

const buyer = workflow({
  name: "test.buyer",
  input: z.void(),
  output: z.string(),
  run: async (ctx) => (await ctx.call(executeTrade, { ...long, symbol: "BTC-PERP" })).symbol,
});

/** What is left at the venue. */
const look = workflow({
  name: "test.look",
  input: z.void(),
  output: z.array(z.string()),
  run: async (ctx) => {
    const positions = await ctx.call(getPositions);
    const orders = await ctx.call(getOpenOrders);
    return [...positions, ...orders].map(({ symbol }) => symbol).sort();
  },
});

const policy = guard({ budgets: "none", freshness: "off", duplicates: "off" });
const halt = { scope: "agent:default", actor: "ann", reason: "a test" };

async function stage(onPoint: (point: CrashPoint) => void = () => undefined) {
  const t = await testProject({
    definitions: [opener, buyer, look, closeAll],
    guard: policy,
    onPoint,
  });
  await t.runUntilClosed(await t.client.start(opener, undefined, { id: "open" }));
  const left = async (id: string): Promise<readonly string[]> =>
    t.runUntilClosed(await t.client.start(look, undefined, { id }));
  return { t, left };
}

test("closeAll is the workflow that the guard lets through", () => {
  assert.equal(closeAll.name, CLOSE_ALL);
});

test("closeAll gets an account out while it is halted, orders that rest included", async () => {
  const { t, left } = await stage();
  await using _all = t;
  assert.deepEqual(await left("before"), ["BTC-PERP", "BTC-PERP", "BTC-PERP", "ETH-PERP"]);
  await t.guard.halt(halt);
  await assert.rejects(t.runUntilClosed(await t.client.start(opener, undefined, { id: "again" })), {
    code: "HF-GUARD-DENIED",
  });
  const closed = await t.runUntilClosed(await t.client.start(closeAll, {}, { id: "c" }));
  assert.deepEqual([closed.closed, closed.cancelled], [3, 1]);
  assert.deepEqual(await left("after"), []);
});

test("closeAll of a symbol leaves the others alone", async () => {
  const { t, left } = await stage();
  await using _all = t;
  await t.guard.halt({ ...halt, scope: "symbol:BTC-PERP" });
  const run = await t.client.start(closeAll, { symbol: "BTC-PERP" }, { id: "c" });
  const closed = await t.runUntilClosed(run);
  assert.deepEqual([closed.closed, closed.cancelled], [2, 1]);
  assert.deepEqual(await left("after"), ["ETH-PERP"]);
});

test("closeAll closes nothing twice and leaves nothing, crashed at each of its moments", async () => {
  const moments = await momentsOf();
  assert.ok(moments.length > 10, `${moments.length} moments`);
  for (const [point, nth] of moments) {
    const { t, left } = await stage();
    await using _all = t;
    await t.guard.halt(halt);
    t.crashAt(point, { nth });
    await t.runUntilClosed(await t.client.start(closeAll, {}, { id: "c" }));
    assert.deepEqual(await left("after"), [], `${point} ${nth}`);
    const { duplicateEffects } = await t.venue.audit();
    assert.equal(duplicateEffects, 0, `${point} ${nth}`);
  }
});

test("closeAll finds what the venue carries out late, between its looks, and closes it once", async () => {
  // Before the second look; and after a look that has found nothing any more.
  for (const [ms, looks, closings] of [
    [2_000, 4, ["c/close/1", "c/close/2"]],
    [4_000, 5, ["c/close/1", "c/close/3"]],
  ] as const) {
    const { t, left } = await stage();
    await using _all = t;
    t.venue.faults.add({ kind: "defer", operations: ["open"], count: 1, ms });
    t.venue.faults.add({ kind: "drop", operations: ["close-all"], tries: [1], when: "after" });
    const buying = await t.client.start(buyer, undefined, { id: "buying" });
    await t.runUntil(() => t.venue.faults.list()[0]?.hits === 1);
    await t.guard.halt(halt);
    const closed = await t.runUntilClosed(await t.client.start(closeAll, {}, { id: "c" }));
    assert.deepEqual([closed.closed, closed.cancelled, closed.looks], [4, 1, looks]);
    const effects = (await t.venue.effects()).filter(({ operation }) => operation === "close-all");
    assert.deepEqual(
      effects.map(({ ref, replays }) => [ref, replays]),
      closings.map((ref) => [ref, 1]),
      "its answer was lost each time, and asked for again",
    );
    assert.equal(await t.runUntilClosed(buying), "BTC-PERP", "what was on its way is learnt");
    assert.deepEqual(await left("after"), []);
    assert.equal((await t.venue.audit()).duplicateEffects, 0);
  }
});

/** Where it can crash: the points that a whole run meets, each by its number. */
async function momentsOf(): Promise<readonly (readonly [CrashPoint, number])[]> {
  const met = new Map<CrashPoint, number>();
  let counts = false;
  const { t } = await stage((point) => {
    if (counts) met.set(point, (met.get(point) ?? 0) + 1);
  });
  await using _all = t;
  await t.guard.halt(halt);
  counts = true;
  await t.runUntilClosed(await t.client.start(closeAll, {}, { id: "c" }));
  counts = false;
  return [...met].flatMap(([point, count]) =>
    Array.from({ length: count }, (_, place) => [point, place + 1] as const),
  );
}
