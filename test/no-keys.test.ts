// A storm over a venue that honours no keys, as the public servers did in March 2026: lost answers, errors, answers
// later than the attempt's time-out, and an engine that is killed every fifty decisions. Equal orders, many at
// once, on one account. The venue's own audit counts; nothing the client sends but the ref can help it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activity, usdc, workflow } from "@holdfast/core";
import {
  closeAllPositions,
  closePosition,
  executeTrade,
  money,
  publicProfile,
  purpleFlea,
} from "@holdfast/purpleflea";
import type { FaultRuleInput } from "@holdfast/sandbox";
import { z } from "zod";
import { Scene } from "./harness/scene.ts";
import { Storm } from "./harness/storm.ts";
import { until } from "./harness/until.ts";

// Forty runs: a position that waits for its sale stays among the fifty newest that the servers list.
const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const shape = everything ? { runs: 40, purchases: 125 } : { runs: 15, purchases: 10 };

const operations = ["open", "close"];
const faults: readonly FaultRuleInput[] = [
  { kind: "status", status: 503, when: "before", operations, probability: 0.1 },
  { kind: "latency", ms: 15_000, when: "before", operations, probability: 0.05 },
  { kind: "drop", when: "after", operations, probability: 0.3 },
];
const keyless = {
  profile: publicProfile,
  sandbox: { faults, dialect: "public-2026-03", durability: "relaxed" },
} as const;

test("T3: a storm without keys leaves each decision done once, none lost, none doubled", async () => {
  await using storm = await Storm.open({
    buy: executeTrade,
    sell: closePosition,
    ...keyless,
    ...shape,
  });
  await storm.weather();
  const intents = shape.runs * shape.purchases * 2;
  const { audit, states, crashes } = await storm.outcome();
  assert.deepEqual(states, { done: intents });
  assert.deepEqual([audit.refs, audit.effects, audit.duplicateEffects], [intents, intents, 0]);
  // No key ever reached the venue's memory: it was not keys that helped.
  assert.deepEqual([audit.ledgerSum, audit.keyless, audit.replays], ["0", intents, 0]);
  assert.ok(crashes >= Math.floor(intents / 50) - 1, `only ${crashes} crashes`);
});

const Order = z.object({ symbol: z.string(), side: z.enum(["long", "short"]), sizeUsd: money() });
const Bought = z.object({ positionId: z.string() });
const few = { runs: 5, purchases: 10 };

const planted = {
  "sends again without asking": activity({
    name: "planted.resends",
    input: Order,
    output: Bought,
    effect: "external",
    uses: { venue: purpleFlea },
    timeouts: { total: "22h", attempt: "10s" },
    run: async (order, a) => {
      const { position_id: positionId } = await a.use(purpleFlea).trade.open(order);
      return { positionId };
    },
  }),
  "asks, and takes every silence for a no": activity({
    name: "planted.believes",
    input: Order,
    output: Bought,
    effect: "money",
    uses: { venue: purpleFlea },
    timeouts: { total: "22h", attempt: "10s" },
    run: async (order, a) => {
      const { position_id: positionId } = await a.use(purpleFlea).trade.open(order);
      return { positionId };
    },
    reconcile: () => ({ kind: "not-done" }),
  }),
};

for (const [name, buy] of Object.entries(planted)) {
  void test(`T3: the audit sees an activity that ${name}`, async () => {
    await using storm = await Storm.open({ buy, ...keyless, ...few });
    await storm.weather();
    const { audit } = await storm.outcome();
    assert.ok(audit.duplicateEffects > few.runs, `only ${audit.duplicateEffects} duplicates`);
  });
}

const once = workflow({
  name: "test.once",
  input: z.object({ sizeUsd: money() }),
  output: z.string(),
  run: async (ctx, { sizeUsd }) => {
    const order = { symbol: "BTC", side: "long", sizeUsd } as const;
    return (await ctx.call(executeTrade, order, { ref: ctx.info.id })).positionId;
  },
});

const closing = workflow({
  name: "test.closing",
  input: z.void(),
  output: z.object({ positions: z.number(), notClosed: z.number() }),
  run: (ctx) => ctx.call(closeAllPositions, undefined, { ref: ctx.info.id, total: "1h" }),
});

const sale = workflow({
  name: "test.sale",
  input: z.string(),
  output: z.unknown(),
  run: (ctx, positionId) => ctx.call(closePosition, { positionId }, { ref: ctx.info.id }),
});

function quiet(rules: readonly FaultRuleInput[]): Promise<Scene> {
  return Scene.open({
    definitions: [once, closing, sale],
    profile: publicProfile,
    sandbox: { dialect: "public-2026-03", faults: rules },
  });
}

test("T3: an order that foreign trades make ambiguous waits for a person, and is never sent again", async () => {
  await using scene = await quiet([{ kind: "drop", operations: ["open"], nth: 1, count: 1 }]);
  const run = await scene.client.start(once, { sizeUsd: "25.00" }, { id: "ours" });
  await scene.drive(until(() => scene.audit().effects === 2));
  // The same account, by other hands: the same order.
  const foreign = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25.00") } as const;
  await scene.raw(scene.apiKey).trade.open(foreign, { key: "foreign", ref: "foreign" });
  await scene.drive(until(async () => (await run.describe()).status === "in-doubt"));
  const { letters } = await scene.engine.dead();
  assert.match(JSON.stringify(letters), /2 new positions may be this order's/u);
  // The account goes on: what comes next has a baseline of its own.
  const next = await scene.client.start(once, { sizeUsd: "25.00" }, { id: "next" });
  await scene.drive(next.result());
  scene.clock.advanceTo(scene.clock.now() + 86_400_000);
  await scene.sandbox.venue.advanceTo(scene.clock.now());
  await scene.crash();
  const again = scene.client.run(once, "ours");
  await scene.drive(until(async () => (await again.describe()).status === "in-doubt"));
  const { effects, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, duplicateEffects], [4, 0]);
});

test("T3: an order that vanished without a trace is sent again, and filled once", async () => {
  await using scene = await quiet([
    { kind: "drop", when: "before", operations: ["open"], nth: 1, count: 1 },
  ]);
  const run = await scene.client.start(once, { sizeUsd: "25.00" }, { id: "ours" });
  await scene.drive(run.result());
  const { effects, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, duplicateEffects], [2, 0]);
});

test("T3: closing everything, one position at a time, survives lost answers", async () => {
  await using scene = await quiet([{ kind: "drop", operations: ["close"], nth: 2, count: 2 }]);
  for (let n = 0; n < 4; n += 1) {
    const run = await scene.client.start(once, { sizeUsd: "25.00" }, { id: `buy-${n}` });
    await scene.drive(run.result());
  }
  const run = await scene.client.start(closing, undefined, { id: "out" });
  assert.deepEqual(await scene.drive(run.result()), { positions: 4, notClosed: 0 });
  const { effects, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, duplicateEffects], [9, 0]);
});

test("T3: a closing whose position is out of the records' sight waits for a person, never sent again", async () => {
  await using scene = await quiet([{ kind: "drop", operations: ["close"], count: 1 }]);
  const raw = scene.raw(scene.apiKey);
  const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25.00") } as const;
  const { position_id: positionId } = await raw.trade.open(order, { key: "old", ref: "old" });
  scene.clock.advanceTo(scene.clock.now() + 60_000);
  await scene.sandbox.venue.advanceTo(scene.clock.now());
  // The servers list the newest fifty.
  for (let n = 0; n < 50; n += 1) await raw.trade.open(order, { key: `${n}`, ref: `new/${n}` });
  const run = await scene.client.start(sale, positionId, { id: "sale" });
  await scene.drive(until(async () => (await run.describe()).status === "in-doubt"));
  const { letters } = await scene.engine.dead();
  assert.match(JSON.stringify(letters), /lists no record of position/u);
  const { effects, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, duplicateEffects], [53, 0]);
});
