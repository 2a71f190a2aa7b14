// The process in which the tests are run: Node's own runner, given the files in an order of ours, because its
// command line sorts them. Argument: what to run, as JSON. Its exit code says whether all passed.

import { createWriteStream } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import compact from "./compact.reporter.ts";
import tally from "./tally.reporter.ts";

export interface RunnerOptions {
  readonly files: readonly string[];
  readonly filesAtOnce: number;
  readonly fileMsMax: number;
  /** A regular expression on the names of tests. */
  readonly name?: string | undefined;
  /** Where the count goes. */
  readonly tallyPath: string;
}

const options = JSON.parse(process.argv[2] ?? "") as RunnerOptions;
const { files, filesAtOnce, fileMsMax, name, tallyPath } = options;
const stop = new AbortController();
// Ends the files that are running, too: the runner passes signals on only when it is Node's own command.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}
const events = run({
  signal: stop.signal,
  files: [...files],
  concurrency: filesAtOnce,
  timeout: fileMsMax,
  ...(name === undefined ? {} : { testNamePatterns: [name] }),
});
events.on("test:summary", ({ file, success }) => {
  // Each file has a summary, too; that of all files has the last word.
  if (file === undefined && !success) process.exitCode = 1;
});
events.compose(tally).pipe(createWriteStream(tallyPath));
if (process.stdout.isTTY) events.compose(spec).pipe(process.stdout);
else events.compose(compact).pipe(process.stdout);
