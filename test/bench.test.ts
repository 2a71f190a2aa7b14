// The benchmarks work: each of those that sleep, wait or start processes gives its figures at a small size, a profile
// can be taken of a child and read, and the soak comes to a verdict. The figures mean nothing here.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";

const main = resolve(import.meta.dirname, "../bench/main.ts");

async function bench(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args]);
  return stdout;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "holdfast-bench-test-"));
  t.after(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

test("bench names every figure of the targets", async () => {
  const help = await bench("--help");
  const ids = ["W1.steps_per_s", "W2.steps_per_s", "W3.p50_ms", "W3.p99_ms", "W4.start_s"];
  ids.push("W4.late_p99_ms", "W4.mib", "W5.ms", "W6.s", "step.late_over_early");
  ids.push("replay.entries_per_s", "due.late_p99_ms", "million.start_per_s", "million.rss_mb");
  ids.push("million.cold_s", "startup.first_run_ms");
  for (const id of ids) assert.match(help, new RegExp(`^ {2}${id}$`, "mu"));
});

test("bench --quick gives figures with floor, ratio and target", async (t) => {
  const json = join(folder(t), "figures.json");
  await bench("--quick", "W4", "W5", "due", "replay", "million", "--json", json);
  const figures = JSON.parse(readFileSync(json, "utf8")) as Record<string, unknown>[];
  const ids = figures.map(({ id }) => String(id).replace(/\..*/u, ""));
  assert.deepEqual([...new Set(ids)], ["W4", "W5", "replay", "due", "million"]);
  for (const { id, value, floor, ratio, target, reached } of figures) {
    for (const number of [value, floor, ratio]) assert.ok(Number(number) >= 0, String(id));
    assert.equal(target === undefined, reached === undefined, String(id));
  }
});

test("bench --profile writes the profile of a child, and --read shows where its time went", async (t) => {
  const file = join(folder(t), "profile.cpuprofile");
  await bench("--quick", "startup.first_run", "--profile", file);
  assert.match(await bench("--read", file), /^ +\d+\.\d % +\d+\.\d ms {2}\S/mu);
});

test("bench soak tells memory over time and a verdict", async () => {
  const told = await bench("soak", "--quick");
  assert.match(told, /rss +\d+\.\d MiB {2}heap +\d+\.\d MiB/u);
  assert.match(told, /runs, .* a second; rss grows .* MiB a minute, heap .*: (not )?flat/u);
});

const noTemporal =
  process.env["HOLDFAST_TEMPORAL_BIN"] === undefined
    ? "HOLDFAST_TEMPORAL_BIN is not set: npm run services -- temporal -- npm test -- test/bench"
    : false;

test("bench temporal --quick gives both sides on one server", { skip: noTemporal }, async (t) => {
  const json = join(folder(t), "figures.json");
  const chosen = ["--workloads", "W1,W4", "--servers", "settings", "--json", json];
  const told = await bench("temporal", "--quick", ...chosen);
  for (const label of ["W1 CPU a step, ms", "W4 memory a cached run, MiB"])
    assert.match(
      told,
      new RegExp(`^\\| ${label} +\\| \\S+ +\\| \\S+ +\\| .*(met|missed) *\\|$`, "mu"),
    );
  const { settings = [] } = JSON.parse(readFileSync(json, "utf8")) as {
    readonly settings?: readonly { readonly id: string; readonly median: number }[];
  };
  for (const side of ["holdfast-temporal", "temporal"]) {
    const steps = settings.find(({ id }) => id === `${side}.W1.steps`);
    assert.equal(steps?.median, 40, side);
  }
});

test("bench temporal refuses a command line it cannot follow", async () => {
  await assert.rejects(bench("temporal", "--workloads", "W9"), /There is no workload "W9"/u);
  await assert.rejects(bench("temporal", "--servers", "cloud"), /There is no server "cloud"/u);
  await assert.rejects(bench("temporal", "--profile", "x"), /--profile needs one workload/u);
  assert.match(await bench("temporal", "--help"), /W4 {2}400 runs asleep/u);
});
