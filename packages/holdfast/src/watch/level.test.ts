// Levels are reached at once, and left only when it has been clearly better for a while.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_REST, CALM_MS, type Standing, type Thresholds, judge } from "./level.ts";

const rising: Thresholds = { hold: 100, shed: 200, stop: 300, falls: false };

/** The level after each value, one a second. */
function levels(values: readonly number[], thresholds = rising): readonly number[] {
  let standing: Standing = AT_REST;
  return values.map((value, second) => {
    standing = judge(standing, value, thresholds, second * 1_000);
    return standing.level;
  });
}

test("judge() reaches each level at once, also several in one step", () => {
  assert.deepEqual(levels([0, 99, 100, 199, 200, 299, 300]), [0, 0, 1, 1, 2, 2, 3]);
  assert.deepEqual(levels([0, 500]), [0, 3]);
  const falling: Thresholds = { hold: 100, shed: 50, stop: undefined, falls: true };
  assert.deepEqual(levels([101, 100, 50, 0], falling), [0, 1, 2, 2]);
});

test("judge() leaves a level only after it was better by a margin, for a while", () => {
  const calm = CALM_MS / 1_000;
  // Just below the threshold is not better.
  assert.deepEqual(levels([100, ...Array.from({ length: 20 }, () => 91)]).at(-1), 1);
  const better = levels([100, ...Array.from({ length: calm + 1 }, () => 90 - 1)]);
  assert.deepEqual(better, [...Array.from({ length: calm + 1 }, () => 1), 0]);
  // A relapse begins the time anew.
  const relapse = [100, ...Array.from({ length: calm - 1 }, () => 10), 95];
  assert.deepEqual(levels([...relapse, ...Array.from({ length: calm }, () => 10)]).at(-1), 1);
});

test("judge() falls to the level that still holds, and knows the worst of the episode", () => {
  let standing = judge(AT_REST, 350, rising, 0);
  for (let at = 1_000; at <= 7_000; at += 1_000) standing = judge(standing, 150, rising, at);
  assert.deepEqual([standing.level, standing.worst, standing.since], [1, 3, 0]);
  standing = judge(standing, 320, rising, 8_000);
  assert.deepEqual([standing.level, standing.levelSince], [3, 8_000]);
  for (let at = 9_000; at <= 15_000; at += 1_000) standing = judge(standing, 0, rising, at);
  assert.deepEqual(standing, AT_REST);
});
