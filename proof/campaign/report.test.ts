// What a campaign came to, in a page and in lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";
import {
  BEGIN,
  END,
  NoPlaceError,
  type Outcome,
  isGood,
  markdown,
  summary,
  withReport,
} from "./report.ts";
import { NOTHING, type Tally } from "./tally.ts";

function outcome(tally: Partial<Tally>, more: Partial<Outcome> = {}): Outcome {
  const options = readOptions(["--quick"]);
  assert.ok(options !== "help");
  return {
    options,
    tally: { ...NOTHING, expected: 400, effects: 400, ...tally },
    patterns: [],
    failed: [],
    isPartial: false,
    durationMs: 61_000,
    date: "2026-01-05",
    commit: "0123456789",
    machine: "2 × a processor, Node v24",
    ...more,
  };
}

test("withReport() takes the place of the part before, and leaves the text around it", () => {
  const page = `# Title\n\nBefore.\n\n${BEGIN}\n\nold figures\n\n${END}\n\nAfter.\n`;
  const once = withReport(page, "new figures");
  assert.equal(once, `# Title\n\nBefore.\n\n${BEGIN}\n\nnew figures\n\n${END}\n\nAfter.\n`);
  assert.equal(withReport(once, "new figures"), once);
});

test("withReport() makes a page of an empty one, and refuses one without a place", () => {
  assert.equal(withReport("", "figures"), `${BEGIN}\n\nfigures\n\n${END}\n`);
  for (const page of ["# A page", BEGIN, `${END}\n${BEGIN}`, `${BEGIN}${BEGIN}${END}`])
    assert.throws(() => withReport(page, "figures"), NoPlaceError);
});

test("isGood() is false for each thing that may be wrong", () => {
  assert.ok(isGood(outcome({})));
  const wrong: readonly Outcome[] = [
    outcome({ doubled: 1 }),
    outcome({ lost: 1 }),
    outcome({ foreign: 1 }),
    outcome({ unresolved: 1 }),
    outcome({ effects: 399 }),
    outcome({ problems: ["row = fold: broken"] }),
    outcome({}, { failed: ["shard 1 failed"] }),
    outcome({}, { isPartial: true }),
    outcome(
      {},
      { patterns: [{ name: "no key", from: "a guide", tally: NOTHING, isAsItMust: false }] },
    ),
  ];
  for (const one of wrong) assert.ok(!isGood(one), summary(one));
});

test("markdown() says how it is made, what was counted, what never struck, and that it is partial", () => {
  const text = markdown(
    outcome({ crashes: { rest: 1_234 }, problems: ["lost: a/1"] }, { isPartial: true }),
  );
  assert.match(text, /^\*\*Partial/u);
  assert.match(
    text,
    /--effects 400 --crashes 12 --kills 2 --seed 4711`, 2026-01-05, commit 0123456789/u,
  );
  assert.match(text, /\| rest +\| 1,234 \|/u);
  assert.match(text, /\| late-fill +\| 0 +\|/u);
  assert.match(text, /- lost: a\/1/u);
  assert.doesNotMatch(markdown(outcome({})), /Partial|wrong/u);
});
