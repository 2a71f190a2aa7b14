// Journals of the first format: opened, brought up to date, and carried on with.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { activity, hasCode, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing";
import { z } from "zod";
import { openEngine } from "../index.ts";
import { openDatabase } from "./database.ts";
import { FORMAT_VERSION, MIGRATIONS } from "./schema.ts";

const FIRST = readFileSync(new URL("../fixture/format-1.sql", import.meta.url), "utf8");
/** When the engine of that time crashed. */
const CRASHED_AT = 1_767_607_200_000;

/** A folder with a journal of the first format. */
class Old implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-format-"));
  readonly path = join(this.#folder, "journal.sqlite");
  readonly clock = new VirtualClock(CRASHED_AT);
  /** Keys of the payments that were sent. */
  readonly sent: string[] = [];

  constructor() {
    this.exec(FIRST);
  }

  exec(sql: string): void {
    using database = new DatabaseSync(this.path);
    database.exec(sql);
  }

  get version(): unknown {
    using database = new DatabaseSync(this.path);
    return database.prepare("PRAGMA user_version").get()?.["user_version"];
  }

  get columns(): readonly unknown[] {
    using database = new DatabaseSync(this.path);
    return database
      .prepare("SELECT name FROM pragma_table_info('run')")
      .all()
      .map(({ name }) => name);
  }

  /** Opens it with the code of that time, and lets all its runs end. */
  async carryOn(): Promise<void> {
    const pay = activity({
      name: "format.pay",
      input: z.number(),
      output: z.number(),
      effect: "money",
      timeouts: { total: "1h" },
      run: (amount, { key }) => {
        this.sent.push(key);
        return amount;
      },
    });
    const plan = workflow({
      name: "format.plan",
      input: z.number(),
      output: z.string(),
      signals: { word: z.string() },
      run: async (ctx, n) => {
        let word = "";
        ctx.onSignal("word", (given) => {
          word += given;
        });
        const first = await ctx.call(pay, 1);
        if (n === 0) return "early";
        await ctx.sleep("1h");
        const second = await ctx.call(pay, n);
        await ctx.until(() => word.length > 1);
        return `${first + second} ${word}`;
      },
    });
    const { clock, path } = this;
    await using engine = await openEngine({ path, definitions: [plan], clock, namespace: "old" });
    assert.deepEqual(await engine.verify(), []);
    assert.equal((await engine.list()).runs.length, 3);
    const results: string[] = [];
    for (const id of ["closed", "paying", "asleep"]) {
      const run = engine.client.run(plan, id);
      // A message of before the crash, sent again: it is one.
      if (id === "asleep") await run.signal("word", "a", { requestId: "id-7" });
      if (id !== "closed") await run.signal("word", "c");
      results.push(await drive(run.result(), { clock, engines: () => [engine] }));
    }
    assert.deepEqual(results, ["early", "3 bc", "4 ac"]);
    assert.deepEqual(await engine.verify(), []);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

test("openEngine() brings a journal of the first format up to date, and its open runs go on", async () => {
  using old = new Old();
  assert.equal(old.version, 1);
  await old.carryOn();
  assert.equal(old.version, FORMAT_VERSION);
  assert.equal(old.clock.now(), CRASHED_AT + 3_600_000, "it slept until its time");
  // What was under way is sent again with its key; what was paid is not.
  assert.equal(old.sent.length, 2);
  assert.equal(old.sent[0], "ynoxs6om76mqedh7drlaetyt3udpaump");
});

test("a process killed within a migration leaves the file as it was", async () => {
  using old = new Old();
  const before = old.columns;
  const script = `
    import { DatabaseSync } from "node:sqlite";
    const database = new DatabaseSync(${JSON.stringify(old.path)});
    database.exec("PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN;" + ${JSON.stringify(MIGRATIONS[2])});
    process.kill(process.pid, "SIGKILL");`;
  const { signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(signal, "SIGKILL");
  assert.deepEqual([old.version, old.columns], [1, before]);
  await old.carryOn();
});

test("a migration that cannot be finished changes nothing, and says so", async () => {
  using old = new Old();
  const before = old.columns;
  // It meets this one only after it has altered other tables.
  old.exec("CREATE TABLE dead_letter (stranger INTEGER)");
  await assert.rejects(old.carryOn(), (error) => hasCode(error, "HF-STORE-FAILED"));
  assert.deepEqual([old.version, old.columns], [1, before]);
  old.exec("DROP TABLE dead_letter");
  await old.carryOn();
});

test("a reader refuses a journal of the first format, and changes nothing of it", () => {
  using old = new Old();
  assert.throws(
    () => openDatabase(old.path, { readOnly: true }),
    (error) => hasCode(error, "HF-STATE-OLDER"),
  );
  assert.equal(old.version, 1);
});
