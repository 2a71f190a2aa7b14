// The typed client and its activities against the paper venue: orders, candles, deposits and withdrawals.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import {
  cancelOrder,
  createPurpleFlea,
  getCandles,
  getOrder,
  placeOrder,
} from "@holdfast/purpleflea";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { attemptOf } from "../fixture/attempt.ts";
import type { Sandbox } from "../sandbox.ts";

const SCRIPT = {
  symbol: "BTC-PERP",
  points: [
    { at: START, price: "60000" },
    { at: START + HOUR_MS, price: "58000" },
  ],
};

async function clientOf(sandbox: Sandbox): Promise<ReturnType<typeof createPurpleFlea>> {
  const { apiKey } = await registerAgent(sandbox);
  return createPurpleFlea({ baseUrl: sandbox.url, apiKey });
}

test("the client places, lists, looks at and cancels orders", async () => {
  await using sandbox = await openTestSandbox({ scripts: [SCRIPT] });
  const client = await clientOf(sandbox);
  const limit = { symbol: "BTC-PERP", side: "long", type: "limit" } as const;
  const one = await client.orders.place(
    { ...limit, sizeUsd: usdc("590"), limitPrice: usdc("59000") },
    { key: "one" },
  );
  const two = await client.orders.place(
    { ...limit, quantity: "0.01", limitPrice: usdc("50000"), leverage: 2 },
    { key: "two" },
  );
  const open = await client.orders.list({ status: "open", limit: 10 });
  assert.deepEqual(
    open.map(({ order_id: id }) => id),
    [two.order_id, one.order_id],
  );
  await sandbox.venue.advanceTo(START + HOUR_MS);
  const filled = await client.orders.get(one.order_id);
  assert.deepEqual([filled.status, filled.filled_quantity], ["filled", "0.01000000"]);
  assert.equal((await client.orders.cancel(two.order_id, { key: "three" })).status, "cancelled");
  await assert.rejects(client.orders.cancel(two.order_id, { key: "four" }), (error) =>
    hasCode(error, "HF-VENUE-REFUSED"),
  );
  const close = { symbol: "BTC-PERP", side: "short", type: "market", quantity: "1" } as const;
  const closed = await client.orders.place({ ...close, reduceOnly: true }, { key: "five" });
  assert.equal(closed.reason, "nothing_to_reduce");
  assert.deepEqual(await client.trade.positions(), []);
});

test("the client reads candles and moves paper money", async () => {
  await using sandbox = await openTestSandbox({ scripts: [SCRIPT] });
  const client = await clientOf(sandbox);
  await sandbox.venue.advanceTo(START + HOUR_MS);
  const [candle] = await client.market.candles({ symbol: "BTC-PERP", interval: "1h", limit: 1 });
  assert.deepEqual([candle?.timestamp_ms, candle?.open_micros], [START, usdc("60000")]);
  const deposit = await client.wallet.deposit({ amount: usdc("5") }, { key: "in" });
  assert.equal(deposit.balance_units, "10005000000");
  await client.wallet.deposit({ asset: "BTC", amount: "0.5" }, { key: "in-btc" });
  const out = { asset: "BTC", amount: "0.25", address: "bc1" } as const;
  const withdrawal = await client.wallet.withdraw(out, { key: "out" });
  assert.deepEqual([withdrawal.balance_units, withdrawal.address], ["25000000", "bc1"]);
  await assert.rejects(
    client.wallet.withdraw({ amount: usdc("20000") }, { key: "too-much" }),
    (error) => hasCode(error, "PF-INSUFFICIENT-FUNDS"),
  );
});

test("placeOrder() places once under its key, and reconciles to the same receipt", async () => {
  await using sandbox = await openTestSandbox({ scripts: [SCRIPT] });
  const client = await clientOf(sandbox);
  const order = {
    symbol: "BTC-PERP",
    side: "long",
    type: "limit",
    sizeUsd: usdc("590"),
    limitPrice: usdc("59000"),
  } as const;
  const a = attemptOf(client, { key: "decision/1" });
  const first = await placeOrder.run(order as never, a);
  assert.deepEqual(
    await placeOrder.run(order as never, attemptOf(client, { key: "decision/1" })),
    first,
  );
  const found = await placeOrder.reconcile?.(order as never, a);
  assert.deepEqual(found, { kind: "done", output: first });
  const never = await placeOrder.reconcile?.(
    order as never,
    attemptOf(client, { key: "decision/2" }),
  );
  assert.deepEqual(never, { kind: "not-done" });

  const { orderId } = first as { readonly orderId: string };
  const cancelled = await cancelOrder.run(
    { orderId } as never,
    attemptOf(client, { key: "decision/3" }),
  );
  assert.deepEqual(
    await getOrder.run({ orderId } as never, attemptOf(client, { key: "read" })),
    cancelled,
  );
  assert.equal((cancelled as { readonly status: string }).status, "cancelled");
  const { effects, duplicateEffects } = sandbox.venue.audit();
  assert.deepEqual([effects, duplicateEffects], [2, 0]);
});

test("getCandles() gives candles as money", async () => {
  await using sandbox = await openTestSandbox({ scripts: [SCRIPT] });
  const client = await clientOf(sandbox);
  await sandbox.venue.advanceTo(START + HOUR_MS);
  const request = { symbol: "BTC", interval: "1h", limit: 1 } as const;
  const [candle] = (await getCandles.run(
    request as never,
    attemptOf(client, { key: "read" }),
  )) as readonly {
    readonly at: number;
    readonly synthetic: boolean;
  }[];
  assert.deepEqual([candle?.at, candle?.synthetic], [START, false]);
});

test("the client learns from the answer that used up a quota when the next request is due", async () => {
  await using sandbox = await openTestSandbox({
    scripts: [SCRIPT],
    rateLimits: { trade: { perMinute: 30, burst: 2 } },
  });
  const client = await clientOf(sandbox);
  const due: (readonly [string, number])[] = [];
  const open = (key: string) =>
    client.trade.open(
      { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25") },
      { key, onUsedUp: (ms) => void due.push([key, ms]) },
    );
  await open("one");
  assert.deepEqual(due, []);
  await open("two");
  assert.deepEqual(due, [["two", 2_000]]);
  await sandbox.venue.advanceTo(START + 1_999);
  await assert.rejects(open("early"), (error) => hasCode(error, "HF-VENUE-THROTTLED"));
  await sandbox.venue.advanceTo(START + 2_000);
  await open("three");
  assert.deepEqual(due, [
    ["two", 2_000],
    ["three", 2_000],
  ]);
});
