// What a journal says without its process: the same as the engine says, and nothing of it is changed.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { HoldfastError, type Workflow, activity, hasCode, workflow } from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing";
import { z } from "zod";
import { openEngine, openReader } from "./index.ts";

const silent = activity({
  name: "test.silent",
  input: z.string(),
  output: z.number(),
  effect: "money",
  timeouts: { total: "5m" },
  retry: { attempts: 1 },
  run: () => {
    throw new HoldfastError("TEST-SILENCE", "The line went dead.", { outcome: "unknown" });
  },
});

const flaky = activity({
  name: "test.flaky",
  input: z.void(),
  output: z.number(),
  effect: "none",
  timeouts: { total: "1d" },
  run: () => {
    throw new HoldfastError("TEST-AWAY", "Nobody is there.", { disposition: "retry" });
  },
});

/** Has a call in doubt, one that waits for its next attempt, and a timer. */
const open: Workflow<string, void> = workflow({
  name: "test.open",
  input: z.string(),
  output: z.void(),
  run: async (ctx, ref) => {
    ctx.tag({ ref });
    ctx.memo({ why: "a test" });
    await Promise.all([
      ctx.call(silent, ref, { ref }),
      ctx.call(flaky, undefined),
      ctx.sleep("30d"),
    ]);
  },
});

const failing: Workflow<void, void> = workflow({
  name: "test.failing",
  input: z.void(),
  output: z.void(),
  run: () => Promise.reject(new Error("as it should")),
});

const done: Workflow<void, string> = workflow({
  name: "test.done",
  input: z.void(),
  output: z.string(),
  run: async () => "done",
});

class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "holdfast-reader-"));
  readonly journal: string = join(this.path, "journal.sqlite");

  /** An engine with an open run, a failed one and one that is done. */
  async fill(): Promise<Awaited<ReturnType<typeof openEngine>>> {
    const engine = await openEngine({
      path: this.journal,
      definitions: [open, failing, done],
      clock: new VirtualClock(),
    });
    await engine.client.start(open, "order/1", { id: "o" });
    await engine.client.start(failing, undefined, { id: "f" });
    await engine.client.start(done, undefined, { id: "d" });
    const { letters } = await engine.dead();
    for (let seen = letters.length; seen < 2; seen = (await engine.dead()).letters.length) {
      await engine.idle();
    }
    await engine.idle();
    return engine;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

test("openReader() says what the engine says, beside it and after it", async () => {
  using folder = new Folder();
  const engine = await folder.fill();
  const expected = {
    runs: await engine.list(),
    described: await Promise.all(["o", "f", "d"].map((id) => engine.describe(id))),
    history: await engine.history("o"),
    dead: await engine.dead(),
    results: [await engine.result({ id: "f" }), await engine.result({ id: "d" })],
  };
  const [run] = expected.described;
  assert.deepEqual(
    run?.calls.map(({ state, attempt }) => [state, attempt]),
    [
      ["in-doubt", 1],
      ["waiting", 1],
    ],
  );
  const read = async (): Promise<typeof expected> => {
    using reader = openReader(folder.journal);
    return {
      runs: await reader.list(),
      described: await Promise.all(["o", "f", "d"].map((id) => reader.describe(id))),
      history: await reader.history("o"),
      dead: await reader.dead(),
      results: [await reader.result({ id: "f" }), await reader.result({ id: "d" })],
    };
  };
  // How often a call in doubt was tried stands in its dead letter alone.
  const [doubtful] = run?.calls ?? [];
  if (doubtful !== undefined) Object.assign(doubtful, { attempt: 0 });
  assert.deepEqual(await read(), expected);
  engine.abandon();
  const before = readFileSync(folder.journal);
  assert.deepEqual(await read(), expected);
  assert.deepEqual(readFileSync(folder.journal), before);
});

test("openReader() does not wait for a run that nobody brings on, nor find what is not there", async () => {
  using folder = new Folder();
  assert.throws(() => openReader(folder.journal), /there is no journal yet/u);
  await (await folder.fill()).close();
  using reader = openReader(folder.journal);
  await assert.rejects(reader.result({ id: "o" }), (error) => hasCode(error, "HF-NOT-RUNNING"));
  await assert.rejects(reader.describe("nobody"), (error) => hasCode(error, "HF-RUN-UNKNOWN"));
});

test("openReader() lists a damaged run with the others", async () => {
  using folder = new Folder();
  await (await folder.fill()).close();
  flipBit(folder.journal, "f");
  using reader = openReader(folder.journal);
  const { runs } = await reader.list();
  assert.deepEqual(
    runs.map(({ id }) => id),
    ["d", "f", "o"],
  );
  await assert.rejects(reader.describe("f"), (error) => hasCode(error, "HF-JOURNAL-DAMAGED"));
  assert.equal((await reader.describe("o")).id, "o");
});

/** Changes one letter in the last row of a run's journal. */
function flipBit(path: string, id: string): void {
  using database = new DatabaseSync(path);
  const last = "(SELECT max(position) FROM journal JOIN run ON run.row = journal.run WHERE id = ?)";
  const sql = `UPDATE journal SET entries = replace(entries, 'a', 'c') WHERE position = ${last}`;
  assert.equal(Number(database.prepare(sql).run(id).changes), 1);
}
