// A run that would continue as new in the very turn that ends it: no generation is left that nobody knows of.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Operation, encode, workflow } from "@holdfast/core";
import { z } from "zod";
import { type EmbeddedEngine, openEngine } from "../index.ts";

const looping = workflow({
  name: "replaced.looping",
  input: z.string(),
  output: z.string(),
  signals: { next: z.string() },
  run: async (ctx, name) => {
    let next: string | undefined;
    ctx.onSignal("next", (given) => {
      next = given;
    });
    await ctx.until(() => next !== undefined);
    if (next === "end") return name;
    return ctx.continueAs(next);
  },
});

const ID = "one";
const signal = (requestId: string, payload: string): Operation => ({
  kind: "signal",
  id: ID,
  signal: "next",
  payload: encode(payload),
  requestId,
});

async function withRun(
  body: (engine: EmbeddedEngine, reopen: () => Promise<EmbeddedEngine>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-replaced-"));
  const open = () => openEngine({ path: join(folder, "journal.sqlite"), definitions: [looping] });
  let engine = await open();
  try {
    await engine.client.start(looping, "first", { id: ID });
    await body(engine, async () => {
      engine.abandon();
      engine = await open();
      return engine;
    });
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a start that replaces a run in the turn in which it continues as new leaves one open run", async () => {
  await withRun(async (engine, reopen) => {
    await engine.apply([
      signal("s1", "second"),
      {
        kind: "start",
        workflow: looping.name,
        id: ID,
        account: "default",
        input: encode("new"),
        requestId: "r2",
        onOpen: "replace",
        effects: "again",
      },
    ]);
    const again = await reopen();
    const { runs } = await again.list({ status: "open" });
    assert.deepEqual(
      runs.map(({ id, generation }) => [id, generation]),
      [[ID, 0]],
    );
    assert.deepEqual(await again.verify(), []);
    await again.apply([signal("s2", "end")]);
    assert.equal(await again.client.run(looping, ID).result(), "new");
  });
});

test("a run that is terminated in the turn in which it continues as new is closed, and stays so", async () => {
  await withRun(async (engine, reopen) => {
    await engine.apply([signal("s1", "second"), { kind: "terminate", id: ID, reason: "enough" }]);
    const again = await reopen();
    assert.equal((await again.describe(ID)).status, "terminated");
    assert.deepEqual((await again.list({ status: "open" })).runs, []);
    assert.deepEqual(await again.verify(), []);
  });
});
