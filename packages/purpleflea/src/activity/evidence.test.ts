// What an account's records prove of an order, and what they leave open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import type { PositionRecord, Records, TradeRecord } from "../profile/dialect.ts";
import { type Ordered, baselineOf, closedBy, openedBy } from "./evidence.ts";

const AT = 1_767_603_600_000;
const order: Ordered = {
  symbol: "BTC-PERP",
  side: "long",
  size: usdc("25"),
  leverage: 2,
  sentAt: AT,
};

function position(id: string, more: Partial<PositionRecord> = {}): PositionRecord {
  return {
    id,
    symbol: "BTC-PERP",
    side: "long",
    status: "open",
    sizeMicros: "24999999",
    entryPriceMicros: "60000000000",
    marginMicros: "12500000",
    liquidationPriceMicros: undefined,
    realisedMicros: "0",
    leverage: 2,
    openedAt: AT,
    ...more,
  };
}

function fill(id: string, more: Partial<TradeRecord> = {}): TradeRecord {
  return {
    id,
    symbol: "BTC-PERP",
    side: "buy",
    sizeMicros: "24999999",
    priceMicros: "60000000000",
    feeMicros: "12500",
    realisedMicros: "0",
    at: AT,
    ...more,
  };
}

function records(
  positions: readonly PositionRecord[],
  trades: readonly TradeRecord[],
  held?: string,
): Records {
  return {
    positions,
    trades,
    limits: { positions: 3, trades: 3 },
    exposure: { source: "exchange", ...(held === undefined ? {} : { "BTC-PERP": held }) },
  };
}

const empty = baselineOf(records([], []));
const old = position("old");
const oldFill = fill("t-old");
const before = baselineOf(records([old], [oldFill], "long 1"));

const cases: readonly (readonly [string, Records, string])[] = [
  ["one new position that fits", records([position("p")], [fill("t")], "long 1"), "done"],
  ["nothing new", records([], []), "not-done"],
  ["two that fit", records([position("p"), position("q")], [fill("t"), fill("u")]), "unclear"],
  ["a position without its fill", records([position("p")], [], "long 1"), "unclear"],
  ["a fill without a position", records([], [fill("t")]), "unclear"],
  ["held without any record", records([], [], "long 1"), "unclear"],
  ["one of the other side", records([position("p", { side: "short" })], []), "not-done"],
  ["one of another pair", records([position("p", { symbol: "ETH-PERP" })], []), "not-done"],
  ["one much smaller", records([position("p", { sizeMicros: "5000000" })], []), "unclear"],
  ["one of a higher leverage", records([position("p", { leverage: 5 })], []), "unclear"],
  ["one of a lowered leverage", records([position("p", { leverage: 1 })], [fill("t")]), "done"],
  ["one from long before", records([position("p", { openedAt: AT - 600_000 })], []), "unclear"],
  [
    "a list that may not reach back",
    records([position("p"), position("q"), position("r")], [fill("t")]),
    "unclear",
  ],
];

for (const [what, after, kind] of cases) {
  void test(`openedBy() finds ${kind}: ${what}`, () => {
    assert.equal(openedBy(order, empty, after).kind, kind);
  });
}

test("openedBy() looks at what is new only", () => {
  assert.equal(openedBy(order, before, records([old], [oldFill], "long 1")).kind, "not-done");
  assert.equal(openedBy(order, before, records([old], [oldFill], "long 2")).kind, "unclear");
  const full = records([position("q"), position("p"), old], [fill("t"), oldFill], "long 2");
  assert.equal(openedBy(order, before, full).kind, "unclear");
  const one = openedBy(order, before, records([position("p"), old], [fill("t"), oldFill]));
  assert.ok(one.kind === "done" && one.value.position.id === "p" && one.value.fee === "12500");
  const otherSource = {
    ...records([old], [oldFill], "long 1"),
    exposure: { "BTC-PERP": "long 1" },
  };
  assert.equal(openedBy(order, before, otherSource).kind, "unclear");
});

test("closedBy() needs the record and the one fill that did it", () => {
  const ended = position("old", { status: "closed", realisedMicros: "7" });
  const sale = fill("t-new", { side: "sell", realisedMicros: "7" });
  const kindOf = (after: Records): string => closedBy("old", before, after).kind;
  assert.equal(kindOf(records([ended], [sale, oldFill])), "done");
  assert.equal(kindOf(records([ended], [oldFill])), "unclear");
  assert.equal(kindOf(records([ended], [sale, { ...sale, id: "t-2" }, oldFill])), "unclear");
  assert.equal(kindOf(records([old], [oldFill], "long 1")), "not-done");
  assert.equal(kindOf(records([old], [oldFill])), "unclear");
  assert.equal(kindOf(records([], [])), "unclear");
  assert.equal(kindOf(records([position("old", { status: "liquidated" })], [])), "not-done");
});
