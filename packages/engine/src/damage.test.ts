// A journal that was damaged on the disk: the run concerned is parked and named, every other goes on, and a
// person can end it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { activity, hasCode, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { type EmbeddedEngine, openEngine } from "./index.ts";

const pay = activity({
  name: "damage.pay",
  input: z.number(),
  output: z.number(),
  effect: "money",
  timeouts: { total: "1h" },
  run: (amount) => (amount < 9 ? amount : new Promise<number>(() => undefined)),
});

/** Pays, waits for an hour or a word, and pays again. */
const plan = workflow({
  name: "damage.plan",
  input: z.number(),
  output: z.string(),
  signals: { word: z.string() },
  run: async (ctx, amount) => {
    let word = "none";
    ctx.onSignal("word", (given) => {
      word = given;
    });
    await ctx.call(pay, 1);
    await ctx.sleep("1h");
    await ctx.call(pay, amount);
    return word;
  },
});

const asking = workflow({
  name: "damage.asking",
  input: z.string(),
  output: z.string(),
  run: async (ctx, id) => ctx.child(plan, 2, { id }),
});

const because = { actor: "ada", reason: "the disk was bad" } as const;

/** A journal on which runs can be damaged between two engines. */
class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-damage-"));
  readonly #path = join(this.#folder, "journal.sqlite");
  #engine: EmbeddedEngine | undefined;

  get engine(): EmbeddedEngine {
    assert.ok(this.#engine !== undefined);
    return this.#engine;
  }

  async open(): Promise<void> {
    const definitions = [plan, asking];
    this.#engine = await openEngine({ path: this.#path, definitions, clock: this.clock });
    await this.engine.idle();
  }

  /** Starts runs, waits until they sleep, and closes the engine. */
  static async with(...ids: readonly string[]): Promise<Bench> {
    const bench = new Bench();
    await bench.open();
    for (const id of ids) await bench.engine.client.start(plan, 2, { id });
    await bench.settle();
    return bench;
  }

  /** Does something to the file while no engine has it, and opens it again. */
  async damage(sql: string, id: string): Promise<void> {
    await this.engine.close();
    {
      using database = new DatabaseSync(this.#path);
      const { changes } = database.prepare(sql).run(id);
      assert.ok(changes > 0, "something was to be damaged");
    }
    await this.open();
  }

  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      await this.engine.idle();
    } while (this.engine.busy);
  }

  drive<Value>(promise: Promise<Value>): Promise<Value> {
    return drive(promise, { clock: this.clock, engines: () => [this.engine] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const rowsOf = "run = (SELECT max(row) FROM run WHERE id = ?)";
const MISSING = `DELETE FROM journal WHERE position = (SELECT min(position) FROM journal WHERE ${rowsOf})`;
const DAMAGES = {
  "a flipped bit": `UPDATE journal SET entries = replace(entries, '"damage.pay"', '"damage.qay"') WHERE ${rowsOf}`,
  "a flipped bit in its last row": `UPDATE journal SET entries = replace(entries, 'timer', 'uimer') WHERE ${rowsOf}`,
  "a flipped bit in what makes it JSON": `UPDATE journal SET entries = replace(entries, '[', 'Z') WHERE ${rowsOf}`,
  "another time": `UPDATE journal SET at = at + 1 WHERE ${rowsOf}`,
  "its first row missing": MISSING,
  "its last row missing": MISSING.replace("min(", "max("),
  "all its rows missing": `DELETE FROM journal WHERE ${rowsOf}`,
} as const;

for (const [what, sql] of Object.entries(DAMAGES)) {
  test(`a journal with ${what} parks its run, and only that one`, async () => {
    await using bench = await Bench.with("whole", "hurt");
    await bench.damage(sql, "hurt");
    const { engine } = bench;
    const { client } = engine;
    assert.equal((await engine.list()).runs.length, 2);
    assert.equal(await bench.drive(client.run(plan, "whole").result()), "none");
    const described = await client.run(plan, "hurt").describe();
    assert.deepEqual([described.status, described.problem?.code], ["stuck", "HF-JOURNAL-DAMAGED"]);
    assert.match(described.problem?.message ?? "", /run "hurt"/u);
    const { letters } = await engine.dead();
    assert.deepEqual(
      letters.map(({ id, kind, code, suggestion }) => [id, kind, code, suggestion]),
      [["hurt", "stuck", "HF-JOURNAL-DAMAGED", "discard"]],
    );
    assert.match((await engine.verify()).join(), /hurt/u);
    await assert.rejects(engine.history("hurt"), (error) => hasCode(error, "HF-JOURNAL-DAMAGED"));
    // The next engine finds it as damaged as it was.
    await bench.damage("UPDATE run SET id = id WHERE id = ?", "hurt");
    const again = await bench.engine.describe("hurt");
    assert.deepEqual([again.status, again.problem?.code], ["stuck", "HF-JOURNAL-DAMAGED"]);
  });
}

for (const kind of ["discard", "terminate"] as const) {
  test(`${kind} ends a run whose journal is damaged, for good`, async () => {
    await using bench = await Bench.with("hurt");
    await bench.damage(DAMAGES["a flipped bit"], "hurt");
    await bench.engine.client.run(plan, "hurt").describe();
    await bench.settle();
    await bench.engine.apply([{ kind, id: "hurt", requestId: "end", ...because }]);
    await bench.settle();
    await bench.damage("UPDATE run SET id = id WHERE id = ?", "hurt");
    assert.equal((await bench.engine.list()).runs[0]?.status, "terminated");
    assert.equal((await bench.engine.dead()).total, 0);
    const result = await bench.engine.result({ id: "hurt" });
    assert.equal(result.kind === "failed" && result.failure.code, "HF-TERMINATED");
    await bench.engine.client.start(plan, 2, {
      id: "hurt",
      onClosed: "restart",
      effects: "continue",
    });
    assert.equal(await bench.drive(bench.engine.client.run(plan, "hurt").result()), "none");
  });
}

test("terminate of a damaged run leaves its open effects in doubt", async () => {
  await using bench = await Bench.with();
  await bench.engine.client.start(plan, 9, { id: "hurt" });
  await bench.settle();
  bench.clock.advanceTo(bench.clock.now() + 3_600_000);
  await bench.settle();
  await bench.damage(DAMAGES["a flipped bit"], "hurt");
  await bench.engine.apply([{ kind: "terminate", id: "hurt", reason: "the disk was bad" }]);
  const intents = await bench.engine.inspect((store) => store.intents.all());
  assert.deepEqual(
    intents.map(({ state }) => state),
    ["done", "in-doubt"],
  );
  const { letters } = await bench.engine.dead();
  assert.deepEqual(
    letters.map(({ id, kind }) => [id, kind]),
    [["hurt", "in-doubt"]],
  );
  // Nothing of it can be followed up, which is no trouble of the next engine.
  await bench.damage("UPDATE run SET id = id WHERE id = ?", "hurt");
  assert.equal((await bench.engine.dead()).total, 1);
});

test("what a damaged run is told is kept for when its journal is whole again", async () => {
  await using bench = await Bench.with("hurt");
  await bench.damage(DAMAGES["a flipped bit"], "hurt");
  await bench.engine.client.run(plan, "hurt").signal("word", "kept");
  await bench.settle();
  const repair = DAMAGES["a flipped bit"].replace(/'"damage.pay"', '"damage.qay"'/u, (pair) =>
    pair.split(", ").toReversed().join(", "),
  );
  await bench.damage(repair, "hurt");
  assert.equal(await bench.drive(bench.engine.client.run(plan, "hurt").result()), "kept");
  assert.deepEqual(await bench.engine.verify(), []);
});

for (const what of ["a flipped bit", "its last row missing"] as const) {
  test(`a closed run with ${what} says so when it is read, and harms nobody else`, async () => {
    await using bench = await Bench.with("hurt");
    await bench.drive(bench.engine.client.run(plan, "hurt").result());
    await bench.damage(DAMAGES[what], "hurt");
    const { engine } = bench;
    const damaged = (error: unknown): boolean => hasCode(error, "HF-JOURNAL-DAMAGED");
    assert.equal((await engine.list()).runs[0]?.status, "completed");
    await assert.rejects(engine.client.run(plan, "hurt").describe(), damaged);
    await assert.rejects(engine.history("hurt"), damaged);
    if (what !== "a flipped bit") await assert.rejects(engine.result({ id: "hurt" }), damaged);
    assert.match((await engine.verify()).join(), /hurt/u);
    const other = await engine.client.start(plan, 2, { id: "other" });
    assert.equal(await bench.drive(other.result()), "none");
  });
}

test("a run that meets a damaged closed run is refused, and the engine goes on", async () => {
  await using bench = await Bench.with();
  const first = await bench.engine.client.start(asking, "kid", { id: "dad" });
  await bench.drive(first.result());
  await bench.damage(`UPDATE journal SET at = at + 1 WHERE ${rowsOf}`, "kid");
  const again = { id: "dad", onClosed: "restart", effects: "continue" } as const;
  const second = await bench.engine.client.start(asking, "kid", again);
  await assert.rejects(bench.drive(second.result()), (error) =>
    hasCode(error, "HF-JOURNAL-DAMAGED"),
  );
});
