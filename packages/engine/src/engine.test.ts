// The engine as a whole: its file, its lock, its venue, and what happens when the disk does not take any more.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { HoldfastError, activity, hasCode, workflow } from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing";
import { z } from "zod";
import { openEngine } from "./index.ts";

const waiting = workflow({
  name: "test.waiting",
  input: z.string(),
  output: z.string(),
  signals: { go: z.string() },
  run: async (ctx, text) => {
    let word: string | undefined;
    ctx.onSignal("go", (given) => {
      word = given;
    });
    await ctx.until(() => word !== undefined);
    return `${text} ${word ?? ""}`;
  },
});

const paper = { url: "paper", mode: "paper", instanceId: "venue_1" } as const;

function inFolder(name: string, body: (folder: string) => Promise<void>): void {
  void test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-engine-"));
    try {
      await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => hasCode(error, expected);
}

inFolder(
  "openEngine() refuses a journal that another engine owns, and names its process",
  async (folder) => {
    const path = join(folder, "journal.sqlite");
    const first = await openEngine({ path, definitions: [waiting] });
    await assert.rejects(openEngine({ path, definitions: [waiting] }), (error) => {
      assert.ok(error instanceof HoldfastError);
      assert.equal(error.code, "HF-STATE-LOCKED");
      assert.match(error.message, new RegExp(`pid ${process.pid}`, "u"));
      return true;
    });
    await first.close();
    await (await openEngine({ path, definitions: [waiting] })).close();
  },
);

inFolder("openEngine() takes over the journal of a process that was killed", async (folder) => {
  const path = join(folder, "journal.sqlite");
  const script = `
    import { DatabaseSync } from "node:sqlite";
    const lock = new DatabaseSync(${JSON.stringify(`${path}.lock`)});
    lock.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;");
    process.kill(process.pid, "SIGKILL");`;
  const file = join(folder, "owner.mjs");
  writeFileSync(file, script);
  assert.equal(spawnSync(process.execPath, [file]).signal, "SIGKILL");
  await (await openEngine({ path, definitions: [waiting] })).close();
});

inFolder("openEngine() refuses a newer journal and changes nothing of it", async (folder) => {
  const path = join(folder, "journal.sqlite");
  await (await openEngine({ path, definitions: [waiting] })).close();
  {
    using database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
  }
  await assert.rejects(openEngine({ path, definitions: [waiting] }), code("HF-STATE-NEWER"));
  using database = new DatabaseSync(path);
  assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], 99);
});

inFolder("openEngine() refuses a database of another program", async (folder) => {
  const path = join(folder, "other.sqlite");
  {
    using database = new DatabaseSync(path);
    database.exec("CREATE TABLE customer (id INTEGER)");
  }
  await assert.rejects(openEngine({ path, definitions: [waiting] }), code("HF-STATE-FOREIGN"));
});

inFolder("openEngine() says that a folder is missing", async (folder) => {
  const path = join(folder, "nowhere", "journal.sqlite");
  await assert.rejects(openEngine({ path, definitions: [waiting] }), (error) => {
    assert.match(String(error), /must exist and be writable/u);
    return true;
  });
});

inFolder(
  "openEngine() refuses a journal of another venue or mode, and names both",
  async (folder) => {
    const path = join(folder, "journal.sqlite");
    await (await openEngine({ path, definitions: [waiting], venue: paper })).close();
    const live = { url: "https://purpleflea.com", mode: "live", instanceId: "purpleflea" } as const;
    await assert.rejects(openEngine({ path, definitions: [waiting], venue: live }), (error) => {
      assert.ok(hasCode(error, "HF-VENUE-MISMATCH"));
      assert.match(error.message, /live venue https:\/\/purpleflea\.com .* paper venue paper/u);
      return true;
    });
    await (await openEngine({ path, definitions: [waiting], venue: paper })).close();
  },
);

inFolder("two journals never share keys, and one keeps its own", async (folder) => {
  const keyed = activity({
    name: "test.keyed",
    input: z.string(),
    output: z.string(),
    effect: "money",
    timeouts: { total: "1m" },
    run: (_text, a) => a.key,
  });
  const flow = workflow({
    name: "test.keyed-flow",
    input: z.string(),
    output: z.string(),
    run: (ctx, text) => ctx.call(keyed, text, { key: text }),
  });
  const keyIn = async (name: string, id: string, more: object = {}): Promise<string> => {
    await using engine = await openEngine({
      path: join(folder, name),
      definitions: [flow],
      ...more,
    });
    return await (await engine.client.start(flow, "register", { id })).result();
  };
  const [one, two] = [await keyIn("one.sqlite", "a"), await keyIn("two.sqlite", "a")];
  assert.notEqual(one, two);
  const chosen = await keyIn("three.sqlite", "a", { namespace: "shop" });
  assert.equal(await keyIn("four.sqlite", "a", { namespace: "shop" }), chosen);
  await assert.rejects(
    keyIn("one.sqlite", "b", { namespace: "shop" }),
    code("HF-NAMESPACE-MISMATCH"),
  );
});

inFolder("openEngine() refuses two definitions with one name", async (folder) => {
  const path = join(folder, "journal.sqlite");
  const twin = activity({
    name: waiting.name,
    input: z.string(),
    output: z.string(),
    effect: "none",
    run: (text) => text,
  });
  await assert.rejects(
    openEngine({ path, definitions: [waiting, twin] }),
    code("HF-DEFINITION-DUPLICATE"),
  );
});

inFolder(
  "a full disk refuses what it cannot keep, and loses nothing that was accepted",
  async (folder) => {
    const path = join(folder, "journal.sqlite");
    const clock = new VirtualClock();
    const accepted: string[] = [];
    {
      await using engine = await openEngine({
        path,
        definitions: [waiting],
        clock,
        journalPagesMax: 70,
      });
      const big = "x".repeat(4_000);
      const fill = async (): Promise<unknown> => {
        for (let n = 0; n < 1_000; n += 1) {
          try {
            await engine.client.start(waiting, big, { id: `run-${n}` });
          } catch (error) {
            return error;
          }
          accepted.push(`run-${n}`);
        }
        return undefined;
      };
      const refusal = await fill();
      assert.ok(accepted.length > 3);
      assert.ok(
        hasCode(refusal, "HF-STATE-FULL") || hasCode(refusal, "HF-ENGINE-CLOSED"),
        String(refusal),
      );
      assert.equal(engine.health?.code, "HF-STATE-FULL");
      clock.advanceTo(clock.now() + 1_000);
      assert.equal(engine.health, undefined, "the engine opens its file again by itself");
    }
    await using engine = await openEngine({ path, definitions: [waiting], clock });
    assert.deepEqual(await engine.verify(), []);
    for (const id of accepted) {
      const run = engine.client.run(waiting, id);
      await run.signal("go", "on");
      assert.match(await run.result(), / on$/u);
    }
  },
);

inFolder("a journal that cannot be written says so", async (folder) => {
  if (process.getuid?.() === 0) {
    // Root writes anyway: a folder in place of the file is what even root cannot write.
    mkdirSync(join(folder, "journal.sqlite"));
  } else {
    chmodSync(folder, 0o500);
  }
  await assert.rejects(
    openEngine({ path: join(folder, "journal.sqlite"), definitions: [waiting] }),
  );
});

inFolder("close() waits for attempts in flight, and what they answered is kept", async (folder) => {
  const path = join(folder, "journal.sqlite");
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let runs = 0;
  const slow = activity({
    name: "test.slow",
    input: z.string(),
    output: z.string(),
    effect: "external",
    run: async (text) => {
      runs += 1;
      started.resolve();
      await release.promise;
      return text;
    },
  });
  const flow = workflow({
    name: "test.flow",
    input: z.string(),
    output: z.string(),
    run: (ctx, text) => ctx.call(slow, text),
  });
  const engine = await openEngine({ path, definitions: [flow] });
  await engine.client.start(flow, "kept", { id: "slow" });
  await started.promise;
  const closed = engine.close({ graceMs: 10_000 });
  release.resolve();
  await closed;
  await using again = await openEngine({ path, definitions: [flow] });
  assert.equal(await again.client.run(flow, "slow").result(), "kept");
  assert.equal(runs, 1);
});
