// Which attempts begin without a word, and what is known of those that were lost with their worker before they said one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Heard, begunBefore, isQuiet } from "./given.ts";

const first: Heard = { isLocal: false, attempt: 1, envelope: {}, activity: { effect: "none" } };
const again = { cancelled: false, resent: true, begun: 2 };

const cases: readonly [what: string, given: Heard, quiet: boolean][] = [
  ["a first attempt", first, true],
  ["one with an effect outside", { ...first, activity: { effect: "external" } }, true],
  ["one with money", { ...first, activity: { effect: "money" } }, false],
  ["a later attempt", { ...first, attempt: 2 }, false],
  ["the first of a call that was scheduled again", { ...first, envelope: { again } }, false],
  ["a later one of a local call", { ...first, isLocal: true, attempt: 2 }, true],
];

for (const [what, given, quiet] of cases) {
  test(`isQuiet() of ${what}`, () => {
    assert.equal(isQuiet(given), quiet);
  });
}

test("begunBefore() counts a first attempt that left no note, and only that", () => {
  const second = { ...first, attempt: 2, before: {} };
  assert.equal(begunBefore({ ...first, before: {} }), 0);
  assert.equal(begunBefore(second), 1, "lost before it noted anything");
  assert.equal(begunBefore({ ...second, attempt: 3 }), 1, "the second says when it begins");
  assert.equal(begunBefore({ ...second, before: { by: 1 } }), 0, "it noted that it stood in line");
  assert.equal(begunBefore({ ...second, before: { by: 2, begun: 2 }, attempt: 3 }), 2);
  assert.equal(begunBefore({ ...second, activity: { effect: "money" } }), 0, "it says so first");
  assert.equal(begunBefore({ ...second, envelope: { again }, before: { begun: 2 } }), 2);
  assert.equal(begunBefore({ ...second, isLocal: true }), 0);
});
