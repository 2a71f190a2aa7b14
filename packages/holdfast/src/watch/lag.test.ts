// The wait of one in a hundred who come at any moment: a loop that stands still is counted by how long it does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lagGauge } from "./gauge.ts";
import { waitBeyond } from "./lag.ts";

const stands = (...lengths: readonly number[]) => lengths.map((ms, at) => ({ at, ms }));

test("waitBeyond() counts a stand by its length, however seldom it is", () => {
  assert.equal(waitBeyond([], 0.01), 0);
  // Two seconds of ten: who came in the first 1.9 of them waited longer than 0.1; one in a hundred longer than 1.9.
  assert.equal(waitBeyond(stands(2_000), 0.01), 1_900);
  assert.equal(waitBeyond(stands(90), 0.01), 0, "less than one in a hundred waited at all");
});

test("waitBeyond() agrees with counting everybody who comes", () => {
  for (const lengths of [
    [300, 300, 300],
    [1_000, 40, 40, 500],
    [120, 110, 100, 90],
    [20, 20],
  ]) {
    const waits: number[] = [];
    for (const length of lengths) for (let left = length; left > 0; left -= 0.1) waits.push(left);
    waits.sort((one, other) => other - one);
    // One in a hundred of ten seconds, a tenth of a millisecond apart.
    const counted = waits[1_000] ?? 0;
    const found = waitBeyond(stands(...lengths), 0.01);
    assert.ok(Math.abs(found - counted) < 1, `${lengths.join()}: ${found}, counted ${counted}`);
  }
});

test("lagGauge() forgets what is older than its window", () => {
  const longest = [0, 2_000, 0, 0];
  const limits = { hold: 1, shed: 2, stop: 3 };
  const gauge = lagGauge(limits, () => longest.shift() ?? 0);
  assert.equal(gauge.read(0), 0);
  assert.equal(gauge.read(1_000), 1_900);
  assert.equal(gauge.read(10_900), 1_900);
  assert.equal(gauge.read(11_000), 0);
});
