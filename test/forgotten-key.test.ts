// A stop that outlasts the venue's memory of keys. The order was filled, its answer was lost, and when the
// engine is back the venue has never heard of the key: that is doubt, and neither a failure nor a new order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import { weekly } from "./harness/plans.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

const HOUR_MS = 3_600_000;

test("a filled order whose key the venue has forgotten is in doubt, not failed", async () => {
  await using scene = await Scene.open({
    definitions: [dca],
    sandbox: { faults: [{ kind: "drop", when: "after", operations: ["open"], count: 1_000 }] },
  });
  await scene.client.start(dca, { ...weekly, periods: 1 }, { id: "plan" });
  // The registration is the first effect, the order the second.
  await scene.drive(until(() => scene.audit().effects === 2));
  scene.engine.abandon();
  scene.clock.advanceTo(VIRTUAL_START + 30 * HOUR_MS);
  await scene.sandbox.venue.advanceTo(scene.clock.now());
  await scene.openEngine();
  const run = scene.client.run(dca, "plan");
  await scene.drive(until(async () => (await run.describe()).status !== "running"));
  const { status, calls, output } = await run.describe();
  assert.deepEqual([status, calls[0]?.state, output], ["in-doubt", "in-doubt", undefined]);
  const { effects, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, duplicateEffects], [2, 0]);
});
