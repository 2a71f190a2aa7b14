// Plans: what they accept, which periods they buy late, and how far apart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DcaPlan, decide, nextPurchaseAt } from "./plan.ts";

const given = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1d", periods: 10 } as const;
const DAY_MS = 86_400_000;

test("DcaPlan() fills in what is left out, and changes nothing when parsed again", () => {
  const plan = DcaPlan.parse(given);
  assert.deepEqual(
    [plan.amountUsd, plan.leverage, plan.missed, plan.totalMs],
    [25_000_000n, 1, "each", 82_800_000],
  );
  assert.deepEqual(DcaPlan.parse(plan), plan);
});

test("DcaPlan() refuses what could not be carried out", () => {
  for (const wrong of [
    { amountUsd: 25 },
    { every: "1 month" },
    { every: "0d" },
    { every: { months: 1, zone: "Mars/Base" } },
    { every: { months: 1 } },
    { every: { months: 1_200, zone: "UTC" }, periods: 5_000 },
    { periods: 0 },
    { periods: 5_001 },
    { totalMs: 86_400_000 },
    { leverage: 51 },
    { symbol: "" },
  ]) {
    assert.equal(DcaPlan.safeParse({ ...given, ...wrong }).success, false, JSON.stringify(wrong));
  }
});

/** The periods bought when period `from` is looked at so many days after the start. */
function bought(missed: "each" | "once" | "skip", from: number, days: number): readonly number[] {
  const plan = DcaPlan.parse({ ...given, missed });
  const due = Array.from({ length: 10 - from }, (_, index) => from + index).filter(
    (n) => n <= days,
  );
  return due.filter((n) => decide(plan, 0, n, days * DAY_MS) === "buy");
}

test("decide() buys each missed period, one for all, or none", () => {
  assert.deepEqual(bought("each", 2, 5.5), [2, 3, 4, 5]);
  assert.deepEqual(bought("once", 2, 5.5), [5]);
  assert.deepEqual(bought("skip", 2, 5.5), []);
  assert.deepEqual(bought("skip", 2, 5), [5], "what is due now is not missed");
});

test("decide() makes one purchase for the end of a plan that was missed whole", () => {
  assert.deepEqual(bought("once", 0, 1_000), [9]);
});

test("decide() grants its grace, and no more", () => {
  const plan = DcaPlan.parse({ ...given, missed: "skip", graceMs: 5_000 });
  assert.equal(decide(plan, 0, 3, 3 * DAY_MS + 5_000), "buy");
  assert.equal(decide(plan, 0, 3, 3 * DAY_MS + 5_001), "skip");
});

test("nextPurchaseAt() spaces what is late, and nothing else", () => {
  const plan = DcaPlan.parse({ ...given, spacingMs: 1_000 });
  assert.equal(nextPurchaseAt(plan, 0, 10_000, 10_400), 11_000);
  assert.equal(nextPurchaseAt(plan, 0, 10_000, 11_000), undefined);
  assert.equal(nextPurchaseAt(plan, 0, undefined, 10_400), undefined, "the first of all");
  assert.equal(nextPurchaseAt(plan, 10_400, 10_000, 10_400), undefined, "on its time");
});
