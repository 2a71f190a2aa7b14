// What the campaign's command line takes, and what it refuses.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { QUICK, UsageError, WHOLE, readOptions } from "./options.ts";
import { tasksOf } from "./run.ts";

const ENTRY = fileURLToPath(new URL("../campaign.ts", import.meta.url));

test("readOptions() takes the whole by default, and small sizes with --quick", () => {
  const whole = readOptions([]);
  const quick = readOptions(["--quick", "--kills", "0"]);
  assert.ok(whole !== "help" && quick !== "help");
  const { effects, crashes, kills } = whole;
  assert.deepEqual({ effects, crashes, kills }, WHOLE);
  assert.deepEqual([quick.effects, quick.crashes, quick.kills], [QUICK.effects, QUICK.crashes, 0]);
  assert.equal(readOptions(["--help"]), "help");
});

test("readOptions() leaves the patterns out for one shard, and where it is told to", () => {
  for (const args of [["--shard", "3"], ["--no-patterns"]]) {
    const options = readOptions(args);
    assert.ok(options !== "help" && !options.patterns);
  }
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [["--effects", "many"], /expected a whole number/u],
  [["--effects", "-1"], /--effects/u],
  [["--seed", "1.5"], /expected a whole number/u],
  [["--jobs", "0"], /expected 1 to/u],
  [["--crashes", "100", "--effects", "100"], /at most one crash for five effects/u],
  [["--effects", "0"], /Cannot crash without effects/u],
  [["--shard", "1", "--report", "page.md"], /one shard as a campaign/u],
  [["--fast"], /--fast/u],
  [["quick"], /quick/u],
];

for (const [args, why] of REFUSED) {
  test(`readOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(
      () => readOptions(args),
      (error) => error instanceof UsageError && why.test(error.message),
    );
  });
}

const TOO_MUCH: readonly (readonly [readonly string[], RegExp])[] = [
  [["--effects", "100", "--crashes", "0", "--kills", "3"], /a kill takes 40/u],
  [["--effects", "100", "--crashes", "0", "--kills", "0", "--shard", "7"], /no shard 7/u],
];

for (const [args, why] of TOO_MUCH) {
  test(`tasksOf() refuses ${args.join(" ")}`, () => {
    const options = readOptions(args);
    assert.ok(options !== "help");
    assert.throws(
      () => tasksOf(options),
      (error) => error instanceof UsageError && why.test(error.message),
    );
  });
}

test("the campaign ends with 2 where a page has no place for its figures, and does nothing", () => {
  const args = [ENTRY, "--quick", "--report", ENTRY];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /must hold these two lines/u);
});
