// The venue is down, for half an hour and then for half a day, just when purchases are due. Nobody does
// anything about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { weekly } from "./harness/plans.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 168 * HOUR_MS;

interface Outage {
  readonly from: number;
  readonly until: number;
}

/** Takes the venue down and brings it back as virtual time passes. */
function weather(scene: Scene, outages: readonly Outage[]): (instant: number) => Promise<void> {
  let down = false;
  return async (instant) => {
    const should = outages.some(({ from, until }) => instant >= from && instant < until);
    if (should && !down) await scene.closeVenue();
    if (!should && down) await scene.openVenue();
    down = should;
  };
}

test("a plan of 52 weeks ends with 52 purchases through outages of 30 minutes and 12 hours", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const at = (week: number): number => VIRTUAL_START + week * WEEK_MS;
  const outages = [
    { from: at(10) - 10 * MINUTE_MS, until: at(10) + 20 * MINUTE_MS },
    { from: at(20) - HOUR_MS, until: at(20) + 11 * HOUR_MS },
  ];
  const run = await scene.client.start(dca, weekly, { id: "dca-btc" });
  const report = await scene.drive(run.result(), weather(scene, outages));
  assert.deepEqual([report.bought, report.refused, report.skipped], [52, 0, 0]);
  const audit = scene.audit();
  assert.deepEqual([audit.refs - 1, audit.duplicateEffects], [52, 0]);
});

test("a venue that cuts every connection for an hour is asked again with the same keys", async () => {
  const start = VIRTUAL_START + WEEK_MS;
  await using scene = await Scene.open({
    definitions: [dca],
    sandbox: {
      faults: [
        { kind: "drop", when: "after", operations: ["open"], from: start, until: start + HOUR_MS },
      ],
    },
  });
  const run = await scene.client.start(dca, { ...weekly, periods: 3 }, { id: "dca-btc" });
  assert.equal((await scene.drive(run.result())).bought, 3);
  const audit = scene.audit();
  assert.deepEqual([audit.refs - 1, audit.duplicateEffects], [3, 0]);
  assert.ok(audit.replays > 3);
});
