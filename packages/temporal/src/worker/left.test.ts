// What is counted as a crash, by what the attempts before have noted at the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Left, suspicionOf } from "./left.ts";

const cases: readonly [what: string, left: Left, attempt: number, found: readonly unknown[]][] = [
  ["a first attempt", {}, 1, [0, 0, false]],
  ["one after an attempt that has ended", { by: 1, crashes: 1 }, 2, [1, 0, false]],
  ["one after an attempt that was in flight", { by: 1, flight: "beside" }, 2, [1, 0, true]],
  [
    "one after an attempt that stood in line",
    { by: 3, flight: "line", crashes: 2 },
    4,
    [2, 0, true],
  ],
  [
    "one after an attempt that ran alone",
    { by: 3, flight: "alone", crashes: 2, crashesAlone: 1 },
    4,
    [3, 2, true],
  ],
  ["one after attempts that have left nothing", {}, 3, [2, 0, true]],
  [
    "one after an attempt in flight, and one that has left nothing",
    { by: 1, flight: "alone", crashes: 2 },
    3,
    [4, 1, true],
  ],
];

for (const [what, left, attempt, found] of cases) {
  test(`suspicionOf() of ${what}`, () => {
    const { crashes, crashesAlone, lost } = suspicionOf(left, attempt);
    assert.deepEqual([crashes, crashesAlone, lost], found);
  });
}
