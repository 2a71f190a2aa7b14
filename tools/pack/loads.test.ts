// No import loads more than the table allows; and one that does is seen.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { LOADS, importing, unexpectedLoads } from "./loads.ts";

const root = resolve(import.meta.dirname, "../..");

for (const [name, loads] of Object.entries(LOADS)) {
  test(`${name} loads nothing beyond what it may`, () => {
    assert.deepEqual(unexpectedLoads(loads, root), []);
  });
}

test("unexpectedLoads() names a library, a file of ours and a module of Node that are not allowed", () => {
  const allowed = ["holdfast/src/index.ts"];
  const found = (entry: string): readonly string[] =>
    unexpectedLoads({ command: importing(entry), allowed }, root);
  assert.ok(found("holdfast").includes("@holdfast/core/src/index.ts"));
  assert.ok(found("holdfast").includes("holdfast/src/config/config.ts"));
  assert.ok(found("holdfast").includes("node:sqlite"));
  assert.ok(!found("holdfast").includes("holdfast/src/index.ts"));
  assert.ok(found("hono").includes("hono/dist/index.js"));
});
