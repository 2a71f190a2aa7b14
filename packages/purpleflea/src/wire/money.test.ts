// Amounts on the wire: what a request may say, and that nothing is rounded on the way in or out.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatUsdc, micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import { CarriedText, Micros, RequestAmount, RequestQuantity, toMicros } from "./index.ts";

const WRONG: readonly unknown[] = [
  0,
  "0",
  "0.000000",
  -1,
  "-1",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number("1e400"),
  1e30,
  "1e3",
  "abc",
  "",
  " 1",
  "1,5",
  null,
  true,
  [1],
  { amount: 1 },
];

describe("RequestAmount", () => {
  test("takes numbers and decimal strings of up to six decimals exactly", () => {
    const cases: readonly (readonly [number | string, string])[] = [
      [25, "25"],
      ["25.00", "25"],
      [0.1, "0.1"],
      [1e-6, "0.000001"],
      ["0.000001", "0.000001"],
      [1e6, "1000000"],
      ["9000000000000", "9000000000000"],
    ];
    for (const [given, expected] of cases) assert.equal(RequestAmount.parse(given), usdc(expected));
  });

  test("refuses what is not positive, not finite, or would have to be rounded", () => {
    for (const wrong of [...WRONG, 1e-7, "0.0000001", 0.1 + 0.2, "99999999999999"]) {
      assert.equal(RequestAmount.safeParse(wrong).success, false, String(wrong));
    }
  });

  test("reads every amount that formatUsdc writes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 9_000_000_000_000_000_000n }), (value) => {
        assert.equal(RequestAmount.parse(formatUsdc(micros(value))), value);
      }),
    );
  });
});

describe("RequestQuantity", () => {
  test("takes up to eight decimals as 1e-8 of the asset", () => {
    assert.equal(RequestQuantity.parse(0.01), 1_000_000n);
    assert.equal(RequestQuantity.parse("0.00000001"), 1n);
    assert.equal(RequestQuantity.parse(1e-8), 1n);
    assert.equal(RequestQuantity.parse(2), 200_000_000n);
  });

  test("refuses what is not positive, not finite, too precise or beyond a billion units", () => {
    for (const wrong of [...WRONG, 1e-9, "0.000000001", "1000000000.00000001"]) {
      assert.equal(RequestQuantity.safeParse(wrong).success, false, String(wrong));
    }
  });
});

describe("Micros", () => {
  test("carries every amount exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (value) => {
        assert.equal(Micros.parse(toMicros(micros(value))), value);
      }),
    );
  });

  test("refuses numbers, decimals and what exceeds 64 bits", () => {
    for (const wrong of [1, "1.5", "", "-", "9223372036854775808", "1e3"]) {
      assert.equal(Micros.safeParse(wrong).success, false, String(wrong));
    }
  });
});

describe("CarriedText", () => {
  test("refuses empty, too long, control characters and half characters", () => {
    for (const wrong of ["", "x".repeat(256), "a\nb", "\u0000", "\ud800"]) {
      assert.equal(CarriedText.safeParse(wrong).success, false);
    }
    for (const fine of ["dca-btc/17", "Zürich ✓", "x".repeat(255)]) {
      assert.equal(CarriedText.parse(fine), fine);
    }
  });
});
