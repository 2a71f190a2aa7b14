// Faults of orders over real HTTP: what becomes of an order that the venue treats by its own will. The invariants
// hold throughout: the kit checks them after every transaction.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { btc } from "../fixture/desk.ts";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";

const SCRIPTS = [btc(["60000", "60000", "60000"])];
const LIMIT = { symbol: "BTC", side: "long", type: "limit", quantity: 0.01, limit_price: "59000" };

describe("partial", () => {
  test("fills a share at market and cancels the rest", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    sandbox.faults.add({ kind: "partial", share: 0.25, count: 2 });
    const market = { symbol: "BTC", side: "long", type: "market", quantity: 0.01 };
    const { body } = await agent.post("/api/orders", market);
    assert.deepEqual(
      [body["status" as never], body["reason" as never], body["filled_quantity" as never]],
      ["cancelled", "partial_fill", "0.00250000"],
    );
    const opened = await agent.post("/api/trade", { asset: "BTC", size: 0.01 });
    assert.equal(opened.body["quantity" as never], "0.00250000");
    const whole = await agent.post("/api/orders", market);
    assert.equal(whole.body["filled_quantity" as never], "0.01000000");
  });

  test("lets the rest of a limit order wait, and fill", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    sandbox.faults.add({ kind: "partial", share: 0.5, count: 1 });
    const { body } = await agent.post("/api/orders", { ...LIMIT, limit_price: "61000" });
    assert.deepEqual(
      [body["status" as never], body["filled_quantity" as never]],
      ["open", "0.00500000"],
    );
    await sandbox.venue.advanceTo(START + 60_000);
    const after = await agent.get(`/api/orders/${String(body["order_id" as never])}`);
    assert.equal(after.body["status" as never], "filled");
  });
});

describe("reject", () => {
  test("keeps a rejected order, takes no money, and refuses the other writes", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    const money = sandbox.venue.balance(agent.id).usdc_micros;
    sandbox.faults.add({ kind: "reject", reason: "post_only", tries: [1] });
    const { status, body } = await agent.post("/api/orders", LIMIT, { "idempotency-key": "o" });
    assert.deepEqual(
      [status, body["status" as never], body["reason" as never]],
      [200, "rejected", "post_only"],
    );
    assert.equal(sandbox.venue.balance(agent.id).usdc_micros, money);
    for (const [path, more] of [
      ["/api/v1/trade", { symbol: "BTC", side: "long", size: 25 }],
      ["/api/trade/close-all", {}],
      ["/api/orders/cancel", { order_id: "order_1" }],
    ] as const) {
      const refused = await agent.post(path, more, { "idempotency-key": path });
      assert.deepEqual([refused.status, refused.body.code], [422, "order_rejected"]);
    }
    assert.deepEqual(sandbox.venue.positions(agent.id), []);
    const other = await agent.post("/api/orders", LIMIT, { "idempotency-key": "p" });
    assert.equal(other.body["status" as never], "rejected");
    sandbox.faults.clear();
    const placed = await agent.post("/api/orders", LIMIT, { "idempotency-key": "q" });
    assert.equal(placed.body["status" as never], "open");
  });
});

describe("late-fill", () => {
  test("fills an order after its cancelling was confirmed", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    const placed = await agent.post("/api/orders", LIMIT);
    const id = String(placed.body["order_id" as never]);
    sandbox.faults.add({ kind: "late-fill", ms: 5_000, count: 1 });
    const cancelled = await agent.post("/api/orders/cancel", { order_id: id });
    assert.equal(cancelled.body["status" as never], "cancelled");
    const statusAt = async (at: number): Promise<unknown> => {
      await sandbox.venue.advanceTo(at);
      return (await agent.get(`/api/orders/${id}`)).body["status" as never];
    };
    assert.equal(await statusAt(START + 4_999), "cancelled");
    assert.deepEqual(sandbox.venue.positions(agent.id), []);
    assert.equal(await statusAt(START + 5_000), "filled");
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
  });

  test("does nothing where the money is gone, and nothing to other orders", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    const one = await agent.post("/api/orders", { ...LIMIT, quantity: 0.16 });
    sandbox.faults.add({ kind: "late-fill", ms: 5_000, count: 1 });
    await agent.post("/api/orders/cancel", { order_id: one.body["order_id" as never] });
    const two = await agent.post("/api/orders", LIMIT);
    const id = String(two.body["order_id" as never]);
    assert.equal((await agent.post("/api/orders/cancel", { order_id: id })).status, 200);
    const spent = await agent.post("/api/v1/trade", { symbol: "BTC", side: "long", size: 5_000 });
    assert.equal(spent.status, 200);
    await sandbox.venue.advanceTo(START + HOUR_MS);
    const orders = sandbox.venue.orders(agent.id, 10).map(({ status }) => status);
    assert.deepEqual(orders, ["cancelled", "cancelled"]);
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
  });
});
