// Counts in the venue's audit what the sample's key and what Holdfast's does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asHoldfast, crossAsSample, reopenAsSample } from "./minute-bucket.ts";

test("the minute's key hands back a position that is closed", async () => {
  const { decided, opened, open, believed } = await reopenAsSample();
  assert.deepEqual([decided, opened, open, believed], [2, 1, 0, 1]);
});

test("the minute's key buys twice where the answer is lost at the end of a minute", async () => {
  const { decided, opened, open, duplicateEffects } = await crossAsSample();
  assert.deepEqual([decided, opened, open, duplicateEffects], [1, 2, 2, 1]);
});

test("Holdfast's key does neither", async () => {
  const again = await asHoldfast(true);
  assert.deepEqual(again, { decided: 2, opened: 2, open: 1, believed: 1, duplicateEffects: 0 });
  const crossed = await asHoldfast(false);
  assert.deepEqual(crossed, { decided: 1, opened: 1, open: 1, believed: 1, duplicateEffects: 0 });
});
