// The comparison with peers, run as people run it, with Holdfast alone: without servers and without packages
// that the root does not have.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

const MAIN = resolve(import.meta.dirname, "../bench/peers/main.ts");

const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", timeout: 60_000 });

interface Json {
  readonly figures: readonly { readonly id: string; readonly median: number }[];
  readonly missing: object;
}

test("bench:peers measures, kills, and writes a report and figures", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-peers-test-"));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [report, json] = [join(folder, "peers.md"), join(folder, "peers.json")];
  const files = ["--report", report, "--json", json, "--folder", folder];
  const run = bench("--peers", "holdfast", "--workloads", "W1,W4,W6", "--quick", ...files);
  assert.equal(run.status, 0, run.stderr);

  const read = JSON.parse(readFileSync(json, "utf8")) as Json;
  assert.deepEqual(read.missing, {});
  const value = (id: string): number => {
    const found = read.figures.find((figure) => figure.id === `holdfast.${id}`);
    assert.ok(found, `There is no figure ${id}.`);
    return found.median;
  };
  assert.ok(value("W1.steps_s") > 0);
  // The engine counts whole milliseconds, from the turn in which a run falls asleep: it is told a little later.
  assert.ok(value("W4.late_p50_ms") >= -5, "A sleeper woke early.");
  assert.ok(value("W6.s") > 0);
  assert.equal(value("W6.steps_missing"), 0);
  assert.equal(value("W6.not_done"), 0);
  assert.ok(value("W6.steps_twice") <= 60, "More steps ran twice than were under way.");

  const text = readFileSync(report, "utf8");
  assert.match(text, /^# Peers\n/);
  assert.match(text, /the figures mean nothing/);
  assert.match(text, /^\| W1 steps\/s +\| \d/m);
  assert.match(text, /^\| W6 steps missing +\| 0 /m);
  assert.doesNotMatch(text, /W2 steps|Over a network hop|Not measured/);
  assert.match(text, /npm run bench:peers -- --peers holdfast --workloads W1,W4,W6 --quick\n/);

  const floor = ["--peers", "floor", "--workloads", "W1", "--quick", "--with", json];
  const more = bench(...floor, ...files);
  assert.equal(more.status, 0, more.stderr);
  const both = readFileSync(report, "utf8");
  assert.match(both, /^\| W1 steps\/s +\| \d\S* +\| \d/m);
  assert.match(both, /^\| W6 steps missing +\| — +\| 0 /m);
});

test("bench:peers refuses a command line it cannot follow", () => {
  const refusals: readonly (readonly [RegExp, ...string[]])[] = [
    [/There is no peer "celery", but floor, holdfast,/, "--peers", "holdfast,celery"],
    [/There is no workload "W9", but W1,/, "--workloads", "W9"],
    [/--runs takes a whole number from 1, not "0"/, "--runs", "0"],
    [/There is no folder/, "--peers", "holdfast", "--folder", "/nowhere/at/all"],
    [/Cannot read the figures of an earlier call/, "--peers", "floor", "--with", "/nowhere"],
    [/Unknown option '--fast'/, "--fast"],
  ];
  for (const [message, ...args] of refusals) {
    const { status, stderr } = bench(...args);
    assert.equal(status, 2, `${args.join(" ")} was not refused.`);
    assert.match(stderr, message);
  }
});

test("bench:peers says what it can do", () => {
  const { status, stdout } = bench("--help");
  assert.equal(status, 0);
  for (const name of ["openworkflow", "dbos", "restate", "bullmq-always", "temporal"])
    assert.match(stdout, new RegExp(`^  ${name} `, "m"));
});
