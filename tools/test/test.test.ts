// The runner of the tests, tried on a small set of files that pass, fail, crash and skip.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { longestFirst, missing } from "./order.ts";
import { findTests, parseSelection } from "./select.ts";
import { NOTHING, type Tally, formatTally, withExit } from "./tally.ts";

function run(files: Readonly<Record<string, string>>): { tally: Tally; text: string } {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tally-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const reporter = (name: string): string => join(import.meta.dirname, `${name}.reporter.ts`);
    const args = ["--test", `--test-reporter=${reporter("compact")}`];
    args.push("--test-reporter-destination=stderr", `--test-reporter=${reporter("tally")}`);
    args.push("--test-reporter-destination=stdout", ...Object.keys(files));
    // The runner marks its children by this variable; without it they run as if by hand.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const result = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
    return { tally: JSON.parse(result.stdout) as Tally, text: result.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the reporters count and show passes, failures, crashes and skips", () => {
  const { tally, text } = run({
    "a.test.mjs": `import { describe, test } from "node:test";
      test("passes", () => {});
      test("waits", { skip: "no server" }, () => {});
      test("later", { todo: true }, () => {});
      describe("group", () => {
        test("fails", () => { console.log("printed before"); throw new Error("broken") });
      });
      describe("left out", { skip: "no cluster" }, () => { test("never", () => {}); });
      describe("hooked", () => { test("after", () => {}); });`,
    "empty.test.mjs": `export {};`,
    "b.test.mjs": `throw new Error("does not load");`,
  });
  const { passed, failed, skipped, skips } = tally;
  assert.deepEqual({ passed, failed, skipped }, { passed: 2, failed: 2, skipped: 3 });
  assert.deepEqual(skips, [
    { test: "waits", reason: "no server" },
    { test: "later", reason: "no reason given" },
    { test: "left out", reason: "no cluster" },
  ]);
  assert.match(text, /FAILED a\.test\.mjs: group > fails\nError: broken[^]*printed before/);
  assert.match(text, /FAILED b\.test\.mjs[^]*does not load/);
  assert.match(text, /not ok a\.test\.mjs \(/);
});

test("formatTally() names what was skipped and ends with the plain line", () => {
  const skips = [{ test: "waits", reason: "no server" }];
  const text = formatTally({ passed: 3, failed: 0, skipped: 1, skips });
  assert.equal(text, "SKIPPED: waits (no server)\n3 passed, 0 failed, 1 skipped");
});

test("withExit() counts a runner that died as a failure", () => {
  assert.equal(withExit(NOTHING, 1).failed, 1);
  assert.equal(withExit({ ...NOTHING, failed: 2 }, 1).failed, 2);
  assert.equal(withExit({ ...NOTHING, passed: 2 }, 0).failed, 0);
});

test("parseSelection() takes parts of paths, a name and --all, and refuses what it does not know", () => {
  const selection = parseSelection(["./packages/core", "--name", "clock", "--all"]);
  assert.deepEqual(selection, { filters: ["packages/core"], name: "clock", all: true });
  assert.throws(() => parseSelection(["--everything"]), /everything/);
});

test("findTests() finds this file, and nothing under a filter that fits nothing", () => {
  const root = join(import.meta.dirname, "../..");
  assert.deepEqual(findTests(root, ["tools/test/test"]), ["tools/test/test.test.ts"]);
  assert.deepEqual(findTests(root, ["no/such/path"]), []);
});

test("longestFirst() moves the files of minutes to the front, and keeps all", () => {
  const files = findTests(join(import.meta.dirname, "../.."), []);
  assert.deepEqual(missing(files), [], "tools/test/order.ts names files that are gone");
  const ordered = longestFirst(files);
  assert.deepEqual(ordered.toSorted(), files.toSorted());
  assert.equal(ordered[0], "packages/sandbox/src/random.test.ts");
  assert.deepEqual(longestFirst(["b.test.ts", "test/storm.test.ts", "a.test.ts"]), [
    "test/storm.test.ts",
    "b.test.ts",
    "a.test.ts",
  ]);
});
