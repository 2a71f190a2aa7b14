// The limits by name: each is refused with its code where it is met, and what is just within it is taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HISTORY_ENTRIES_MAX,
  PAYLOAD_BYTES_MAX,
  PENDING_MAX,
  TAGS_MAX,
  VALUE_DEPTH_MAX,
  activity,
  hasCode,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { type EmbeddedEngine, memoryJournal, openEngine } from "./index.ts";

const echo = activity({
  name: "limit.echo",
  input: z.unknown(),
  output: z.unknown(),
  effect: "none",
  run: (value) => value,
});

const kid = workflow({
  name: "limit.kid",
  input: z.unknown(),
  output: z.number(),
  signals: { go: z.unknown() },
  updates: { big: { input: z.unknown(), output: z.string() } },
  run: async (ctx) => {
    let gone = 0;
    ctx.onSignal("go", () => void (gone += 1));
    ctx.onUpdate("big", { apply: () => "x".repeat(PAYLOAD_BYTES_MAX) });
    await ctx.until(() => gone > 0);
    return gone;
  },
});

/** Runs into a limit from within, and gives the code of what it met. */
const meeting = workflow({
  name: "limit.meeting",
  input: z.enum(["children", "messages", "child", "call", "memo", "tags", "signal"]),
  output: z.string(),
  run: async (ctx, what) => {
    const big = "x".repeat(PAYLOAD_BYTES_MAX);
    const other = ctx.run(kid, "kid");
    try {
      switch (what) {
        case "children":
          for (let n = 0; n <= PENDING_MAX; n += 1) void ctx.startChild(kid, n, { id: `kid-${n}` });
          break;
        case "messages":
          for (let n = 0; n <= PENDING_MAX; n += 1) void other.signal("go", n);
          break;
        case "child":
          await ctx.child(kid, big);
          break;
        case "call":
          await ctx.call(echo, big);
          break;
        case "signal":
          await other.signal("go", big);
          break;
        case "memo":
          ctx.memo({ big });
          break;
        case "tags":
          ctx.tag(tags(TAGS_MAX));
          ctx.tag({ more: 1 });
          break;
      }
      return "accepted";
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  },
});

const endless = workflow({
  name: "limit.endless",
  input: z.undefined(),
  output: z.number(),
  run: async (ctx) => {
    for (;;) await ctx.call(echo, 1, { local: true });
  },
});

function tags(count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`tag-${n}`, n]));
}

/** A value with so many lists within each other. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n += 1) value = [value];
  return value;
}

async function inEngine(body: (engine: EmbeddedEngine) => Promise<void>): Promise<void> {
  using journal = memoryJournal();
  await using engine = await openEngine({
    path: journal.path,
    definitions: [kid, meeting, endless],
  });
  await body(engine);
  assert.deepEqual(await engine.verify(), []);
}

const code =
  (expected: string) =>
  (error: unknown): boolean => {
    assert.ok(hasCode(error, expected), String(error));
    return true;
  };

for (const [what, expected] of [
  ["children", "HF-PENDING-LIMIT"],
  ["messages", "HF-PENDING-LIMIT"],
  ["child", "HF-PAYLOAD-TOO-LARGE"],
  ["call", "HF-PAYLOAD-TOO-LARGE"],
  ["signal", "HF-PAYLOAD-TOO-LARGE"],
  ["memo", "HF-PAYLOAD-TOO-LARGE"],
  ["tags", "HF-TAG-INVALID"],
] as const) {
  test(`a run that exceeds the limit of its ${what} is refused with ${expected}`, async () => {
    await inEngine(async ({ client }) => {
      await client.start(kid, 0, { id: "kid" });
      const run = await client.start(meeting, what, { id: "run" });
      assert.equal(await run.result(), expected);
    });
  });
}

test(`a history of more than ${HISTORY_ENTRIES_MAX} entries ends its run with HF-HISTORY-LIMIT`, async () => {
  await inEngine(async ({ client }) => {
    const run = await client.start(endless, undefined, { id: "endless" });
    await assert.rejects(run.result(), code("HF-HISTORY-LIMIT"));
    const { historyLength } = await run.describe();
    assert.ok(historyLength > HISTORY_ENTRIES_MAX && historyLength <= HISTORY_ENTRIES_MAX + 4);
  });
});

test("what a client sends is refused beyond its limit, and nothing of it is taken", async () => {
  await inEngine(async (engine) => {
    const { client } = engine;
    const big = "x".repeat(PAYLOAD_BYTES_MAX);
    const run = await client.start(kid, "x".repeat(PAYLOAD_BYTES_MAX - 2), { id: "kid" });
    await assert.rejects(client.start(kid, big, { id: "big" }), code("HF-PAYLOAD-TOO-LARGE"));
    await assert.rejects(run.signal("go", big), code("HF-PAYLOAD-TOO-LARGE"));
    await assert.rejects(run.update("big", big), code("HF-PAYLOAD-TOO-LARGE"));
    await assert.rejects(run.update("big", 1), code("HF-PAYLOAD-TOO-LARGE"));
    const memo = { big };
    await assert.rejects(client.start(kid, 1, { id: "m", memo }), code("HF-PAYLOAD-TOO-LARGE"));
    const many = { id: "t", tags: tags(TAGS_MAX + 1) };
    await assert.rejects(client.start(kid, 1, many), code("HF-TAG-INVALID"));
    await client.start(kid, 1, { id: "t", tags: tags(TAGS_MAX) });
    await client.start(kid, nested(VALUE_DEPTH_MAX), { id: "d" });
    const deeper = nested(VALUE_DEPTH_MAX + 1);
    await assert.rejects(client.start(kid, deeper, { id: "e" }), code("HF-CODEC-UNSUPPORTED"));
    assert.equal((await run.describe()).status, "running");
    assert.equal((await engine.list()).runs.length, 3);
  });
});
