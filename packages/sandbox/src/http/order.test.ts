// Orders, candles, deposits and withdrawals over HTTP: each answer fits its schema, each bad request is refused
// with the code that says why.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  BalanceResponse,
  CandlesResponse,
  OrderResponse,
  OrdersResponse,
  PROBLEM_CODES,
  type ProblemCode,
  TransactionsResponse,
  WalletTransferResponse,
} from "@holdfast/purpleflea/wire";
import {
  type Answer,
  HOUR_MS,
  START,
  call,
  openTestSandbox,
  registerAgent,
} from "../fixture/kit.ts";
import type { SandboxOptions } from "../sandbox.ts";

const FALL: Pick<SandboxOptions, "scripts"> = {
  scripts: [
    {
      symbol: "BTC-PERP",
      points: [
        { at: START, price: "60000" },
        { at: START + HOUR_MS, price: "58000" },
      ],
    },
  ],
};
const LIMIT = { symbol: "BTC", side: "buy", type: "limit", quantity: "0.1", limit_price: "59000" };

function refuses({ status, body }: Answer, code: ProblemCode): void {
  assert.deepEqual([body.code, status], [code, PROBLEM_CODES[code]]);
}

describe("POST /api/orders", () => {
  test("places an order, lists it, fills it, and answers a repetition from memory", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    const headers = { "idempotency-key": "order/1", "x-holdfast-ref": "dip" };
    const placed = await agent.post("/api/orders", LIMIT, headers);
    assert.equal(placed.status, 200);
    const order = OrderResponse.parse(placed.body);
    assert.deepEqual(
      [order.symbol, order.side, order.status, order.client_order_id, order.ref],
      ["BTC-PERP", "long", "open", "order/1", "dip"],
    );
    const open = OrdersResponse.parse((await agent.get("/api/orders?status=open")).body).orders;
    assert.deepEqual(
      open.map(({ order_id: id }) => id),
      [order.order_id],
    );
    await sandbox.venue.advanceTo(START + HOUR_MS);
    const path = `/api/orders/${order.order_id}`;
    const filled = OrderResponse.parse((await agent.get(path)).body);
    assert.deepEqual([filled.status, filled.average_price_micros], ["filled", 59_000_000_000n]);
    const again = await agent.post("/api/orders", LIMIT, headers);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.deepEqual(again.body, placed.body);
    assert.equal((await agent.get("/api/orders?status=open")).text, '{"orders":[]}');
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
    const { duplicateEffects, effects } = sandbox.venue.audit();
    assert.deepEqual([duplicateEffects, effects], [0, 1]);
  });

  test("refuses what does not fit, by name", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    const wrong = [
      [{ size: 10 }, "size"],
      [{ quantity: undefined }, "size"],
      [{ limit_price: undefined }, "limit_price"],
      [{ limit_price: "10000000.000001" }, "limit_price"],
      [{ limit_price: "-1" }, "limit_price"],
      [{ limit_price: 0.0000001 }, "limit_price"],
      [{ type: "market" }, "limit_price"],
      [{ type: "stop", limit_price: undefined }, "trigger_price"],
      [{ trigger_price: 5 }, "trigger_price"],
      [
        { type: "stop", limit_price: undefined, trigger_price: 5, time_in_force: "ioc" },
        "time_in_force",
      ],
      [{ type: "trailing" }, "type"],
      [{ side: "up" }, "side"],
      [{ quantity: "0.000000001" }, "quantity"],
      [{ leverage: 51 }, "leverage"],
      [{ position_id: "pos_1", reduce_only: false }, "reduce_only"],
    ] as const;
    for (const [more, field] of wrong) {
      const answer = await agent.post("/api/orders", { ...LIMIT, ...more });
      refuses(answer, "invalid_request");
      assert.ok(
        answer.body.problems.some((problem) => problem.startsWith(`${field}:`)),
        answer.text,
      );
    }
    refuses(await agent.post("/api/orders", { ...LIMIT, symbol: "XYZ" }), "unknown_symbol");
    refuses(await agent.post("/api/orders", { ...LIMIT, reduce_only: true }), "nothing_to_reduce");
    refuses(await agent.get("/api/orders?status=lost"), "invalid_request");
    refuses(await agent.get("/api/orders?limit=0"), "invalid_request");
    refuses(await call(`${sandbox.url}/api/orders`, { body: LIMIT }), "missing_api_key");
    assert.equal(sandbox.venue.balance(agent.id).usdc, 10_000);
  });

  test("shows and cancels an agent's own orders only", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const [one, two] = [await registerAgent(sandbox, "one"), await registerAgent(sandbox, "two")];
    const { order_id } = (await one.post("/api/orders", LIMIT)).body;
    refuses(await two.get(`/api/orders/${order_id}`), "unknown_order");
    refuses(await two.post("/api/orders/cancel", { order_id }), "unknown_order");
    assert.equal((await two.get("/api/orders")).text, '{"orders":[]}');
    const cancelled = await one.post("/api/orders/cancel", { order_id });
    assert.equal(OrderResponse.parse(cancelled.body).status, "cancelled");
    refuses(await one.post("/api/orders/cancel", { order_id }), "order_ended");
    refuses(await one.post("/api/orders/cancel", {}), "invalid_request");
  });
});

describe("GET /api/market/candles", () => {
  const candles = async (url: string, query: string): Promise<CandlesResponse> =>
    CandlesResponse.parse((await call(`${url}/api/market/candles?${query}`)).body);

  test("shows what is over, without an API key, the same at any later time", async () => {
    await using sandbox = await openTestSandbox();
    const { url, venue } = sandbox;
    await venue.advanceTo(START + HOUR_MS + 30_000);
    const last = await candles(url, "symbol=BTC&limit=3");
    assert.deepEqual(
      last.candles.map(({ timestamp_ms: at, end_ms: end }) => [at - START, end - at]),
      [57, 58, 59].map((minute) => [minute * 60_000, 60_000]),
    );
    await venue.advanceTo(START + 5 * HOUR_MS);
    const since = `since=${START + 57 * 60_000 - 1}&limit=3`;
    assert.deepEqual(await candles(url, `pair=BTC/USD&${since}`), last);
    const hours = await candles(url, `symbol=ETH-PERP&interval=1h&since=${START}`);
    assert.deepEqual([hours.symbol, hours.candles.length], ["ETH-PERP", 5]);
    assert.equal((await candles(url, `symbol=ETH&interval=1d`)).candles.length, 30);
  });

  test("refuses what it cannot read", async () => {
    await using sandbox = await openTestSandbox();
    const get = (query: string): Promise<Answer> =>
      call(`${sandbox.url}/api/market/candles?${query}`);
    for (const query of [
      "",
      "symbol=BTC&interval=2m",
      "symbol=BTC&limit=1001",
      "symbol=BTC&since=x",
    ]) {
      refuses(await get(query), "invalid_request");
    }
    refuses(await get("symbol=XYZ"), "unknown_symbol");
  });
});

describe("POST /api/wallet/deposit and withdraw", () => {
  test("move USDC in and out, with transactions, once under a key", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const headers = { "idempotency-key": "d1" };
    for (let time = 0; time < 2; time += 1) {
      const { body } = await agent.post("/api/wallet/deposit", { amount: "250.50" }, headers);
      const moved = WalletTransferResponse.parse(body);
      assert.deepEqual([moved.asset, moved.balance_units], ["USDC", "10250500000"]);
    }
    const request = { amount: 1_000, asset: "USDC", address: "0xabc" };
    const { body } = await agent.post("/api/wallet/withdraw", request);
    assert.equal(WalletTransferResponse.parse(body).balance_units, "9250500000");
    const listed = TransactionsResponse.parse((await agent.get("/api/wallet/transactions")).body);
    assert.deepEqual(
      listed.transactions.map(({ kind, amount_micros: amount }) => [kind, amount]),
      [
        ["withdrawal", -1_000_000_000n],
        ["deposit", 250_500_000n],
        ["grant", 10_000_000_000n],
      ],
    );
    assert.equal((await agent.get("/api/v1/portfolio")).body.drawdown_fraction, 0);
  });

  test("keep BTC in an account of its own", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    await agent.post("/api/wallet/deposit", { asset: "BTC", amount: "0.5" });
    const { body } = await agent.post("/api/wallet/withdraw", { asset: "BTC", amount: 0.125 });
    assert.equal(WalletTransferResponse.parse(body).balance_units, "37500000");
    const shown = (await agent.get("/api/wallet/balance")).body;
    const balance = BalanceResponse.parse(shown);
    assert.deepEqual([balance.btc, balance.btc_units, balance.usdc], [0.375, "37500000", 10_000]);
    assert.deepEqual(balance.balances?.[1], {
      chain: "bitcoin",
      asset: "BTC",
      native: 0.375,
      usd: 22_500,
    });
    const [row] = (await agent.get("/api/wallet/transactions?limit=1")).body.transactions;
    assert.deepEqual([row?.kind, row?.amount_micros], ["withdrawal", "0"]);
    assert.equal(sandbox.venue.audit().ledgerSum, "0");
  });

  test("refuse what is not there, and what is no amount", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const deposit = "/api/wallet/deposit";
    const withdraw = "/api/wallet/withdraw";
    refuses(await agent.post(withdraw, { amount: "10000.01" }), "insufficient_funds");
    refuses(await agent.post(withdraw, { asset: "BTC", amount: 1 }), "insufficient_funds");
    refuses(await agent.post(deposit, { amount: "1000000000.01" }), "size_too_large");
    for (const body of [
      {},
      { amount: -1 },
      { amount: 1, asset: "DOGE" },
      { amount: "0.0000001" },
    ]) {
      refuses(await agent.post(deposit, body), "invalid_request");
    }
    assert.equal(sandbox.venue.balance(agent.id).usdc, 10_000);
  });
});
