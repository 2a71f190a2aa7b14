// `npm test -- [--all] [--name PATTERN] [PART-OF-A-PATH…]`: runs the tests, two files at a time, the longest
// first, and ends with the plain line "N passed, N failed, N skipped". It never decides what passed: the
// runner's exit code does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { longestFirst } from "./test/order.ts";
import type { RunnerOptions } from "./test/runner.ts";
import { findTests, parseSelection } from "./test/select.ts";
import { NOTHING, type Tally, formatTally, withExit } from "./test/tally.ts";

/** Files at a time: a test may start processes of its own, and a small machine has two cores. */
const FILES_AT_ONCE = 2;
/** A file that takes longer hangs. The full proofs take longer. */
const FILE_MS_MAX = 300_000;
const FILE_MS_MAX_ALL = 2_400_000;

const root = resolve(import.meta.dirname, "..");
const { filters, name, all } = parseSelection(process.argv.slice(2));
const files = findTests(root, filters);
if (files.length === 0) {
  console.error(`Cannot find a test file whose path contains ${filters.join(" or ")}`);
  console.log(formatTally(withExit(NOTHING, 1)));
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
const tallyPath = join(folder, "tally.json");
const options: RunnerOptions = {
  files: longestFirst(files).map((path) => join(root, path)),
  filesAtOnce: FILES_AT_ONCE,
  fileMsMax: all ? FILE_MS_MAX_ALL : FILE_MS_MAX,
  name,
  tallyPath,
};
const runner = spawn(
  process.execPath,
  [join(root, "tools/test/runner.ts"), JSON.stringify(options)],
  {
    cwd: root,
    env: { ...process.env, ...(all ? { HOLDFAST_TEST_ALL: "1" } : {}) },
    stdio: ["ignore", "inherit", "inherit"],
  },
);
// An interrupt reaches the runner, too; the count of what ran until then is still printed.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
const [code, signal] = (await once(runner, "exit")) as [number | null, NodeJS.Signals | null];
const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
console.log(formatTally(withExit(readTally(), exitCode)));
rmSync(folder, { recursive: true, force: true });
process.exitCode = exitCode;

/** A runner that was killed leaves no count, or half of one. */
function readTally(): Tally {
  try {
    return JSON.parse(readFileSync(tallyPath, "utf8")) as Tally;
  } catch {
    return NOTHING;
  }
}
