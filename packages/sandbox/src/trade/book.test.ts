// What an order gets: the price moves with its value, a limit is never crossed, and the book has an end.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import type { Quote } from "../market/market.ts";
import { crossingFill, farSide, marketFill, restingFill, slipped } from "./book.ts";
import { notional } from "./perpetual.ts";

const QUOTE: Quote = {
  oracle: usdc("60000"),
  mark: usdc("60000"),
  bid: usdc("59994"),
  ask: usdc("60000"),
  depth: usdc("10000"),
};
const ONE = 100_000_000n;

describe("slipped()", () => {
  test("moves the price by one millionth for each 10,000 USDC, and by 5 % at most", () => {
    assert.equal(slipped(QUOTE, "long", usdc("10000")), usdc("60000.06"));
    assert.equal(slipped(QUOTE, "short", usdc("10000")), usdc("59993.940006"));
    assert.equal(slipped(QUOTE, "long", usdc("5000")), usdc("60000.03"));
    assert.equal(slipped(QUOTE, "long", usdc("1000000000")), usdc("63000"));
  });
});

describe("marketFill()", () => {
  test("fills as much as lies within 5 % of the price", () => {
    assert.deepEqual(marketFill(QUOTE, "long", ONE), { price: usdc("60000.36"), quantity: ONE });
    const { price, quantity } = marketFill(QUOTE, "long", 100_000n * ONE);
    assert.equal(notional(quantity, QUOTE.ask) / 1_000_000n, 499_999_999n);
    assert.ok(price <= usdc("63000") && price > usdc("62999.99"));
  });
});

describe("crossingFill()", () => {
  test("fills as far as the limit reaches, and nothing where it does not meet the book", () => {
    // 0.60 above the ask is ten millionths: 100,000 USDC.
    const { price, quantity } = crossingFill(QUOTE, "long", 10n * ONE, usdc("60000.60"));
    assert.equal(notional(quantity, usdc("60000.60")) / 1_000_000n, 99_999n);
    assert.ok(price <= usdc("60000.60"));
    assert.equal(crossingFill(QUOTE, "long", ONE, usdc("60000")).quantity, 0n);
    assert.equal(crossingFill(QUOTE, "short", ONE, usdc("59994")).quantity, 0n);
  });

  test("is never worse than the limit, nor more than was asked", () => {
    const sides = fc.constantFrom("long" as const, "short" as const);
    const quantities = fc.bigInt({ min: 1n, max: 100_000n * ONE });
    const limits = fc.bigInt({ min: 1_000_000n, max: 200_000_000_000n }).map((one) => micros(one));
    fc.assert(
      fc.property(sides, quantities, limits, (side, quantity, limit) => {
        const fill = crossingFill(QUOTE, side, quantity, limit);
        assert.ok(fill.quantity <= quantity);
        assert.ok(side === "long" ? fill.price <= limit : fill.price >= limit);
        if (fill.quantity > 0n) {
          const far = farSide(QUOTE, side);
          assert.ok(side === "long" ? fill.price >= far : fill.price <= far);
        }
      }),
    );
  });
});

describe("restingFill()", () => {
  test("gives at its own price a millionth of depth where touched, and one more for each beyond", () => {
    const touched = restingFill(QUOTE, "long", 100n * ONE, usdc("60000"));
    assert.equal(notional(touched.quantity, usdc("60000")) / 1_000_000n, 9_999n);
    const beyond = restingFill(QUOTE, "long", 100n * ONE, usdc("60000.12"));
    assert.equal(notional(beyond.quantity, usdc("60000.12")) / 1_000_000n, 29_999n);
    assert.equal(restingFill(QUOTE, "long", ONE, usdc("59999.99")).quantity, 0n);
  });
});
