// Counts in the venue's audit what each way to repeat makes of one lost answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asHoldfast, with409AsError, withHeader, withoutKey } from "./lost-response.ts";

test("a repetition without a key buys again", async () => {
  const outcome = await withoutKey();
  assert.deepEqual(outcome, { sent: 2, opened: 2, duplicateEffects: 1, told: "done" });
});

test("who takes 409 for a failure reports an order as failed that stands", async () => {
  const outcome = await with409AsError();
  assert.deepEqual(outcome, { sent: 4, opened: 1, duplicateEffects: 0, told: "failed" });
});

test("a key in the header is answered with the original status, and the order is done", async () => {
  const outcome = await withHeader();
  assert.deepEqual(outcome, { sent: 2, opened: 1, duplicateEffects: 0, told: "done" });
});

test("Holdfast buys once and knows it", async () => {
  const outcome = await asHoldfast();
  assert.deepEqual(outcome, { sent: 2, opened: 1, duplicateEffects: 0, told: "done" });
});
