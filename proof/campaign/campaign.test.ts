// A small campaign: it is clean and comes to its end, and it sees each pattern and each planted bug.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_KINDS, SUITES } from "@holdfast/sandbox";
import { readOptions } from "./options.ts";
import { PATTERNS, isAsItMust, runPattern } from "./pattern/patterns.ts";
import { BUSINESSES, decisionsOf, runsOf, shardsOf } from "./plan.ts";
import { runCampaign } from "./run.ts";
import { runShard } from "./shard.ts";
import { isClean, sumOf } from "./tally.ts";
import { STRIKING, WEATHERS, periods } from "./weather.ts";

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
