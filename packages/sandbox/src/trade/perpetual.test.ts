// Liquidation prices against the venue's published check values, and rounding that never favours the caller.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import {
  liquidationPrice,
  marginFor,
  notional,
  profitAt,
  quantityFor,
  slipped,
  takerFee,
} from "./perpetual.ts";

const ENTRY = usdc("60000");
const ONE = 100_000_000n;

describe("liquidationPrice()", () => {
  const cases = [
    [2, "long", "30303.0303"],
    [2, "short", "89108.9109"],
    [3, "long", "40404.0404"],
    [3, "short", "79207.9208"],
    [10, "long", "54545.4545"],
    [10, "short", "65346.5347"],
  ] as const;
  for (const [leverage, side, expected] of cases) {
    test(`gives ${expected} for a ${side} at leverage ${leverage} and entry 60,000`, () => {
      const margin = marginFor(notional(ONE, ENTRY), leverage);
      const price = liquidationPrice({ side, quantity: ONE, entryPrice: ENTRY, margin }, 50);
      const rounded = (price + 50n) / 100n;
      assert.equal(rounded, usdc(expected) / 100n);
    });
  }

  test("is zero for a long without leverage", () => {
    const exposure = { side: "long", quantity: ONE, entryPrice: ENTRY, margin: ENTRY } as const;
    assert.equal(liquidationPrice(exposure, 50), 0n);
  });
});

describe("takerFee()", () => {
  test("is five basis points, rounded up", () => {
    assert.equal(takerFee(usdc("100")), usdc("0.05"));
    assert.equal(takerFee(micros(1n)), 1n);
  });
});

describe("slipped()", () => {
  test("moves the price by one millionth for each 10,000 USDC", () => {
    assert.equal(slipped(ENTRY, usdc("10000"), "up"), usdc("60000.06"));
    assert.equal(slipped(ENTRY, usdc("10000"), "down"), usdc("59999.94"));
    assert.equal(slipped(ENTRY, usdc("5000"), "up"), usdc("60000.03"));
  });
});

const amounts = fc.bigInt({ min: 1n, max: 1_000_000_000_000n }).map((amount) => micros(amount));
const prices = fc.bigInt({ min: 1_000_000n, max: 200_000_000_000n }).map((price) => micros(price));

describe("rounding", () => {
  test("never gives more than was paid for", () => {
    fc.assert(
      fc.property(amounts, prices, (amount, price) => {
        assert.ok(notional(quantityFor(amount, price), price) <= amount);
      }),
    );
  });

  test("never makes a profit of going there and back, nor of both sides at once", () => {
    fc.assert(
      fc.property(amounts, prices, prices, (amount, from, to) => {
        const quantity = quantityFor(amount, from);
        const long = profitAt({ side: "long", quantity, entryPrice: from }, to);
        const short = profitAt({ side: "short", quantity, entryPrice: from }, to);
        const back = profitAt({ side: "long", quantity, entryPrice: to }, from);
        assert.ok(long + short <= 0n && long + short >= -1n);
        assert.ok(long + back <= 0n && long + back >= -1n);
      }),
    );
  });

  test("margin covers its share of the value", () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 50 }), (value, leverage) => {
        const margin = marginFor(value, leverage);
        assert.ok(margin * BigInt(leverage) >= value);
        assert.ok((margin - 1n) * BigInt(leverage) < value);
      }),
    );
  });
});
