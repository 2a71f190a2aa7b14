// The harness can see: the same storm with the patterns of the published guides written out, and with planted
// bugs, turns the audit red. An audit that cannot turn red proves nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Activity,
  type ActivityContext,
  type Provided,
  done,
  provide,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import {
  type Hasty,
  type Order,
  hasty,
  hastyClient,
  keyless,
  minuteKey,
  purchase,
  purchaseInRun,
  reconciled,
} from "./harness/hasty.ts";
import { Scene } from "./harness/scene.ts";
import { STORM_FAULTS, Storm } from "./harness/storm.ts";

const hastyOf = (scene: Scene): readonly Provided[] => [provide(hasty, () => hastyClientOf(scene))];

function hastyClientOf({ sandbox, apiKey }: Scene): Hasty {
  return hastyClient({ url: sandbox.url, apiKey });
}

async function doubled(buy: Activity<Order, string>, startMs = 0): Promise<number> {
  await using storm = await Storm.open({
    buy,
    runs: 10,
    purchases: 5,
    faults: STORM_FAULTS,
    startMs,
    resources: hastyOf,
  });
  await storm.weather();
  const { audit } = await storm.outcome();
  assert.equal(audit.duplicateEffects > 0, audit.refsWithMoreThanOneEffect.length > 0);
  return audit.duplicateEffects;
}

test("the storm is clean with the right key, sent by hand", async () => {
  assert.equal(await doubled(purchase((a) => ({ headers: { "idempotency-key": a.key } }))), 0);
});

test("the audit turns red without a key, as in the first guide", async () => {
  assert.ok((await doubled(purchase(() => ({})))) > 0);
});

test("purchases get lost with a key made of the minute, as in the second guide", async () => {
  const buy = purchase((a, order) => ({ body: { client_request_id: minuteKey(a, order, "") } }));
  await using storm = await Storm.open({
    buy,
    runs: 10,
    purchases: 5,
    faults: [],
    resources: hastyOf,
  });
  await storm.weather();
  const { audit, states } = await storm.outcome();
  assert.deepEqual(states, { done: 50 });
  assert.ok(audit.refs < 50, "fifty decisions seem done, and the venue knows of fewer");
});

test("the audit turns red with a key made of decision and minute, when a retry crosses the minute", async () => {
  const buy = purchase((a, order) => ({ body: { client_request_id: minuteKey(a, order, a.ref) } }));
  assert.ok((await doubled(buy, 59_000)) > 0);
});

test("the audit turns red with a key that contains the attempt", async () => {
  assert.ok(
    (await doubled(
      purchase((a) => ({ headers: { "idempotency-key": `${a.key}-${a.attempt}` } })),
    )) > 0,
  );
});

/** Buys three times, fails, is started again to finish what is missing: effects per name. */
async function resumed(key: (a: ActivityContext, runId: string) => string): Promise<number> {
  const buy = purchaseInRun(key);
  const flow = workflow({
    name: "planted.flow",
    input: z.object({ planted: z.boolean(), broken: z.boolean() }),
    output: z.number(),
    run: async (ctx, { planted, broken }) => {
      for (let n = 0; n < 3; n += 1) {
        const runId = planted ? ctx.info.runId : "";
        await ctx.call(
          buy,
          { runId, symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" },
          { ref: `flow/${n}` },
        );
      }
      if (broken) throw new Error("a bug of the code, mended later");
      return 3;
    },
  });
  await using scene = await Scene.open({
    definitions: [flow],
    resources: hastyOf,
  });
  const planted = key({ key: "right" } as ActivityContext, "run") !== "right";
  const run = await scene.client.start(flow, { planted, broken: true }, { id: "flow" });
  await assert.rejects(scene.drive(run.result()), /mended later/u);
  // The engine itself would find the intent done; a bug that forgets it is planted along with the key.
  if (planted) await scene.forgetIntents();
  const again = await scene.client.start(
    flow,
    { planted, broken: false },
    { id: "flow", onClosed: "restart", effects: "continue" },
  );
  assert.equal(await scene.drive(again.result()), 3);
  return scene.audit().duplicateEffects;
}

test("a run that is started again to finish doubles nothing", async () => {
  assert.equal(await resumed((a) => a.key), 0);
});

test("the audit turns red with a key that contains the run id", async () => {
  assert.equal(await resumed((a, runId) => `${a.key}-${runId}`), 3);
});

/** One purchase at a venue without keys, whose first request commits after its time-out. */
async function late(settleMs: number): Promise<number> {
  const buy = reconciled("10s");
  const flow = workflow({
    name: "planted.late-flow",
    input: z.number(),
    output: z.number(),
    run: (ctx, count) =>
      ctx.loop(0, async (n) => {
        if (n === count) return done(n);
        await ctx.call(
          buy,
          { symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" },
          { ref: `late/${n}` },
        );
        return n + 1;
      }),
  });
  await using scene = await Scene.open({
    definitions: [flow],
    sandbox: { faults: [{ kind: "latency", ms: 30_000, operations: ["open"], nth: 2 }] },
    resources: (own) => [provide(hasty, () => hastyClientOf(own), { ...keyless, settleMs })],
  });
  const run = await scene.client.start(flow, 6, { id: "late" });
  await scene.drive(run.result());
  // What is still on its way commits.
  await scene.sandbox.venue.advanceTo(scene.clock.now() + 60_000);
  await scene.settleVenue();
  return scene.audit().duplicateEffects;
}

test("a venue without keys is asked what happened, once it has settled, and nothing is doubled", async () => {
  assert.equal(await late(60_000), 0);
});

test("the audit turns red when reconcile does not wait for the venue to settle", async () => {
  assert.ok((await late(0)) > 0);
});

test("a crash at a venue without keys asks what happened before anything is sent again", async () => {
  const buy = reconciled("10m");
  const flow = workflow({
    name: "planted.crashed-flow",
    input: z.number(),
    output: z.string(),
    run: (ctx) =>
      ctx.call(buy, { symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" }, { ref: "crash/0" }),
  });
  await using scene = await Scene.open({
    definitions: [flow],
    // The order is filled, and the engine dies while it waits for the answer.
    sandbox: {
      faults: [{ kind: "latency", when: "after", ms: 300_000, operations: ["open"], count: 1 }],
    },
    resources: (own) => [
      provide(hasty, () => hastyClientOf(own), { ...keyless, settleMs: 60_000 }),
    ],
  });
  await scene.client.start(flow, 1, { id: "crash" });
  const held = `${scene.sandbox.controlUrl}/_sandbox/clock/held?count=1&wait=10000`;
  await fetch(held, { headers: { authorization: `Bearer ${scene.sandbox.controlToken}` } });
  await scene.crash();
  assert.match(await scene.drive(scene.client.run(flow, "crash").result()), /^pos_/u);
  const audit = scene.audit();
  assert.deepEqual([audit.refs - 1, audit.effects - 1, audit.duplicateEffects], [1, 1, 0]);
});

test("a money activity that can neither repeat nor reconcile is refused", async () => {
  const flow = workflow({
    name: "planted.unsafe",
    input: z.number(),
    output: z.string(),
    run: (ctx) =>
      ctx.call(
        purchase(() => ({})),
        { symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" },
      ),
  });
  await using scene = await Scene.open({
    definitions: [flow],
    resources: (own) => [provide(hasty, () => hastyClientOf(own), { ...keyless, settleMs: 0 })],
  });
  await scene.client.start(flow, 1, { id: "unsafe" });
  const described = await scene.engine.describe("unsafe");
  assert.deepEqual([described.status, described.problem?.code], ["stuck", "HF-ACTIVITY-INVALID"]);
});
