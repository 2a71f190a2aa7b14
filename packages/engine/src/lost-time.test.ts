// Whether a journal was restored or copied, and what then happens to calls of money: nothing where it was not.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HoldfastError, activity, silentLog, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { type EmbeddedEngine, backUpJournal, examineJournal, openEngine } from "./index.ts";
import { restoredIn } from "./lost-time.ts";

const HOUR_MS = 3_600_000;

/** A journal in a folder of its own, and a venue that does what it is asked. */
class Place {
  readonly clock = new VirtualClock();
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-lost-"));
  readonly path: string = join(this.folder, "journal.sqlite");
  /** What was sent, and what was asked, in order. */
  readonly seen: string[] = [];
  /** Keys of effects. */
  readonly done = new Set<string>();
  warned = 0;
  refuses = false;
  engine: EmbeddedEngine | undefined;

  readonly pay = activity({
    name: "lost.pay",
    input: z.number(),
    output: z.number(),
    effect: "money",
    timeouts: { total: "2h" },
    run: (n, { key }) => {
      this.seen.push(`sent ${n}`);
      if (this.refuses) throw refusal();
      this.done.add(key);
      return n;
    },
    reconcile: (n, { key }) => {
      this.seen.push(`asked ${n}`);
      return this.done.has(key) ? { kind: "done", output: n } : { kind: "not-done" };
    },
  });

  readonly paying = workflow({
    name: "lost.paying",
    input: z.number(),
    output: z.number(),
    run: async (ctx, count) => {
      for (let n = 0; n < count; n += 1) {
        await ctx.call(this.pay, n);
        await ctx.sleep("30m");
      }
      return count;
    },
  });

  constructor(t: TestContext) {
    t.after(async () => {
      await this.engine?.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  async open(): Promise<EmbeddedEngine> {
    this.engine = await openEngine({
      path: this.path,
      definitions: [this.paying],
      clock: this.clock,
      seed: "lost",
      log: { ...silentLog, warn: (_message, fields) => void (this.warned += count(fields)) },
    });
    return this.engine;
  }

  drive<Value>(promise: Promise<Value>): Promise<Value> {
    const { engine, clock } = this;
    assert.ok(engine !== undefined);
    return drive(promise, { clock, engines: () => [engine] });
  }

  result(id: string): Promise<number> {
    assert.ok(this.engine !== undefined);
    return this.engine.client.run(this.paying, id).result();
  }

  /** A copy of a journal that nobody has open. */
  keep(): string {
    const copy = join(this.folder, "backup");
    copyFileSync(this.path, copy);
    return copy;
  }

  isRestored(): Promise<boolean | undefined> | undefined {
    return this.engine?.inspect((store) => restoredIn(store) !== undefined);
  }
}

const count = (fields: unknown): number => Number(JSON.stringify(fields).includes("HF-RESTORED"));

function refusal(): HoldfastError {
  return new HoldfastError("CLOSED", "closed", { disposition: "refused", outcome: "refused" });
}

test("a journal that stays in its place is never taken for a restored one", async (t) => {
  const place = new Place(t);
  await (await place.open()).client.start(place.paying, 4, { id: "a" });
  await place.engine?.idle();
  const mark = (): string => readFileSync(`${place.path}.mark`, "utf8");
  const opened: string[] = [];
  for (const how of ["crash", "stop", "crash while it is opened"]) {
    const [before] = [mark()];
    if (how === "stop") await place.engine?.close();
    else place.engine?.abandon();
    // The new mark lies beside the journal, and has not come into it.
    if (how.endsWith("opened")) {
      const { mark: old, position } = JSON.parse(before) as Record<string, unknown>;
      writeFileSync(`${place.path}.mark`, JSON.stringify({ mark: "new", before: old, position }));
    }
    await place.open();
    assert.equal(await place.isRestored(), false, how);
    opened.push(mark());
  }
  assert.equal(new Set(opened).size, 3, "each opening has a mark of its own");
  await place.drive(place.result("a"));
  assert.deepEqual([place.warned, place.seen], [0, ["sent 0", "sent 1", "sent 2", "sent 3"]]);
});

/** Backed up after the first payment, by a stop; then on to the third. */
async function twoFurther(place: Place): Promise<string> {
  const engine = await place.open();
  await engine.client.start(place.paying, 4, { id: "a" });
  await engine.idle();
  await engine.close();
  const backup = place.keep();
  await place.open();
  await place.drive(until(() => place.seen.length === 3));
  place.seen.splice(0);
  return backup;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

const ASKED = ["asked 1", "asked 2", "asked 3", "sent 3"];

test("an older journal in the place of a newer one is noticed, and what was lost is asked for", async (t) => {
  const place = new Place(t);
  const backup = await twoFurther(place);
  await place.engine?.close();
  copyFileSync(backup, place.path);
  await place.open();
  await place.drive(place.result("a"));
  assert.deepEqual([place.warned, place.seen], [1, ASKED]);
  const found = await place.engine?.inspect((store) => restoredIn(store));
  assert.equal((found?.at ?? 0) - (found?.from ?? 0), HOUR_MS);
});

test("a copy from the same opening is noticed by how far the journal had come", async (t) => {
  const place = new Place(t);
  const engine = await place.open();
  await engine.client.start(place.paying, 4, { id: "a" });
  await engine.idle();
  const files = ["", "-wal"];
  for (const suffix of files)
    copyFileSync(`${place.path}${suffix}`, `${place.folder}/kept${suffix}`);
  await place.drive(until(() => place.seen.length === 3));
  place.seen.splice(0);
  engine.abandon();
  for (const suffix of files)
    copyFileSync(`${place.folder}/kept${suffix}`, `${place.path}${suffix}`);
  await place.open();
  await place.drive(place.result("a"));
  assert.deepEqual([place.warned, place.seen], [1, ASKED]);
});

test("a backup is whole, is made beside the owner, and is known as one in the journal's place", async (t) => {
  const place = new Place(t);
  const engine = await place.open();
  await engine.client.start(place.paying, 4, { id: "a" });
  await engine.idle();
  const backup = join(place.folder, "backup");
  backUpJournal(place.path, backup);
  assert.throws(() => {
    backUpJournal(place.path, backup);
  }, /HF-BACKUP-EXISTS|it exists/u);
  assert.deepEqual(examineJournal(backup).statuses, { running: 1 });
  await place.drive(until(() => place.seen.length === 3));
  place.seen.splice(0);
  await engine.close();
  copyFileSync(backup, place.path);
  await place.open();
  await place.drive(place.result("a"));
  assert.deepEqual([place.warned, place.seen], [1, ASKED]);
});

for (const [what, beside] of [
  ["without what lies beside it", undefined],
  ["beside something unreadable", "{"],
  ["beside another journal's mark", JSON.stringify({ mark: "other", position: 1 })],
] as const) {
  test(`a journal ${what} counts as a copy`, async (t) => {
    const place = new Place(t);
    const backup = await twoFurther(place);
    await place.engine?.close();
    copyFileSync(backup, place.path);
    rmSync(`${place.path}.mark`);
    if (beside !== undefined) writeFileSync(`${place.path}.mark`, beside);
    await place.open();
    assert.equal(await place.isRestored(), true);
    await place.drive(place.result("a"));
    assert.deepEqual([place.warned, place.seen], [1, ASKED]);
  });
}

test("what was refused before the backup, and resumed after it, is asked for when it is resumed", async (t) => {
  const place = new Place(t);
  place.refuses = true;
  const engine = await place.open();
  const run = await engine.client.start(place.paying, 1, { id: "a" });
  await assert.rejects(run.result());
  await engine.close();
  const backup = place.keep();
  place.refuses = false;
  const resume = async (): Promise<void> => {
    await place.engine?.apply([
      { kind: "resume", id: "a", requestId: "resume-a", actor: "ada", reason: "it is open" },
    ]);
    await place.drive(place.result("a"));
  };
  await place.open();
  await resume();
  assert.equal(place.done.size, 1);
  await place.engine?.close();
  place.seen.splice(0);
  copyFileSync(backup, place.path);
  await place.open();
  await resume();
  assert.deepEqual(place.seen, ["asked 0"]);
});

test("what is asked for and was not done is sent once, however often the engine dies on the way", async (t) => {
  const place = new Place(t);
  const backup = await twoFurther(place);
  await place.engine?.close();
  copyFileSync(backup, place.path);
  place.done.clear();
  await place.open();
  for (let n = 0; n < 3; n += 1) {
    const before = place.seen.length;
    await place.drive(until(() => place.seen.length > before));
    place.engine?.abandon();
    await place.open();
  }
  await place.drive(place.result("a"));
  assert.equal(place.warned, 1);
  assert.equal(place.done.size, 3);
  assert.equal(place.seen.filter((what) => what === "sent 1").length, 1);
});
