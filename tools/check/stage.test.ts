// A stage that fails, or cannot start, must be seen to fail, with all that it printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatOutcome, runStage } from "./stage.ts";

const root = import.meta.dirname;
const node = (code: string): [string, ...string[]] => [process.execPath, "-e", code];

test("runStage() holds back the output of a stage that passes", async () => {
  const outcome = await runStage({ name: "a", command: node("console.log('quiet')") }, root);
  assert.equal(outcome.ok, true);
  assert.match(formatOutcome(outcome), /^a {8}ok +\d+\.\d s$/);
});

test("runStage() shows the whole output of a stage that fails", async () => {
  const code = "console.log('first'); console.error('second'); process.exit(3)";
  const outcome = await runStage({ name: "b", command: node(code) }, root);
  assert.equal(outcome.ok, false);
  assert.match(formatOutcome(outcome), /first\n[^]*b {8}failed +\d+\.\d s$/);
  assert.match(outcome.output, /second/);
});

test("runStage() fails when its program is missing or killed", async () => {
  const missing = await runStage({ name: "c", command: ["no-such-program"] }, root);
  assert.equal(missing.ok, false);
  assert.match(missing.output, /Cannot start "no-such-program"/);
  const killed = await runStage({ name: "d", command: node("process.kill(process.pid)") }, root);
  assert.equal(killed.ok, false);
});
