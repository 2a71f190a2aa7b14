// What a journal and a ledger mean where nothing is beside them: each fault is seen, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect } from "@holdfast/sandbox";
import type { DecidedCall } from "../verify/outcome.ts";
import { type Witness, judgeBooks } from "./judge.ts";

function effect(ref: string, key: string, id = 1): Effect {
  return { id, ref, key, operation: "open", agent: "a", amountMicros: "1", at: id, replays: 0 };
}

function call(ref: string, key: string, state: DecidedCall["state"] = "done"): DecidedCall {
  return { ref, key, state, activity: "buy", effect: "money", totalMs: 60_000 };
}

const asked: Witness = { asked: () => true, keeps: () => false };

function faults(
  calls: readonly DecidedCall[],
  effects: readonly Effect[],
  witness: Witness = asked,
): readonly unknown[] {
  return judgeBooks({ calls, effects }, witness).map(({ fault, ref }) => [fault, ref]);
}

test("judgeBooks() finds nothing where every decision happened as the journal says", () => {
  assert.deepEqual(faults([call("a", "k")], [effect("a", "k")]), []);
  // Open and in doubt may have happened or not.
  const states = ["open", "in-doubt", "quarantined"] as const;
  for (const state of states) {
    assert.deepEqual(faults([call("a", "k", state)], []), []);
    assert.deepEqual(faults([call("a", "k", state)], [effect("a", "k")]), []);
  }
  assert.deepEqual(faults([call("a", "k", "failed")], []), []);
});

test("judgeBooks() finds what happened twice, is missing, or was taken for failed", () => {
  const twice = [effect("a", "k"), effect("a", "other", 2)];
  assert.deepEqual(faults([call("a", "k")], twice), [["doubled", "a"]]);
  assert.deepEqual(faults([call("a", "k1"), call("a", "k2")], twice), []);
  assert.deepEqual(faults([call("a", "k")], []), [["lost", "a"]]);
  assert.deepEqual(faults([call("a", "k1"), call("a", "k2")], [effect("a", "k1")]), [
    ["lost", "a"],
  ]);
  assert.deepEqual(faults([call("a", "k", "failed")], [effect("a", "k")]), [["mistaken", "a"]]);
});

test("judgeBooks() says nothing of what the venue was never asked for, or carried out without a change", () => {
  assert.deepEqual(faults([call("a", "k")], [], { ...asked, asked: () => false }), []);
  assert.deepEqual(faults([call("a", "k")], [], { ...asked, keeps: (key) => key === "k" }), []);
});

test("judgeBooks() takes a part for its call, and a failed call after a part for no mistake", () => {
  assert.deepEqual(faults([call("a", "k")], [effect("a/one", "k1"), effect("a/two", "k2", 2)]), []);
  assert.deepEqual(faults([call("a", "k", "failed")], [effect("a/one", "k1")]), []);
  assert.deepEqual(faults([], [effect("b", "k")]), [["outside", undefined]]);
});
