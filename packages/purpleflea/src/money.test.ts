// The money schema: text or amounts, never numbers; parsing twice changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import { money } from "./money.ts";

test("money() reads text once and leaves amounts alone", () => {
  const once = money().parse("25.00");
  assert.equal(once, usdc("25"));
  assert.equal(money().parse(once), once);
});

test("money() refuses numbers and what has too many decimals", () => {
  for (const given of [25, 0.1, "1.0000001", "", null, {}]) {
    assert.equal(money().safeParse(given).success, false, JSON.stringify(given));
  }
});
