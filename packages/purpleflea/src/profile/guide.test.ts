// Answers as the published guides show them: amounts as numbers, and no more fields than they name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import { createPurpleFlea } from "../client/client.ts";
import { guideProfile } from "./guide.ts";

/** A client of a venue that answers each request so; tells which addresses were asked. */
function answering(text: string, baseUrl = "https://purpleflea.com") {
  const asked: string[] = [];
  const client = createPurpleFlea({
    baseUrl,
    profile: guideProfile,
    fetch: async (url) => {
      asked.push(url instanceof Request ? url.url : url.toString());
      return new Response(text);
    },
  });
  return { client, asked };
}

const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25"), leverage: 2 } as const;

test("an order is read from a guide's answer, and completed from the order", async () => {
  const text = '{"position_id":"p1","entry_price":60000.1234565,"liquidation_price":30150.5}';
  const { client } = answering(text);
  const opened = await client.trade.open(order, { key: "k" });
  assert.equal(opened.entry_price_micros, 60_000_123_457n);
  assert.deepEqual(
    [opened.size_micros, opened.margin_micros, opened.fee_micros],
    [usdc("25"), usdc("12.5"), 0n],
  );
  assert.equal(opened.quantity, "0.00041666");
});

test("exact fields win over numbers, where a venue has both", async () => {
  const text = '{"agent_id":"a","usdc":12.3,"usdc_micros":"12345678","btc":0.5}';
  const { usdc_micros: amount } = await answering(text).client.wallet.balance();
  assert.equal(amount, 12_345_678n);
});

test("a number beyond a double is read to its last digit, and one without an end is refused", async () => {
  const text = '{"agent_id":"a","usdc":9007199254.740993}';
  assert.equal((await answering(text).client.wallet.balance()).usdc_micros, 9_007_199_254_740_993n);
  await assert.rejects(
    answering('{"agent_id":"a","usdc":1e999}').client.wallet.balance(),
    (error) => hasCode(error, "HF-VENUE-UNREADABLE"),
  );
});

test("the guides' hosts are asked at the guides' address, and by path elsewhere", async () => {
  const text = '{"amount":1.0,"tx_hash":"0x1"}';
  const real = answering(text);
  await real.client.faucet.claim({ key: "k" });
  const local = answering(text, "http://127.0.0.1:4100/");
  await local.client.faucet.claim({ key: "k" });
  assert.deepEqual(
    [...real.asked, ...local.asked],
    ["https://faucet.purpleflea.com/api/claim", "http://127.0.0.1:4100/@faucet/api/claim"],
  );
});

test("what no guide knows is refused", async () => {
  const { client, asked } = answering("{}");
  await assert.rejects(client.orders.list(), (error) => hasCode(error, "HF-VENUE-UNSUPPORTED"));
  assert.deepEqual(asked, []);
});
