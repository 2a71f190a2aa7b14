// The resilience guide's chaos tests against a running agent: slow answers, NaN in the prices, an end for want of
// memory, state that was deleted, and an order that comes twice; the partition has a file of its own. The faults are
// the venue's and the process's own. Beside them, the guide's patterns under the same faults.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dca } from "@holdfast/agents";
import { type TestProject, testProject } from "holdfast/testing";
import { GuideExecutor, type Order, type Time } from "./harness/seed4/guide.ts";
import { Agent } from "./harness/seed4/agent.ts";
import { trader } from "./harness/seed4/trader.ts";

const HOUR_MS = 3_600_000;

describe("chaos:seed4, slow answers", () => {
  test("answers 5 s late run into the time-out of 2 s, and the order is done once", async () => {
    await using t = await testProject({ definitions: [trader] });
    t.venue.faults.add({ kind: "latency", ms: 5_000, operations: ["open"], seconds: 60 });
    const run = await t.client.start(trader, { ticks: 3, everyMs: 1_000 }, { id: "trader" });
    const failures = new Set<string | undefined>();
    await t.runUntil(async () => {
      const { calls, closedAt } = await run.describe();
      for (const { lastFailure } of calls) failures.add(lastFailure?.code);
      return closedAt !== undefined;
    });
    assert.deepEqual(await run.result(), { tick: 3, bought: 3, skipped: 0 });
    assert.ok(failures.has("HF-ATTEMPT-TIMEOUT"), [...failures].join(", "));
    assert.ok((t.venue.faults.list()[0]?.hits ?? 0) > 1, "it was tried again");
    const { refs, effects, duplicateEffects } = await t.venue.audit();
    assert.deepEqual([refs, effects, duplicateEffects], [3, 3, 0]);
  });
});

describe("chaos:seed4, bad prices", () => {
  for (const as of ["literal", "text", "null"] as const) {
    test(`a price that is NaN (${as}) is skipped, and traded on never`, async () => {
      await using t = await testProject({ definitions: [trader] });
      const run = await t.client.start(trader, { ticks: 30, everyMs: 1_000 }, { id: "trader" });
      await t.advance("5s");
      const from = t.clock.now();
      t.venue.faults.add({ kind: "nan", as, seconds: 10 });
      const { bought, skipped } = await t.runUntilClosed(run);
      assert.ok(skipped >= 3 && bought >= 10, `${bought} bought, ${skipped} skipped`);
      assert.equal(bought + skipped, 30);
      assert.ok((t.venue.faults.list()[0]?.hits ?? 0) >= skipped);
      const effects = await t.venue.effects();
      assert.equal(effects.length, bought);
      // An order of the tick before may still be on its way when the feed goes bad; none is decided on it.
      const inBad = effects.filter(({ at }) => at > from + 1_000 && at < from + 10_000);
      assert.deepEqual(inBad, []);
    });
  }

  test("a price that stands still is skipped, too", async () => {
    await using t = await testProject({ definitions: [trader] });
    t.venue.faults.add({ kind: "stale", seconds: 20 });
    const run = await t.client.start(trader, { ticks: 30, everyMs: 1_000 }, { id: "trader" });
    const { bought, skipped } = await t.runUntilClosed(run);
    assert.ok(skipped >= 10 && bought >= 10, `${bought} bought, ${skipped} skipped`);
  });
});

describe("chaos:seed4, the process", () => {
  test("kill -9 while an order's answer is on its way: the next process goes on, and nothing is doubled", async () => {
    await using agent = await Agent.open();
    const { faults } = agent.venue;
    faults.add({
      kind: "latency",
      when: "after",
      ms: 60_000,
      operations: ["open"],
      nth: 4,
      count: 1,
    });
    const first = agent.start({ ticks: 10 });
    await agent.heldAnswer();
    first.child.kill("SIGKILL");
    assert.equal((await first.ended()).signal, "SIGKILL");
    assert.equal(agent.effects(), 4);
    faults.clear();
    const { last } = await agent.start({ ticks: 10 }).ended();
    assert.deepEqual(last, { bought: 10, skipped: 0, problems: [] });
    assert.deepEqual(agent.audit(), { refs: 10, effects: 10, duplicateEffects: 0 });
  });

  test("a leak that ends the process for want of memory loses nothing that was acknowledged", async () => {
    await using agent = await Agent.open();
    const leaking = agent.start({ ticks: 40, leak: 200_000, memoryMb: 96 });
    const { signal, stderr } = await leaking.ended();
    assert.equal(signal, "SIGABRT", stderr);
    assert.match(stderr, /JavaScript heap out of memory/u);
    const before = agent.effects();
    assert.ok(before > 0 && before < 40, String(before));
    const { last } = await agent.start({ ticks: 40 }).ended();
    assert.deepEqual(last, { bought: 40, skipped: 0, problems: [] });
    assert.deepEqual(agent.audit(), { refs: 40, effects: 40, duplicateEffects: 0 });
  });

  test("state that was deleted: the start is clean, it is noticed, and nothing is doubled", async () => {
    await using agent = await Agent.open();
    const { last } = await agent.start({ ticks: 5 }).ended();
    assert.deepEqual(last, { bought: 5, skipped: 0, problems: [] });
    agent.deleteState();
    const again = await agent.start({ ticks: 8 }).ended();
    assert.deepEqual(again.last, { bought: 8, skipped: 0, problems: [] });
    // The venue had done the first five before this journal sent them.
    assert.deepEqual(
      again.warned,
      Array.from({ length: 5 }, () => "HF-JOURNAL-BEHIND"),
    );
    assert.deepEqual(agent.audit(), { refs: 8, effects: 8, duplicateEffects: 0 });
  });
});

describe("chaos:seed4, the same order twice", () => {
  test("an order that arrives twice, and is sent again when its answer is lost, is one order", async () => {
    await using t = await testProject({ definitions: [trader] });
    t.venue.faults.add({ kind: "repeat", operations: ["open"] });
    t.venue.faults.add({ kind: "drop", when: "after", operations: ["open"], tries: [1] });
    const run = await t.client.start(trader, { ticks: 10, everyMs: 1_000 }, { id: "trader" });
    assert.equal((await t.runUntilClosed(run)).bought, 10);
    const { refs, effects, duplicateEffects, replays } = await t.venue.audit();
    assert.deepEqual([refs, effects, duplicateEffects], [10, 10, 0]);
    assert.ok(replays >= 20, String(replays));
  });
});

/** The guide's order, as its executor sends it. */
const ORDER = { asset: "BTC", size: 0.01, side: "long" } as const;

function timeOf(t: TestProject): Time {
  return {
    now: () => t.clock.now(),
    sleep: (ms) => t.advance(ms),
  };
}

/** A process of the guide's: a new one has forgotten what the one before has placed. */
function executorOf(t: TestProject, sent: string[] = []): GuideExecutor {
  return new GuideExecutor(timeOf(t), async (order: Order, key) => {
    sent.push(key);
    return fetch(`${t.venue.url}/api/trade`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${t.venue.apiKey()}`,
        "content-type": "application/json",
        "idempotency-key": key,
        "x-holdfast-ref": "decision/1",
      },
      body: JSON.stringify(order),
    });
  });
}

const weekly = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 2 } as const;

describe("the guide's own patterns", () => {
  test("five refusals open its breaker, and a good order is not sent: four tries burn, and it is a dead letter", async () => {
    await using t = await testProject({ definitions: [dca] });
    const sent: string[] = [];
    const executor = executorOf(t, sent);
    for (let n = 0; n < 5; n += 1)
      assert.equal(await executor.place({ ...ORDER, asset: `NONE-${n}` }), "dead");
    assert.equal(executor.breaker.state, "open");
    assert.equal(await executor.place(ORDER), "dead");
    // The venue was well all the time, and was never asked for it.
    assert.deepEqual([sent.length, executor.deadLetters.length], [5, 6]);
    assert.equal((await t.venue.audit()).effects, 0);
  });

  test("after a restart a day later its set is gone, the venue has forgotten the key, and it buys twice", async () => {
    await using t = await testProject({ definitions: [dca] });
    assert.equal(await executorOf(t).place(ORDER), "placed");
    await t.advance(25 * HOUR_MS);
    assert.equal(await executorOf(t).place(ORDER), "placed");
    const { refs, effects, duplicateEffects } = await t.venue.audit();
    assert.deepEqual([refs, effects, duplicateEffects], [1, 2, 1]);
  });

  test("ours, crashed between the order and its answer and away as long, has bought once and asks a person", async () => {
    await using t = await testProject({ definitions: [dca] });
    t.crashAt("attempt.answered", { ref: "plan/0", away: "25h" });
    const run = await t.client.start(dca, weekly, { id: "plan" });
    await t.runUntil(async () => (await run.describe()).status === "in-doubt");
    const { refs, effects, duplicateEffects } = await t.venue.audit();
    assert.deepEqual([refs, effects, duplicateEffects], [1, 1, 0]);
  });

  test("the equal order of next week is dropped by its set; ours has a key for each decision", async () => {
    await using t = await testProject({ definitions: [dca] });
    const executor = executorOf(t);
    assert.equal(await executor.place(ORDER), "placed");
    await t.advance("1w");
    assert.equal(await executor.place(ORDER), "skipped");
    assert.equal((await t.venue.audit()).effects, 1);

    await using ours = await testProject({ definitions: [dca] });
    const run = await ours.client.start(dca, weekly, { id: "plan" });
    assert.equal((await ours.runUntilClosed(run)).bought, 2);
    const { refs, effects } = await ours.venue.audit();
    assert.deepEqual([refs, effects], [2, 2]);
  });
});
