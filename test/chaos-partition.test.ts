// The resilience guide's first chaos test against running agents: 30 s without the venue trip the breaker, nothing is
// sent while it is open, and the agents go on. Refusals never trip it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dca } from "@holdfast/agents";
import type { BreakerChange } from "@holdfast/core";
import type { Definition } from "@holdfast/engine";
import { suiteOf } from "@holdfast/sandbox";
import { weekly } from "./harness/plans.ts";
import { Scene } from "./harness/scene.ts";
import { trader } from "./harness/seed4/trader.ts";
import { until } from "./harness/until.ts";

/** A system whose calls are watched by breakers with their defaults, and what those have told. */
async function watched(definition: Definition): Promise<{
  readonly scene: Scene;
  readonly changes: readonly BreakerChange[];
  readonly requests: readonly number[];
}> {
  const changes: BreakerChange[] = [];
  const requests: number[] = [];
  const scene = await Scene.open({
    definitions: [definition],
    engine: { policies: {}, onBreaker: (change) => void changes.push(change) },
  });
  scene.sandbox.faults.watch(({ at }) => void requests.push(at));
  return { scene, changes, requests };
}

const PARTITION_MS = 30_000;
const COOLING_MS = 60_000;

const agents = {
  "an agent that reads before it buys": { definition: trader, plan: { ticks: 60, everyMs: 2_000 } },
  "an agent that only buys": {
    definition: dca,
    plan: { symbol: "BTC-PERP", amountUsd: "25.00", every: "5s", periods: 40, spacingMs: 0 },
  },
} as const;

describe("chaos:seed4, a partition", () => {
  for (const [name, { definition, plan }] of Object.entries(agents)) {
    test(`30 s without the venue trip the breaker of ${name}, and it goes on`, async () => {
      const { scene, changes, requests } = await watched(definition);
      await using _scene = scene;
      const run = await scene.client.start(definition as typeof trader, plan as never, {
        id: "agent",
      });
      await scene.drive(until(() => scene.audit().effects > 5));
      const from = scene.clock.now();
      for (const rule of suiteOf("partition-30s")?.rules({}, from) ?? [])
        scene.sandbox.faults.add(rule);
      const report = (await scene.drive(run.result())) as { readonly bought: number };

      const [opened, halfOpen, closed] = changes;
      assert.deepEqual(
        changes.map(({ from: before, to }) => [before, to]),
        [
          ["closed", "open"],
          ["open", "half-open"],
          ["half-open", "closed"],
        ],
      );
      assert.ok(opened !== undefined && halfOpen !== undefined && closed !== undefined);
      assert.ok(opened.at <= from + PARTITION_MS, "it opened while the venue was away");
      assert.ok(halfOpen.at >= opened.at + COOLING_MS);
      // Five failures, then nobody asked until the one probe, and then everything goes on.
      assert.equal(scene.sandbox.faults.list()[0]?.hits, 5);
      assert.deepEqual(
        requests.filter((at) => at > opened.at && at < halfOpen.at),
        [],
      );
      assert.ok(requests.filter((at) => at >= halfOpen.at).length > 5);
      const { effects, refs, duplicateEffects } = scene.audit();
      // The registration is one of them.
      assert.deepEqual([effects - 1, duplicateEffects], [report.bought, 0]);
      assert.equal(refs, effects);
    });
  }
});

describe("chaos:seed4, refusals", () => {
  test("ours counts no refusal against the venue: five, and the good order behind them is sent at once", async () => {
    const { scene, changes } = await watched(dca);
    await using _scene = scene;
    const plan = { symbol: "BTC-PERP", amountUsd: "1000000.00", every: "1s", periods: 5 } as const;
    const dear = await scene.client.start(dca, plan, { id: "dear" });
    assert.deepEqual((await scene.drive(dear.result())).refused, 5);
    const good = await scene.client.start(dca, { ...weekly, periods: 1 }, { id: "good" });
    assert.equal((await scene.drive(good.result())).bought, 1);
    assert.deepEqual(changes, []);
  });
});
