// The judge sees each thing that can be wrong with a ledger.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Evidence, judge } from "./judge.ts";

const effect = (ref: string | null, key = ref) => ({ ref, key, operation: "open" });
const intent = (ref: string, state = "done") => ({ ref, key: ref, state });

const clean: Evidence = {
  expected: ["a", "b"],
  effects: [effect("a"), effect("b~1")],
  intents: [intent("a"), intent("b", "refused"), intent("b~1")],
  given: { refused: ["b"], late: [] },
};

const figures = (evidence: Partial<Evidence>) => {
  const { doubled, lost, foreign, unresolved, problems } = judge({ ...clean, ...evidence });
  return { figures: [doubled, lost, foreign, unresolved], problems: problems.length };
};

test("judge() finds nothing where each decision has one effect, a refused one under its next name", () => {
  assert.deepEqual(figures({}), { figures: [0, 0, 0, 0], problems: 0 });
});

test("judge() counts effects per decision: a second key or a second name is a second effect", () => {
  const again = [...clean.effects, effect("a", "another key")];
  assert.deepEqual(figures({ effects: again }).figures, [1, 0, 1, 0]);
  const refused = figures({ effects: [...clean.effects, effect("b")] });
  assert.deepEqual(refused.figures, [1, 0, 0, 0]);
  // Doubled, and said to be refused, twice: by the run and by the journal.
  assert.equal(refused.problems, 2);
});

test("judge() counts what was lost, what nobody decided on, and what is left open", () => {
  assert.deepEqual(figures({ effects: [effect("a")] }).figures, [0, 1, 0, 0]);
  const foreign = [...clean.effects, effect("c"), effect(null)];
  assert.deepEqual(figures({ effects: foreign }).figures, [0, 0, 2, 0]);
  const open = [intent("a", "in-doubt"), ...clean.intents.slice(1)];
  assert.deepEqual(figures({ intents: open }).figures, [0, 0, 0, 1]);
});

test("judge() tells what the journal says and the ledger does not", () => {
  assert.equal(figures({ given: { refused: [], late: [] } }).problems, 1);
  assert.equal(figures({ intents: [...clean.intents, intent("a~1")] }).problems, 1);
});
