// A disk that fills up in the middle of things: what was accepted stays, what was refused was told so and left
// nothing behind, and the engine goes on by itself when there is space again.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type Operation, activity, encode, hasCode, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { openEngine } from "./index.ts";

const PAGE_BYTES = 4_096;
/** Pages taken by something else, until they are given back. */
const BALLAST_PAGES = 600;
const GROUP = 5;

const keys: string[] = [];
/** The venue answers when this is resolved. */
const answers = Promise.withResolvers<void>();
const pay = activity({
  name: "full.pay",
  input: z.number(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "1h" },
  run: async (pages, { key }) => {
    keys.push(key);
    await answers.promise;
    return "r".repeat(pages * PAGE_BYTES);
  },
});

const paying = workflow({
  name: "full.paying",
  input: z.number(),
  output: z.number(),
  run: async (ctx, pages) => (await ctx.call(pay, pages)).length,
});

const waiting = workflow({
  name: "full.waiting",
  input: z.string(),
  output: z.string(),
  signals: { go: z.string() },
  run: async (ctx) => {
    let word: string | undefined;
    ctx.onSignal("go", (given) => {
      word = given;
    });
    await ctx.until(() => word !== undefined);
    return word ?? "";
  },
});

const isFull = (error: unknown): boolean =>
  hasCode(error, "HF-STATE-FULL") || hasCode(error, "HF-ENGINE-CLOSED");

/** Starts of one request: they share a commit. */
function group(n: number): readonly Operation[] {
  return idsOf(n).map((id) => ({
    kind: "start",
    workflow: waiting.name,
    input: encode("x".repeat(2_000)),
    id,
    account: "default",
    requestId: `request ${id}`,
  }));
}

function idsOf(n: number): readonly string[] {
  return Array.from({ length: GROUP }, (_, index) => `${n}-${index}`);
}

test("a disk that fills up in the middle of a group keeps whole groups, and the engine goes on after it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-full-"));
  const path = join(folder, "journal.sqlite");
  const definitions = [paying, waiting];
  const clock = new VirtualClock();
  try {
    await (await openEngine({ path, definitions })).close();
    const pages = withDatabase(path, (database) => {
      database.exec("CREATE TABLE ballast (bytes BLOB)");
      database.exec(`INSERT INTO ballast VALUES (zeroblob(${BALLAST_PAGES * PAGE_BYTES}))`);
      return Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    });
    const journalPagesMax = pages + 40;
    await using engine = await openEngine({ path, definitions, clock, journalPagesMax });
    const payer = await engine.client.start(paying, 60, { id: "payer" });
    await engine.idle();

    const accepted: number[] = [];
    const refused: number[] = [];
    for (let n = 0; n < 40; n += 2) {
      // Two requests in one turn: what is refused for one is refused for both.
      const outcomes = await Promise.allSettled([
        engine.apply(group(n)),
        engine.apply(group(n + 1)),
      ]);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "rejected")
          assert.ok(isFull(outcome.reason), String(outcome.reason));
        (outcome.status === "fulfilled" ? accepted : refused).push(n + index);
      }
      if (refused.includes(n)) assert.equal(engine.health?.code, "HF-STATE-FULL");
      clock.advanceTo(clock.now() + 1_000);
      assert.equal(engine.health, undefined, "it opens its file again by itself");
    }
    assert.ok(accepted.length > 0 && refused.length > 0, `${accepted.length}, ${refused.length}`);

    // The payment was made, and its answer finds no space.
    answers.resolve();
    while (engine.health === undefined) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    withDatabase(path, (database) => database.exec("DELETE FROM ballast"));
    clock.advanceTo(clock.now() + 1_000);
    const driven = <Value>(promise: Promise<Value>): Promise<Value> =>
      drive(promise, { clock, engines: () => [engine] });
    const lengthPaid = await driven(engine.client.run(paying, payer.id).result());
    assert.equal(lengthPaid, 60 * PAGE_BYTES);
    assert.ok(keys.length > 1, "it was sent again");
    assert.equal(new Set(keys).size, 1, "with one key");

    const listed = (await engine.list({ workflow: waiting.name, limit: 1_000 })).runs;
    assert.deepEqual(
      listed.map(({ id }) => id).toSorted(),
      accepted.flatMap(idsOf).toSorted(),
      "whole groups, and nothing of what was refused",
    );
    // What was refused may be sent again, under the same ids.
    for (const n of refused) await engine.apply(group(n));
    for (const n of [...accepted, ...refused]) {
      const run = engine.client.run(waiting, `${n}-0`);
      await run.signal("go", "on");
      assert.equal(await run.result(), "on");
    }
    assert.deepEqual(await engine.verify(), []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function withDatabase<Value>(path: string, use: (database: DatabaseSync) => Value): Value {
  using database = new DatabaseSync(path);
  return use(database);
}
