// Drawdown: exact in integers, and a limit that is reached is reached.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import { drawdown, exceeds } from "./drawdown.ts";

test("drawdown() is the fraction lost from the peak, and 0 at or above it", () => {
  assert.equal(drawdown(usdc("100"), usdc("85")), 0.15);
  assert.equal(drawdown(usdc("100"), usdc("120")), 0);
  assert.equal(drawdown(usdc("0"), usdc("-5")), 0);
  assert.equal(drawdown(usdc("3"), usdc("2")), 0.333333);
  assert.equal(drawdown(usdc("100"), usdc("-20")), 1.2);
});

test("exceeds() is true from the limit on, to the micro", () => {
  assert.equal(exceeds(usdc("100"), usdc("85"), 0.15), true);
  assert.equal(exceeds(usdc("100"), micros(85_000_001n), 0.15), false);
  assert.equal(exceeds(usdc("0"), usdc("-1"), 0.15), false);
});

test("exceeds() is never true without a loss, however small the limit", () => {
  for (const limit of [1e-9, 1e-6, 0.5, 0.9999999]) {
    assert.equal(exceeds(usdc("100"), usdc("100"), limit), false, String(limit));
  }
});

test("exceeds() stays true when more is lost", () => {
  const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
  fc.assert(
    fc.property(amount, amount, amount, fc.integer({ min: 1, max: 999 }), (peak, loss, more, n) => {
      const at = (lost: bigint): boolean => exceeds(micros(peak), micros(peak - lost), n / 1_000);
      assert.ok(!at(loss) || at(loss + more));
    }),
  );
});

test("exceeds() refuses what is no fraction", () => {
  for (const limit of [0, 1, -0.1, 15, Number.NaN]) {
    assert.throws(
      () => exceeds(usdc("1"), usdc("1"), limit),
      (error) => hasCode(error, "HF-LIMIT-INVALID"),
    );
  }
});
