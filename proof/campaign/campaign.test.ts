// A small campaign: it is clean and comes to its end, and it sees each pattern and each planted bug.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FAULT_KINDS, SUITES } from "@holdfast/sandbox";
import { readOptions } from "./options.ts";
import { PATTERNS, isAsItMust, runPattern } from "./pattern/patterns.ts";
import { BUSINESSES, decisionsOf, runsOf, shardsOf } from "./plan.ts";
import { BEGIN, END } from "./report.ts";
import { runCampaign } from "./run.ts";
import { runShard } from "./shard.ts";
import { isClean, sumOf } from "./tally.ts";
import { STRIKING, WEATHERS, periods } from "./weather.ts";

const ENTRY = fileURLToPath(new URL("../campaign.ts", import.meta.url));
const SMALL = { effects: 120, crashes: 6 };

test("a world of every kind of run is clean through faults and crashes", async () => {
  const [shard] = shardsOf({ effects: 300, crashes: 16, seed: 7 });
  assert.ok(shard);
  const tally = await runShard(shard);
  assert.deepEqual(tally.problems, []);
  assert.ok(isClean(tally));
  assert.deepEqual([tally.expected, tally.effects, sumOf(tally.crashes)], [300, 300, 16]);
  assert.ok(tally.venueCrashes > 0 && sumOf(tally.faults) > 100, JSON.stringify(tally.faults));
});

test("a campaign with kills ends clean, and writes its figures into the page", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-campaign-"));
  const page = join(folder, "page.md");
  writeFileSync(page, `# Ours\n\n${BEGIN}\n${END}\n\nStays.\n`);
  try {
    const sizes = ["--effects", "140", "--crashes", "4", "--kills", "1", "--jobs", "1"];
    const args = [ENTRY, ...sizes, "--no-patterns", "--report", page];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, output);
    assert.match(output, /^140 decisions, 140 effects .* 0 doubled, 0 lost, 0 foreign, 0 left/u);
    assert.match(output, /4 crashes of the engine, .* 1 processes killed/u);
    const written = readFileSync(page, "utf8");
    assert.ok(written.startsWith("# Ours\n") && written.endsWith("\n\nStays.\n"));
    assert.match(written, /\| 140 +\| 140 +\| 0 +\| 0 +\| 0 +\| 0 +\|/u);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a campaign that is stopped says that it is partial", async () => {
  const options = readOptions(["--quick"]);
  assert.ok(options !== "help");
  const stop = AbortSignal.abort();
  const outcome = await runCampaign({ options, progress: { write: () => true }, stop });
  assert.deepEqual([outcome.isPartial, outcome.tally.expected], [true, 0]);
});

for (const pattern of PATTERNS) {
  const must = pattern.from === "sound" ? "is clean" : "is seen";
  test(`pattern "${pattern.name}" ${must}`, async () => {
    const tally = await runPattern(pattern.name, "test", SMALL);
    assert.ok(isAsItMust(pattern, tally), `doubled ${tally.doubled}, lost ${tally.lost}`);
    assert.equal(tally.expected, SMALL.effects);
  });
}

test("the plan comes to its exact size with different names, in worlds that hold every kind of run", () => {
  for (const [effects, crashes] of [
    [1, 0],
    [1_999, 3],
    [10_001, 70],
  ] as const) {
    const shards = shardsOf({ effects, crashes, seed: 1 });
    const sum = (of: "effects" | "crashes"): number =>
      shards.reduce((all, shard) => all + shard[of], 0);
    assert.deepEqual([sum("effects"), sum("crashes")], [effects, crashes]);
    for (const shard of shards) {
      const runs = runsOf(shard);
      const names = [...decisionsOf(runs)];
      assert.deepEqual([names.length, new Set(names).size], [shard.effects, shard.effects]);
      if (shard.effects < 1_000) continue;
      assert.equal(new Set(runs.map(({ business }) => business)).size, BUSINESSES.length);
    }
  }
});

test("the weather has every kind of fault that can strike a request, and every suite of them", () => {
  const requests = Object.entries(FAULT_KINDS).filter(
    ([, { scope }]) => scope === "request" || scope === "commit",
  );
  assert.deepEqual([...STRIKING].sort(), requests.map(([kind]) => kind).sort());
  const seen = new Set<string>();
  for (const period of periods("any")) {
    for (const { name } of period) seen.add(name);
    if (seen.size === new Set(WEATHERS.map(({ name }) => name)).size) break;
  }
  assert.equal(SUITES.filter(({ name }) => !seen.has(name)).length, 1);
});
