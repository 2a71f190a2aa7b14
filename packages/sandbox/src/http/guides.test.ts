// The published Purple Flea guides, unmodified: each request as a guide sends it, each field that it reads.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  BalanceResponse,
  ClaimResponse,
  CloseAllResponse,
  CloseResponse,
  OpenResponse,
  PortfolioResponse,
  PositionsResponse,
  PricesResponse,
  RegisterResponse,
  StatusResponse,
  TransactionsResponse,
} from "@holdfast/purpleflea/wire";
import type { SandboxOptions } from "../sandbox.ts";
import { HOUR_MS, START, call, openTestSandbox, registerAgent } from "../fixture/kit.ts";

/** The price halves within an hour. */
const FALL: Pick<SandboxOptions, "scripts"> = {
  scripts: [
    {
      symbol: "BTC-PERP",
      points: [
        { at: START, price: "60000" },
        { at: START + HOUR_MS, price: "45000" },
      ],
    },
  ],
};

describe("the first guide", () => {
  test("buys with a size in USD, watches the drawdown as a fraction, closes everything", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    const order = { symbol: "BTC-PERP", side: "long", size: 1_000, leverage: 2 };
    const { status, body } = await agent.post("/api/v1/trade", order);
    assert.equal(status, 200);
    const opened = OpenResponse.parse(body);
    assert.equal(typeof body.position_id, "string");
    assert.ok(body.entry_price > 60_000 && body.entry_price < 60_010);
    assert.ok(body.liquidation_price > 30_000 && body.liquidation_price < 30_400);
    assert.equal(opened.entry_price_micros, BigInt(Math.round(body.entry_price * 1_000_000)));

    await sandbox.venue.advanceTo(START + HOUR_MS);
    const portfolio = (await agent.get("/api/v1/portfolio")).body;
    PortfolioResponse.parse(portfolio);
    assert.ok(portfolio.drawdown_pct > 0.02 && portfolio.drawdown_pct < 0.03);
    assert.equal(portfolio.drawdown_pct, portfolio.drawdown_fraction);
    assert.equal((portfolio.positions[0]?.unrealized_pnl ?? 0) < -240, true);
    assert.ok(portfolio.total_exposure > 700);

    const closed = (await agent.post("/api/v1/trade/close-all", "")).body;
    CloseAllResponse.parse(closed);
    assert.equal(closed.closed.length, 1);
    assert.ok(closed.realized_pnl < -240 && closed.fees_paid > 0);
    assert.deepEqual(closed.errors, []);
  });

  test("reads balances for each chain, or for one", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const all = (await agent.get("/api/v1/wallet/balance")).body;
    BalanceResponse.parse(all);
    assert.deepEqual(
      all.balances.map(({ chain }: { chain: string }) => chain),
      ["base", "bitcoin"],
    );
    const one = (await agent.get("/api/v1/wallet/balance?chain=bitcoin")).body;
    assert.deepEqual(one.balances, [{ chain: "bitcoin", asset: "BTC", native: 0, usd: 0 }]);
  });
});

describe("the second guide", () => {
  test("opens by pair and direction, takes a 409 as the original, closes by id", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const order = {
      pair: "BTC/USD",
      direction: "short",
      size_usdc: 50.5,
      leverage: 3,
      idempotency_key: "0123456789abcdef0123456789abcdef",
    };
    const first = await agent.post("/api/trade/open", order, { "x-agent-id": agent.id });
    assert.equal(first.status, 200);
    assert.equal(first.body.pair, "BTC/USD");
    assert.equal(first.body.symbol, "BTC-PERP");
    const second = await agent.post("/api/trade/open", order);
    assert.equal(second.status, 409);
    assert.equal(second.body.position_id, first.body.position_id);
    const shown = (await agent.get("/api/trade/positions")).body;
    assert.equal(PositionsResponse.parse(shown).positions[0]?.direction, "short");
    const closed = (await agent.post("/api/trade/close", { position_id: first.body.position_id }))
      .body;
    CloseResponse.parse(closed);
    assert.equal(typeof closed.realised_pnl_usdc, "number");
  });

  test("reads prices and status without an API key", async () => {
    await using sandbox = await openTestSandbox();
    const prices = (await call(`${sandbox.url}/api/market/prices`)).body;
    const pairs = PricesResponse.parse(prices).pairs;
    assert.deepEqual(
      pairs.map(({ pair }) => pair),
      ["BTC-PERP", "ETH-PERP", "SOL-PERP"],
    );
    for (const { price, price_micros: exact } of pairs) {
      assert.equal(BigInt(Math.round(price * 1_000_000)), exact);
    }
    const status = (await call(`${sandbox.url}/api/status`)).body;
    assert.deepEqual(StatusResponse.parse(status), {
      status: "ok",
      venue: sandbox.instanceId,
      mode: "paper",
      time_ms: START,
    });
  });
});

describe("the third and fourth guides", () => {
  test("register and claim at the faucet's own host", async () => {
    await using sandbox = await openTestSandbox();
    const { hostname, port } = new URL(sandbox.url);
    // fetch sets Host itself: a raw request plays the other host.
    const { request } = await import("node:http");
    const raw = (path: string, body: string, headers: Record<string, string>): Promise<string> =>
      new Promise((resolve, reject) => {
        const host = "faucet.purpleflea.com";
        const sent = request(
          { hostname, port, path, method: "POST", headers: { host, ...headers } },
          (response) => {
            let text = "";
            response.on("data", (chunk: Buffer) => (text += chunk.toString()));
            response.on("end", () => {
              resolve(text);
            });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    const registered = RegisterResponse.parse(
      JSON.parse(await raw("/api/register", '{"name":"a","description":"b"}', {})),
    );
    assert.match(registered.api_key, /^pf_test_/);
    const authorization = `Bearer ${registered.api_key}`;
    const claimed = ClaimResponse.parse(JSON.parse(await raw("/api/claim", "", { authorization })));
    assert.equal(claimed.amount, 1);
    assert.match(claimed.tx_hash, /^0x[0-9a-f]{64}$/);
  });

  test("read the wallet, and count wins by outcome and pnl_usdc", async () => {
    const points = [
      { at: START, price: "60000" },
      { at: START + HOUR_MS, price: "63000" },
    ];
    await using sandbox = await openTestSandbox({ scripts: [{ symbol: "BTC-PERP", points }] });
    const agent = await registerAgent(sandbox);
    for (const side of ["long", "short"]) {
      await agent.post("/api/v1/trade", { symbol: "BTC", side, size: 100 });
    }
    await sandbox.venue.advanceTo(START + HOUR_MS);
    await agent.post("/api/trade/close-all");
    const balance = (await agent.get("/api/wallet/balance", { "x-agent-id": agent.id })).body;
    assert.equal(balance.agent_id, agent.id);
    assert.ok(balance.usdc < 10_000 && balance.usdc > 9_990);
    assert.equal(balance.btc, 0);
    const { transactions } = (await agent.get("/api/wallet/transactions?limit=100")).body;
    TransactionsResponse.parse({ transactions });
    const settled = transactions.filter((one: object) => "pnl_usdc" in one);
    const outcomes = settled.map((one: { outcome: string }) => one.outcome);
    assert.deepEqual(outcomes.toSorted(), ["loss", "win"]);
    assert.ok(transactions[0]?.date.startsWith("2026-01-05"));
    const change = transactions.reduce(
      (sum: bigint, one: { amount_micros: string }) => sum + BigInt(one.amount_micros),
      0n,
    );
    assert.equal(change, BigInt(balance.usdc_micros), "transactions add up to the balance");
  });
});

describe("the fifth guide", () => {
  test("orders a quantity of an asset under a header key, and reads order_id", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    const order = { asset: "BTC", size: 0.01 };
    const headers = { "idempotency-key": "3a7bd3e2360a3d29" };
    const { status, body } = await agent.post("/api/trade", order, headers);
    assert.equal(status, 200);
    assert.equal(typeof body.order_id, "string");
    assert.deepEqual([body.quantity, body.asset, body.side], ["0.01000000", "BTC", "long"]);
    assert.ok(body.size_usd > 600 && body.size_usd < 601);
    const again = await agent.post("/api/trade", order, headers);
    assert.deepEqual([again.status, again.body.order_id], [200, body.order_id]);
  });

  test("reads the drawdown in percent on the other portfolio path", async () => {
    await using sandbox = await openTestSandbox(FALL);
    const agent = await registerAgent(sandbox);
    await agent.post("/api/trade", { asset: "BTC", size: 0.1, side: "buy", leverage: 2 });
    await sandbox.venue.advanceTo(START + HOUR_MS);
    const { body } = await agent.get("/api/portfolio");
    assert.equal(body.drawdown_pct, body.drawdown_percent);
    assert.ok(Math.abs(body.drawdown_percent - body.drawdown_fraction * 100) < 1e-9);
    assert.ok(body.drawdown_pct > 14 && body.drawdown_pct < 16);
  });
});
