// Every rule is red on a fixture that breaks it, exactly where it should be, and the repository is green. A
// rule without a fixture is a failure: what was never seen to refuse may refuse nothing.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { RULES, checkTree } from "./check-imports.ts";
import { FILE_LINES_MAX, LAYERS, packageName } from "./layers.ts";
import { type Fixture, parseFixture, readTree } from "./tree/tree.ts";

const folder = join(import.meta.dirname, "fixtures");
const fixtures = new Map<string, Fixture>(
  readdirSync(folder).map((name) => [name, parseFixture(readFileSync(join(folder, name), "utf8"))]),
);
const tooLong = new Map([["tools/long.ts", `// Long.\n${"\n".repeat(FILE_LINES_MAX - 1)}a();\n`]]);
fixtures.set("size", { expected: [`tools/long.ts:${FILE_LINES_MAX + 1} size`], tree: tooLong });

describe("checkTree()", () => {
  for (const [name, { expected, tree }] of fixtures) {
    test(`reports exactly what is wrong in ${name}`, () => {
      const found = checkTree(tree).map(({ path, line, rule }) => `${path}:${line} ${rule}`);
      assert.deepEqual([...new Set(found)].sort(), [...expected].sort());
    });
  }

  test("has a fixture that each rule refuses", () => {
    const refused = [...fixtures.values()].flatMap(({ expected }) => expected);
    const tried = new Set(refused.map((line) => line.split(" ")[1] ?? ""));
    assert.deepEqual([...tried].sort(), RULES.map((rule) => rule.name).sort());
  });

  test("finds nothing wrong in the repository", () => {
    const found = checkTree(readTree(resolve(import.meta.dirname, "..")));
    const lines = found.map(
      ({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`,
    );
    assert.deepEqual(lines, []);
  });
});

test("LAYERS has no cycle", () => {
  const below = (folder: string, seen: readonly string[]): void => {
    assert.ok(!seen.includes(folder), [...seen, folder].join(" -> "));
    const imports = LAYERS[folder]?.imports ?? [];
    for (const name of Object.keys(LAYERS)) {
      const used = imports.some(
        (it) => it === packageName(name) || it.startsWith(`${packageName(name)}/`),
      );
      if (used) below(name, [...seen, folder]);
    }
  };
  for (const name of Object.keys(LAYERS)) below(name, []);
});
