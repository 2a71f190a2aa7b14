// Warnings come before the limits, once each.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HISTORY_ENTRIES_WARN,
  type InputOf,
  type Log,
  PAYLOAD_BYTES_WARN,
  PENDING_WARN,
  silentLog,
  workflow,
} from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { openEngine } from "../index.ts";

const crowded = workflow({
  name: "warn.crowded",
  input: z.object({
    text: z.string().default(""),
    timers: z.number().default(0),
    rounds: z.number().default(0),
  }),
  output: z.void(),
  run: async (ctx, { timers, rounds }) => {
    const naps = Array.from({ length: timers }, () => ctx.sleep("1h"));
    for (let n = 0; n < rounds; n += 1) ctx.memo({ n });
    await Promise.all([ctx.sleep("1h"), ...naps]);
    await ctx.sleep("1h");
  },
});

async function warningsOf(input: InputOf<typeof crowded.input>): Promise<readonly string[]> {
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
  const clock = new VirtualClock();
  await using engine = await openEngine({ path: ":memory:", definitions: [crowded], clock, log });
  const run = await engine.client.start(crowded, input, { id: "run" });
  await drive(run.result(), { clock, engines: () => [engine] });
  return warnings;
}

test("warn() says nothing of a run that is far from its limits", async () => {
  assert.deepEqual(await warningsOf({}), []);
});

test("warn() names a large payload", async () => {
  const [warning, ...more] = await warningsOf({ text: "x".repeat(PAYLOAD_BYTES_WARN) });
  assert.match(warning ?? "", /Run "run" has written a payload of about 52\d+ bytes \(started\)/u);
  assert.deepEqual(more, []);
});

test("warn() tells once that many timers are open", async () => {
  const warnings = await warningsOf({ timers: PENDING_WARN });
  assert.deepEqual(warnings, [`Run "run" has ${PENDING_WARN + 1} open timers; the limit is 2000.`]);
});

test("warn() tells once that a history has grown long", async () => {
  const warnings = await warningsOf({ rounds: HISTORY_ENTRIES_WARN });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /history entries; it may not go on beyond 51200/u);
});
