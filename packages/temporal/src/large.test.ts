// Payloads over the limit, on a real Temporal server: refused where they enter, with their code, and a run that
// makes one fails and is not lost.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { hasCode, silentLog } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { NEARLY, OVER, large } from "./fixture/large.ts";
import { temporal } from "./temporal.ts";

const address = process.env["HOLDFAST_TEMPORAL"] ?? "";
const skip =
  address === ""
    ? "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- packages/temporal"
    : false;

const isTooLarge = (error: unknown): boolean => {
  assert.ok(hasCode(error, "HF-PAYLOAD-TOO-LARGE"), String(error));
  return true;
};

test(
  "a payload over the limit is refused with its code, and nothing is lost",
  { skip, timeout: 240_000 },
  async (context) => {
    const own = randomUUID().slice(0, 8);
    const given = { address, namespace: "holdfast", taskQueue: own, prefix: `${own}/` };
    const engine = await temporal({ ...given, setup: true, drainMs: 1e3 }).open({
      modules: [fileURLToPath(new URL("fixture/large.ts", import.meta.url))],
      workflows: [large],
      activities: [],
      resources: [],
      clock: systemClock,
      log: silentLog,
    });
    context.after(() => engine.close());
    const start = (kind: string, text = "") =>
      engine.client.start(large, { kind, text }, { id: `${own}-${kind}` });

    await assert.rejects(start("start", "x".repeat(OVER)), isTooLarge);
    const waiting = await start("signal");
    await assert.rejects(waiting.signal("text", "x".repeat(OVER)), isTooLarge);
    assert.equal(await waiting.result({ timeout: "1m" }), "signal");

    for (const kind of ["output of a call", "input of a call", "output of a run"]) {
      await context.test(kind, async () => {
        const run = await start(kind);
        await assert.rejects(run.result({ timeout: "1m" }), isTooLarge);
        const { status, failure } = await run.describe();
        assert.deepEqual([status, failure?.code], ["failed", "HF-PAYLOAD-TOO-LARGE"]);
      });
    }
    await context.test("several at once, each below the limit", async () => {
      const run = await start("several at once");
      assert.deepEqual(await run.result({ timeout: "1m" }), [NEARLY, NEARLY, NEARLY, NEARLY]);
    });
  },
);
