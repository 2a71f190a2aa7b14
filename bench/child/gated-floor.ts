// The floor of a recovery: a bare process that writes the first rows of many virtual workflows, and another
// that reads which are unfinished and appends what they lack, with group commit.
// Arguments: load or finish, the file, the number of workflows, rows when killed, rows of a whole workflow.

import { Floor, appendRows } from "../floor.ts";
import { atOnce } from "../workload.ts";
import { say } from "./process.ts";

/** Longer than any benchmark: keeps the process alive until it is killed. */
const FOREVER_MS = 3_600_000;

const [mode, path = "", ...numbers] = process.argv.slice(2);
const [count = 0, rowsAtKill = 0, whole = 0] = numbers.map(Number);
const floor = new Floor(path);

if (mode === "load") {
  setTimeout(() => undefined, FOREVER_MS);
  await atOnce(count, count, (n) => appendRows(floor, n, rowsAtKill));
  say("ready");
} else {
  const unfinished = floor.unfinished(whole);
  if (unfinished.length !== count)
    throw new Error(`The file has ${unfinished.length} unfinished workflows, not ${count}.`);
  await Promise.all(unfinished.map(({ run, rows }) => appendRows(floor, run, whole - rows)));
  say("done");
  floor[Symbol.dispose]();
}
