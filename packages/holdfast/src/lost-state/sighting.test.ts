// What makes an account one that has acted before, and what does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import { RECENT_MAX, type Told, isSilent, sightingOf } from "./sighting.ts";

const who = { account: "default", agentId: "agent_1" };
const entry = (kind: string, ref: string | null = null, id = `tx_${kind}`) => {
  return { id, date: "2026-03-01T00:00:00.000Z", kind, amount_micros: usdc("-25.00"), ref };
};

test("sightingOf() finds nothing where money only came in", () => {
  const fresh: Told = {
    positions: [],
    orders: [],
    escrows: [],
    transactions: [entry("grant"), entry("faucet", "faucet/1"), entry("deposit")],
  };
  assert.equal(sightingOf(who, fresh), undefined);
  const ended = { escrow_id: "e", amount_micros: usdc("1.00"), created_at: "", ref: null };
  assert.equal(
    sightingOf(who, { ...fresh, escrows: [{ ...ended, status: "released" }] }),
    undefined,
  );
});

test("sightingOf() finds what is open, and what was done by whom", () => {
  const cases: readonly (readonly [Told, RegExp])[] = [
    [
      { transactions: [entry("margin", "dca-btc/order/3")] },
      /margin -25\.00 USDC.*dca-btc\/order\/3/u,
    ],
    [{ transactions: [entry("grant"), entry("stake")] }, /stake -25\.00 USDC/u],
    [
      {
        positions: [
          { position_id: "pos_1", symbol: "BTC-PERP", side: "long", size_micros: usdc("25.00") },
        ],
      },
      /position BTC-PERP long, 25\.00 USDC/u,
    ],
    [
      {
        escrows: [
          { escrow_id: "e", status: "completed", amount_micros: usdc("5.00"), created_at: "" },
        ],
      },
      /escrow of 5\.00 USDC \(completed\)/u,
    ],
    [
      {
        trades: [{ id: "t", symbol: "BTC-PERP", side: "buy", sizeMicros: "25000000", at: 0 }],
      },
      /trade BTC-PERP buy, 25\.00 USDC/u,
    ],
    [
      {
        orders: [
          { order_id: "o", symbol: "ETH-PERP", side: "long", type: "limit", created_at: "" },
        ],
      },
      /limit order ETH-PERP long/u,
    ],
  ];
  for (const [told, expected] of cases) {
    const found = sightingOf(who, told);
    const things = [...(found?.open ?? []), ...(found?.recent ?? [])];
    assert.equal(things.length, 1);
    assert.match(`${things[0]?.what} ${things[0]?.ref ?? ""}`, expected);
  }
});

test("sightingOf() says what could not be asked, and shows only the newest", () => {
  const many = Array.from({ length: 50 }, (_, index) => entry("fee", null, `tx_${index}`));
  const found = sightingOf(who, { transactions: many });
  assert.deepEqual(found?.unasked, ["positions", "orders", "escrows"]);
  assert.equal(found?.recent.length, RECENT_MAX);
  assert.equal(found?.recent[0]?.id, "tx_0");
  const trades = [{ id: "t", symbol: "BTC-PERP", side: "buy", sizeMicros: "1", at: 0 }];
  assert.deepEqual(sightingOf(who, { positions: [], trades })?.unasked, ["orders", "escrows"]);
});

test("isSilent() knows a venue that tells nothing from one that knows nothing", () => {
  assert.equal(isSilent({}), true);
  assert.equal(isSilent({ escrows: [] }), true);
  assert.equal(isSilent({ positions: [] }), false);
});
