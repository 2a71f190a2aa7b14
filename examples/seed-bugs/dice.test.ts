// The guide's chance and multiplier are both near misses; the counted ones are exact, and still no bet to make.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "holdfast";
import { fair } from "holdfast/purpleflea";
import { exactProfit, exactReturn, guideProfit, guideReturn } from "./dice.ts";

test("the guide's 49 % at 1.96 loses twice what the game takes", () => {
  assert.equal(guideReturn().toFixed(4), "0.9604");
  const { chance, rtp } = exactReturn();
  assert.equal(fair.toDecimal(chance, 6), "0.499900");
  assert.equal(fair.toDecimal(rtp, 6), "0.979954");
});

test("the multiplier that the guide takes for granted books less than a win pays", () => {
  assert.equal(exactProfit(usdc("1000")), usdc("960.30"));
  assert.equal(guideProfit(1_000).toFixed(2), "960.00");
});

test("a roll of the target itself loses over and under", () => {
  const fifty = fair.fromHex(`80${"00".repeat(31)}`);
  for (const over of [true, false]) {
    const { result, outcome } = fair.play({ game: "dice", target: 50, over }, fifty);
    assert.deepEqual([result, outcome], ["50.00", "loss"]);
  }
});

test("by the exact odds it is no bet to make", () => {
  const { bet, refused } = fair.kellyFor({ game: "dice", target: 50, over: true });
  assert.equal(bet, 0);
  assert.match(refused ?? "", /loses 2\.00 % of each stake/u);
});
