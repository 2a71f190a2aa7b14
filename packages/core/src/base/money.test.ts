// Money: decimal text to integer micro-USDC and back, exactly; numbers are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { hasCode } from "./error.ts";
import { USDC_MAX, formatUsdc, micros, usdc } from "./money.ts";

test("usdc() reads what formatUsdc() wrote, for every amount", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -9_999_999_999_999_999_999n, max: 9_999_999_999_999_999_999n }),
      (amount) => {
        fc.pre(amount <= USDC_MAX && amount >= -USDC_MAX);
        assert.equal(usdc(formatUsdc(micros(amount))), amount);
        assert.equal(usdc(usdc(micros(amount))), amount, "parsing twice changes nothing");
      },
    ),
  );
});

test("usdc() reads decimal text exactly", () => {
  assert.equal(usdc("25.00"), 25_000_000n);
  assert.equal(usdc("0.1") + usdc("0.2"), usdc("0.3"));
  assert.equal(usdc("-0.000001"), -1n);
  assert.equal(formatUsdc(usdc("1234.5")), "1234.50");
  assert.equal(formatUsdc(usdc("0.000010")), "0.00001");
});

test("usdc() refuses numbers, exponents, too many decimals and what exceeds 64 bits", () => {
  for (const given of [
    25,
    "1e3",
    "1.0000001",
    "",
    ".",
    "1.",
    "+1",
    " 1",
    "1,5",
    "99999999999999",
    null,
    undefined,
    {},
  ]) {
    assert.throws(
      () => usdc(given as string),
      (error) => hasCode(error, "HF-MONEY-INVALID"),
      JSON.stringify(given),
    );
  }
  assert.throws(
    () => micros(USDC_MAX + 1n),
    (error) => hasCode(error, "HF-MONEY-INVALID"),
  );
});
