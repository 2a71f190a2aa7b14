// Liquidation prices against the venue's published check values, and rounding that never favours the caller.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import {
  type Terms,
  averageEntry,
  feeFor,
  liquidationPrice,
  marginFor,
  notional,
  profitAt,
  quantityFor,
} from "./perpetual.ts";
import { DEFAULT_RULES, type LiquidationFormula } from "./rules.ts";

const ENTRY = usdc("60000");
const ONE = 100_000_000n;
const TERMS: Terms = { ...DEFAULT_RULES, leverageMax: 50 };

/** Liquidation price of one BTC bought or sold at 60,000 where mmr is 1 %. */
function priceOf(
  liquidation: LiquidationFormula,
  side: "long" | "short",
  leverage: number,
): bigint {
  const margin = marginFor(notional(ONE, ENTRY), leverage);
  const exposure = { side, quantity: ONE, entryPrice: ENTRY, margin };
  return liquidationPrice(exposure, { ...TERMS, liquidation });
}

describe("liquidationPrice()", () => {
  // Entry, less or plus the margin per unit, through 1 ∓ 1 %: the published check values with all six places.
  const cases = [
    [2, "long", "30303.030304"],
    [2, "short", "89108.910891"],
    [3, "long", "40404.040405"],
    [3, "short", "79207.920792"],
    [10, "long", "54545.454546"],
    [10, "short", "65346.534653"],
  ] as const;
  for (const [leverage, side, expected] of cases) {
    test(`gives ${expected} for a ${side} at leverage ${leverage} and entry 60,000`, () => {
      assert.equal(priceOf("hyperliquid", side, leverage), usdc(expected));
    });
  }

  test("knows the formulas of other venues", () => {
    // Gate: (60,000 ∓ 6,000) / (1 ∓ 1.05 %); Bybit: 60,000 × (1 ∓ 1/10 ± 1 %).
    assert.equal(priceOf("gate", "long", 10), usdc("54573.016676"));
    assert.equal(priceOf("gate", "short", 10), usdc("65314.200890"));
    assert.equal(priceOf("bybit", "long", 10), usdc("54600"));
    assert.equal(priceOf("bybit", "short", 10), usdc("65400"));
  });

  test("is zero for a long without leverage", () => {
    const exposure = { side: "long", quantity: ONE, entryPrice: ENTRY, margin: ENTRY } as const;
    assert.equal(liquidationPrice(exposure, TERMS), 0n);
  });
});

describe("feeFor()", () => {
  test("is five basis points for a taker and two for a maker, rounded up", () => {
    assert.equal(feeFor(usdc("100"), DEFAULT_RULES.takerFeePpm), usdc("0.05"));
    assert.equal(feeFor(usdc("100"), DEFAULT_RULES.makerFeePpm), usdc("0.02"));
    assert.equal(feeFor(micros(1n), DEFAULT_RULES.takerFeePpm), 1n);
  });
});

describe("averageEntry()", () => {
  test("is weighted by quantity and rounded against its holder", () => {
    const one = { quantity: ONE, price: usdc("100") };
    const two = { quantity: 2n * ONE, price: usdc("101") };
    assert.equal(averageEntry("long", one, two), usdc("100.666667"));
    assert.equal(averageEntry("short", one, two), usdc("100.666666"));
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
