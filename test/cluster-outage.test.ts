// Outages around a real Temporal cluster: the server is away, or the database of the intents is, while an attempt
// ends. What it brought is kept and delivered, and nothing has two effects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openSqliteIntents } from "@holdfast/storage";
import { OwnServer, Stage, eventually, noCluster, noPostgres } from "./harness/cluster.ts";

const PERIODS = 3;
const STEP = 1;
/** The seconds that stand for a minute. */
const AWAY_MS = 5_000;
const skip = noCluster;

test("a server that is away loses no result, and none is sent twice", { skip }, async () => {
  await using server = await OwnServer.start("temporal");
  await using stage = await Stage.open({ address: server.address, periods: PERIODS });
  stage.hold(STEP);
  const worker = stage.work();
  await stage.held();
  await server.order("halt");
  await stage.release();
  await using intents = openSqliteIntents(stage.intents);
  await eventually("an outcome recorded while the server is away", async () => {
    const done = await intents.list({ state: "done" });
    return done.length === STEP + 1;
  });
  await pause(AWAY_MS);
  await server.order("resume");
  assert.match(await worker.ended(), new RegExp(`bought ${PERIODS}\n`, "u"));
  assert.deepEqual(stage.counts(), [PERIODS, PERIODS, 0]);
  const sends = (await intents.list()).map((intent) => intent.sends);
  assert.deepEqual([sends, stage.replays], [[1, 1, 1], 0]);
});

test(
  "a database of the intents that is away loses no result, and none has two effects",
  { skip: noPostgres },
  async () => {
    await using database = await OwnServer.start("postgres");
    await using stage = await Stage.open({ intents: database.address, periods: PERIODS });
    stage.hold(STEP);
    const worker = stage.work();
    await stage.held();
    await database.order("halt");
    await stage.release();
    await pause(AWAY_MS);
    await database.order("resume");
    assert.match(await worker.ended(), new RegExp(`bought ${PERIODS}\n`, "u"));
    assert.deepEqual(stage.counts(), [PERIODS, PERIODS, 0]);
    assert.equal(stage.replays, 0, "the answer that came was kept, and not asked for again");
  },
);
