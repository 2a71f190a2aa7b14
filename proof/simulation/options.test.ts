// The command line of the simulation: what it takes, and what it refuses with a reason.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { UsageError, readOptions } from "./options.ts";

const run = promisify(execFile);
const entry = join(import.meta.dirname, "../simulate.ts");

test("readOptions() plays 100 seeds from the first by default", () => {
  const options = readOptions([]);
  assert.ok(options.kind === "many");
  assert.deepEqual([options.from, options.seeds, options.minutes], [1, 100, undefined]);
});

test("readOptions() takes one seed, a span of seeds, or a span of time", () => {
  assert.deepEqual(readOptions(["--seed", "4711", "--trace"]), {
    kind: "one",
    seed: 4711,
    trace: true,
    json: false,
  });
  const options = readOptions(["--from", "5", "--minutes", "0.5", "--jobs", "1"]);
  assert.ok(options.kind === "many");
  assert.deepEqual([options.from, options.minutes, options.jobs], [5, 0.5, 1]);
});

test("readOptions() refuses what makes no sense, and says why", () => {
  const refused: readonly (readonly [args: readonly string[], why: RegExp])[] = [
    [["--seeds", "0"], /--seeds takes a whole number from 1, not "0"/u],
    [["--seeds", "many"], /not "many"/u],
    [["--seed", ""], /--seed takes/u],
    [["--seed", "1", "--seeds", "2"], /leave out --seeds/u],
    [["--trace"], /--seed/u],
    [["--minutes=-1"], /above 0/u],
    [["--minutes", "1", "--seeds", "2"], /give one/u],
    [["--jobs", "257"], /at most 256/u],
    [["--sede", "1"], /--sede/u],
    [["4711"], /4711/u],
  ];
  for (const [args, why] of refused) {
    assert.throws(
      () => readOptions(args),
      (error) => error instanceof UsageError && why.test(error.message),
      args.join(" "),
    );
  }
});

test("the command plays seeds in other processes, and refuses bad options with exit code 2", async () => {
  const { stdout } = await run(process.execPath, [entry, "--seeds", "2", "--jobs", "1", "--json"]);
  const summary = JSON.parse(stdout) as { readonly seeds: number; readonly failed: unknown[] };
  assert.deepEqual([summary.seeds, summary.failed], [2, []]);
  await assert.rejects(
    run(process.execPath, [entry, "--seeds", "few"]),
    (error) => error instanceof Error && "code" in error && error.code === 2,
  );
});
