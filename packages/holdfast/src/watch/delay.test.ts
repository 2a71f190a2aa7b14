// A loop that stands still is seen at whatever moment the stand began, and only once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@holdfast/engine";
import { LoopDelay } from "./delay.ts";

test("longest() sees every stand, also one that ends just before it is asked", async () => {
  for (let round = 0; round < 40; round += 1) {
    using delay = new LoopDelay(systemClock);
    delay.longest();
    // Due while the loop stands still: in which order the two timers come is for the machine to say.
    const asked = new Promise<number>((resolve) => {
      systemClock.setTimer(systemClock.now() + (round % 20), () => {
        resolve(delay.longest());
      });
    });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    const first = await asked;
    assert.ok(first >= 39, `a stand of 60 ms in round ${round}: ${first}`);
    assert.ok(delay.longest() < first, "told once");
  }
});

test("longest() does not count what was before the first question", () => {
  let monotonic = 0;
  using delay = new LoopDelay(systemClock, () => monotonic);
  monotonic = 5_000;
  assert.equal(delay.longest(), 0);
  monotonic = 5_100;
  assert.equal(delay.longest(), 80);
});

test("longest() does not count what a clock is set forwards by", () => {
  let monotonic = 0;
  using delay = new LoopDelay(systemClock, () => monotonic);
  assert.equal(delay.longest(), 0);
  monotonic = 500;
  assert.equal(delay.longest(), 480);
});
