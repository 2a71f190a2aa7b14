// kill -9 on a real Temporal cluster: of the worker at the four points of a purchase, of one worker of two, and of
// the server itself. Each purchase has one effect at the venue.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnServer, Stage, noCluster } from "./harness/cluster.ts";

const PERIODS = 3;
/** The step in whose purchase something dies. */
const STEP = 1;
const skip = noCluster;

const POINTS = [
  ["before the command is recorded", `record.before:dca/${STEP}`],
  ["after the venue has committed", ""],
  ["after its answer", `settle.before:dca/${STEP}`],
  ["after the outcome is recorded", `settle.after:dca/${STEP}`],
] as const;

test(
  "a worker killed at four points buys each period once",
  { skip, concurrency: true },
  async (t) => {
    await Promise.all(
      POINTS.map(([name, kill]) =>
        t.test(name, async () => {
          await using stage = await Stage.open({ periods: PERIODS });
          if (kill === "") stage.hold(STEP);
          const first = stage.work(kill);
          if (kill === "") {
            await stage.held();
            first.process.kill("SIGKILL");
          }
          await first.ended();
          assert.equal(first.signal, "SIGKILL", first.said);
          if (kill === "") await stage.release();
          const second = stage.work();
          assert.match(await second.ended(), new RegExp(`bought ${PERIODS}\n`, "u"));
          assert.deepEqual(stage.counts(), [PERIODS, PERIODS, 0]);
        }),
      ),
    );
  },
);

test("the same count turns red for a plan whose attempts make up keys", { skip }, async () => {
  await using stage = await Stage.open({ periods: PERIODS });
  stage.hold(STEP);
  const first = stage.work("", true);
  await stage.held();
  await first.kill();
  await stage.release();
  const second = stage.work("", true);
  assert.match(await second.ended(), new RegExp(`bought ${PERIODS}\n`, "u"));
  assert.deepEqual(stage.counts(), [PERIODS, PERIODS + 1, 1]);
});

test("of two workers one is killed in an attempt, and the other takes over", { skip }, async () => {
  await using stage = await Stage.open({ periods: PERIODS });
  stage.hold(STEP);
  const first = stage.work();
  await stage.held();
  const second = stage.work();
  await second.until(/serving/u);
  await first.kill();
  await stage.release();
  assert.match(await second.ended(), new RegExp(`bought ${PERIODS}\n`, "u"));
  assert.equal(first.signal, "SIGKILL", first.said);
  assert.deepEqual(stage.counts(), [PERIODS, PERIODS, 0]);
});

test("the server is killed while a plan runs, and the plan goes on", { skip }, async () => {
  await using server = await OwnServer.start("temporal");
  await using stage = await Stage.open({ address: server.address, periods: 5, every: "500ms" });
  stage.hold(STEP);
  const worker = stage.work();
  await stage.held();
  await server.order("kill");
  await stage.release();
  await server.order("resume");
  assert.match(await worker.ended(), /bought 5\n/u);
  assert.deepEqual(stage.counts(), [5, 5, 0]);
});
