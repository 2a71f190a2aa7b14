// The public servers' dialect over HTTP, in their own words and through the typed client.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, hasCode, usdc } from "@holdfast/core";
import { createPurpleFlea, publicProfile } from "@holdfast/purpleflea";
import { call, openTestSandbox } from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";

const open = (): Promise<Sandbox> => openTestSandbox({ dialect: "public-2026-03" });

async function clientOf({ url: baseUrl }: Sandbox) {
  const profile = publicProfile;
  const nobody = createPurpleFlea({ baseUrl, profile });
  const { api_key: apiKey } = await nobody.faucet.register({ name: "x" }, { key: "r" });
  return { apiKey, client: createPurpleFlea({ baseUrl, profile, apiKey, agentId: "ag_1" }) };
}

test("the front answers in the public servers' words, and honours no keys", async () => {
  await using sandbox = await open();
  const { apiKey } = await clientOf(sandbox);
  const headers = { authorization: `Bearer ${apiKey}`, "idempotency-key": "same" };
  const body = { coin: "BTC", side: "long", size_usd: 100, idempotency_key: "same" };
  const order = { body, headers };
  const { body: one } = await call(`${sandbox.url}/@trading/v1/trade/open`, order);
  const fields = "position_id order_id coin entry_price leverage margin_used liquidation_price fee";
  for (const field of `${fields} hl_order_id`.split(" ")) assert.ok(field in one, field);
  const sent = one as unknown as { leverage: number; position_id: string };
  assert.equal(sent.leverage, 5, "their default");
  const { body: two } = await call(`${sandbox.url}/@trading/v1/trade/open`, order);
  assert.notEqual(sent.position_id, (two as unknown as typeof sent).position_id);
  const { keyless, replays } = sandbox.venue.audit();
  assert.deepEqual([keyless, replays], [3, 0]);
});

test("errors have the public servers' form, whoever refuses", async () => {
  await using sandbox = await open();
  const { apiKey } = await clientOf(sandbox);
  const at = (path: string): string => `${sandbox.url}/@trading${path}`;
  const headers = { authorization: `Bearer ${apiKey}` };
  const asked: readonly (readonly [string, unknown, number, string])[] = [
    ["/v1/trade/open", { coin: "BTC", side: "up", size_usd: 1 }, 400, "invalid_side"],
    ["/v1/trade/open", { coin: "BTC", side: "long", size_usd: "1" }, 400, "invalid_size"],
    ["/v1/trade/open", { coin: "BTC", side: "long", size_usd: 1e6 }, 400, "trade_failed"],
    ["/v1/trade/close", { position_id: "pos_none" }, 404, "position_not_found"],
    ["/v1/trade/open", "{", 400, "invalid_request"],
    ["/v1/limit", {}, 404, "not_found"],
  ];
  for (const [path, body, status, error] of asked) {
    const answer = await call(at(path), { body, headers });
    const said = (answer.body as unknown as { error: string }).error;
    assert.deepEqual([answer.status, said], [status, error], path);
  }
  const nobody = await call(at("/v1/trade/positions"));
  assert.equal(nobody.status, 401);
});

test("the client trades in the dialect, with exact amounts", async () => {
  await using sandbox = await open();
  const { client } = await clientOf(sandbox);
  const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("100") } as const;
  const opened = await client.trade.open(order, { key: "k" });
  assert.deepEqual([opened.symbol, opened.leverage], ["BTC-PERP", 1]);
  assert.ok(opened.size_micros <= usdc("100") && opened.size_micros > usdc("99"));
  const [position] = await client.trade.positions();
  assert.equal(position?.position_id, opened.position_id);
  const { positions, trades, exposure } = await client.records();
  assert.deepEqual([positions[0]?.status, trades[0]?.side], ["open", "buy"]);
  assert.equal(positions[0]?.sizeMicros, String(opened.size_micros));
  assert.match(exposure["BTC-PERP"] ?? "", /^long 0\.00\d+$/u);
  const closed = await client.trade.close(opened.position_id, { key: "k2" });
  const after = await client.records();
  assert.equal(after.positions[0]?.realisedMicros, String(closed.realised_pnl_micros));
  assert.equal(after.trades[0]?.feeMicros, String(closed.fee_micros));
  assert.equal((await client.market.prices()).length, 3);
  assert.equal((await client.wallet.transactions()).length, 2);
  assert.equal((await client.faucet.claim({ key: "c" })).amount_micros, usdc("1"));
  assert.ok((await client.wallet.balance()).usdc_micros > usdc("9999"));
});

test("what the public servers cannot do is refused before anything is sent", async () => {
  await using sandbox = await open();
  const { client } = await clientOf(sandbox);
  let requests = 0;
  const counting: typeof fetch = (...given) => {
    requests += 1;
    return fetch(...given);
  };
  const counted = createPurpleFlea({
    baseUrl: sandbox.url,
    profile: publicProfile,
    fetch: counting,
  });
  const refused: readonly (() => Promise<unknown>)[] = [
    () => counted.portfolio(),
    () => counted.status(),
    () => counted.trade.closeAll({ key: "a" }),
    () => counted.idempotency.get("a"),
    () => counted.orders.list(),
    () => counted.wallet.deposit({ amount: usdc("1") }, { key: "b" }),
    () => counted.market.candles({ symbol: "BTC-PERP" }),
  ];
  for (const ask of refused) {
    await assert.rejects(ask(), (error) => {
      assert.ok(hasCode(error, "HF-VENUE-UNSUPPORTED"), String(error));
      assert.equal(error.outcome, "not-sent");
      return true;
    });
  }
  assert.equal(requests, 0);
  await assert.rejects(
    client.trade.open({ symbol: "BTC", side: "long", sizeUsd: usdc("1000000") }, { key: "z" }),
    (error) => {
      assert.ok(error instanceof HoldfastError);
      // They say the same of what failed after it was filled.
      assert.deepEqual([error.code, error.outcome], ["HF-VENUE-ERROR", "unknown"]);
      return true;
    },
  );
});
