// The guide stakes money on a losing game; the exact odds say to stake none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fair } from "holdfast/purpleflea";
import { guideStake, rightStake } from "./kelly.ts";

test("the guide's pattern stakes 0.5 % of the wallet, which the game keeps 1 % of", () => {
  assert.deepEqual([guideStake(1_000), guideStake(10_000), guideStake(0)], [5, 50, 0.1]);
  const { chance, rtp } = fair.oddsOf({ game: "crash", cashOut: 1.5 });
  // What the guide takes for an edge of 2 % and even odds is a chance of 66 % to win half the stake.
  assert.equal(fair.toDecimal(chance, 6), "0.660000");
  assert.equal(fair.toDecimal(rtp, 6), "0.990000");
  const losses = guideStake(10_000) * fair.kellyForCrash(1.5).expectedLoss;
  assert.equal(losses.toFixed(6), "0.500000");
});

test("from the exact odds nothing is staked, and the reason is said", () => {
  const { stake, kelly, refused } = rightStake(10_000, 1.5);
  assert.equal(stake, 0);
  assert.equal(kelly.toFixed(6), "-0.020000");
  assert.equal(
    refused,
    "The bet loses 1.00 % of each stake on average: the less is staked the better.",
  );
});

test("no cash-out makes it better", () => {
  for (const cashOut of [1.01, 1.2, 2, 10, 100, 10_000]) {
    assert.equal(rightStake(10_000, cashOut).stake, 0, String(cashOut));
  }
});
