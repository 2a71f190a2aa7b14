// A run that Temporal's own tools terminate while a purchase of it is on its way: nobody tells the store of intents. The
// next worker finds it there, puts it in doubt and asks the venue.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { dca } from "@holdfast/agents";
import { provide, silentLog } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { createPurpleFlea, paperProfile, purpleFlea } from "@holdfast/purpleflea";
import { openSqliteIntents } from "@holdfast/storage";
import { temporal } from "@holdfast/temporal";
import { Stage, address, eventually, noCluster } from "./harness/cluster.ts";

test(
  "a purchase of a run that Temporal's own tools have terminated is found, and the venue asked",
  { skip: noCluster },
  async () => {
    await using stage = await Stage.open({ periods: 3 });
    const { own, sandbox, agent } = stage;
    stage.hold(1);
    const worker = stage.work();
    await stage.held();
    const program = process.env["HOLDFAST_TEMPORAL_BIN"] ?? "temporal";
    const place = ["--address", address, "--namespace", "holdfast"];
    const which = ["--workflow-id", `${own}/dca`, "--reason", "a test"];
    await promisify(execFile)(program, ["workflow", "terminate", ...place, ...which]);
    await worker.kill();
    await stage.release();
    await using intents = openSqliteIntents(stage.intents);
    const states = async (): Promise<readonly string[]> =>
      [...(await intents.list({ run: "dca" }))]
        .sort((a, b) => a.recordedAt - b.recordedAt)
        .map(({ ref, state }) => `${ref} ${state}`);
    assert.deepEqual(await states(), ["dca/0 done", "dca/1 open"]);

    const options = { address, namespace: "holdfast", taskQueue: own, prefix: `${own}/` };
    const engine = await temporal({ ...options, keys: own, intents, drainMs: 500 }).open({
      modules: [fileURLToPath(import.meta.resolve("@holdfast/agents"))],
      workflows: [dca],
      activities: [],
      resources: [
        provide(
          purpleFlea,
          () => createPurpleFlea({ baseUrl: sandbox.url, apiKey: agent.key }),
          paperProfile,
        ),
      ],
      clock: systemClock,
      log: silentLog,
    });
    try {
      await eventually("it is in doubt", async () => (await states())[1] === "dca/1 in-doubt");
      const { letters } = await engine.dead({ kind: "in-doubt" });
      assert.deepEqual(
        letters.map(({ id, suggestion }) => [id, suggestion]),
        [["dca", "discard"]],
      );
      await eventually("the venue was asked", async () => (await states())[1] === "dca/1 done");
    } finally {
      await engine.close();
    }
    assert.deepEqual(stage.counts(), [2, 2, 0]);
  },
);
