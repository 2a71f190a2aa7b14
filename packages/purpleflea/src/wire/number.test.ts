// Amounts from JSON numbers: exact to the digit, rounded once, refused where they are none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import { decimalOf, fromNumber } from "./number.ts";

test("fromNumber() reads what was meant, and rounds to the nearest micro-USDC", () => {
  const read: readonly (readonly [number | string, string])[] = [
    [25, "25"],
    [0.1 + 0.2, "0.3"],
    [12.299999999999999, "12.3"],
    ["12.2999995", "12.3"],
    ["12.2999994", "12.299999"],
    [-0.0000005, "-0.000001"],
    [-0.0000004, "0"],
    ["1e-7", "0"],
    ["2.5E2", "250"],
    ["1.25e1", "12.5"],
    ["0.5e-3", "0.0005"],
    ["9007199254741.000001", "9007199254741.000001"],
  ];
  for (const [sent, meant] of read) {
    const [whole = "", fraction = ""] = meant.split(".");
    assert.equal(fromNumber(sent), BigInt(`${whole}${fraction.padEnd(6, "0")}`), String(sent));
  }
});

test("fromNumber() refuses what is no finite amount", () => {
  const refused = [
    Number.NaN,
    Infinity,
    -Infinity,
    "",
    "12,5",
    "0x10",
    "1e99999",
    "1e20",
    ".5",
    " 1",
  ];
  for (const value of refused) {
    assert.throws(
      () => fromNumber(value),
      (error) => hasCode(error, "HF-MONEY-INVALID"),
      String(value),
    );
  }
});

test("decimalOf() writes every digit of any number, without an exponent", () => {
  assert.deepEqual([1e-7, 1.5e21, -2.5, 0].map(decimalOf), [
    "0.0000001",
    "1500000000000000000000",
    "-2.5",
    "0",
  ]);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(decimalOf(value)), value === 0 ? 0 : value);
      assert.match(decimalOf(value), /^-?\d+(\.\d+)?$/u);
    }),
  );
});

test("fromNumber() agrees with decimal strings of at most six decimals", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (amount) => {
      const magnitude = (amount < 0n ? -amount : amount).toString().padStart(7, "0");
      const text = `${amount < 0n ? "-" : ""}${magnitude.slice(0, -6)}.${magnitude.slice(-6)}`;
      assert.equal(fromNumber(text), usdc(text));
      assert.equal(fromNumber(Number(text)), usdc(text));
    }),
  );
});
