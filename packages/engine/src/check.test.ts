// Code against the journals of runs that are open: what fits, what does not, and that nothing is changed.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Workflow, activity, hasCode, workflow } from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing";
import { z } from "zod";
import type { EngineOptions } from "./options.ts";
import { type CheckedRun, checkJournal, openEngine } from "./index.ts";

const price = (name: string) =>
  activity({ name, input: z.void(), output: z.number(), effect: "none", run: async () => 7 });

/** Asks for a price, sleeps, and asks again. */
const sleeper = (activityName: string): Workflow<void, number> =>
  workflow({
    name: "test.sleeper",
    input: z.void(),
    output: z.number(),
    run: async (ctx) => {
      const before = await ctx.call(price(activityName), undefined);
      await ctx.sleep("1d");
      return before + (await ctx.call(price(activityName), undefined));
    },
  });

const waiter: Workflow<void, void> = workflow({
  name: "test.waiter",
  input: z.void(),
  output: z.void(),
  run: (ctx) => ctx.sleep("2d"),
});

const done: Workflow<void, void> = workflow({
  name: "test.done",
  input: z.void(),
  output: z.void(),
  run: async () => undefined,
});

class Journal implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-check-"));
  readonly path: string = join(this.folder, "journal.sqlite");
  readonly clock: VirtualClock = new VirtualClock();

  open(definitions: EngineOptions["definitions"]): ReturnType<typeof openEngine> {
    return openEngine({ path: this.path, definitions, clock: this.clock });
  }

  /** A journal with two open runs, and one that has ended. */
  async fill(): Promise<void> {
    await using engine = await this.open([sleeper("test.price"), waiter, done]);
    await engine.client.start(sleeper("test.price"), undefined, { id: "s" });
    await engine.client.start(waiter, undefined, { id: "w" });
    await (await engine.client.start(done, undefined, { id: "d" })).result();
    while ((await engine.describe("s")).wakeAt === undefined) await engine.idle();
  }

  check(definitions: EngineOptions["definitions"]): Promise<readonly CheckedRun[]> {
    return checkJournal({ path: this.path, definitions });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const verdicts = (runs: readonly CheckedRun[]): unknown[] =>
  runs.map(({ id, problem }) => [id, problem?.code]);

test("checkJournal() replays the open runs, oldest first, and tells of each", async () => {
  using journal = new Journal();
  await journal.fill();
  const told: [id: string, total: number][] = [];
  const runs = await checkJournal({
    path: journal.path,
    definitions: [sleeper("test.price"), waiter],
    onRun: ({ id }, total) => told.push([id, total]),
  });
  assert.deepEqual(verdicts(runs), [
    ["s", undefined],
    ["w", undefined],
  ]);
  assert.deepEqual(told, [
    ["s", 2],
    ["w", 2],
  ]);
  assert.deepEqual(
    runs.map(({ entries }) => entries),
    [4, 2],
  );
});

test("checkJournal() names both sides under a sleeping run whose activity was renamed", async () => {
  using journal = new Journal();
  await journal.fill();
  const [run, other] = await journal.check([sleeper("test.newPrice"), waiter]);
  assert.equal(run?.problem?.code, "HF-DETERMINISM");
  assert.equal(run.problem.details?.["sequence"], 1);
  assert.match(String(run.problem.details["expected"]), /^call 0 of activity test\.price /u);
  assert.match(String(run.problem.details["got"]), /^call 0 of activity test\.newPrice /u);
  assert.equal(other?.problem, undefined);
});

test("checkJournal() names a run whose workflow is gone", async () => {
  using journal = new Journal();
  await journal.fill();
  assert.deepEqual(verdicts(await journal.check([sleeper("test.price")])), [
    ["s", undefined],
    ["w", "HF-WORKFLOW-UNKNOWN"],
  ]);
});

test("checkJournal() looks while the owner works, and changes nothing", async () => {
  using journal = new Journal();
  await journal.fill();
  const before = readFileSync(journal.path);
  await journal.check([sleeper("test.newPrice"), waiter]);
  assert.deepEqual(readFileSync(journal.path), before);
  await using engine = await journal.open([sleeper("test.price"), waiter, done]);
  await engine.client.start(waiter, undefined, { id: "w2" });
  const runs = await journal.check([sleeper("test.newPrice"), waiter]);
  assert.deepEqual(verdicts(runs), [
    ["s", "HF-DETERMINISM"],
    ["w", undefined],
    ["w2", undefined],
  ]);
  assert.equal((await engine.describe("s")).status, "running");
  assert.deepEqual(await engine.verify(), []);
});

test("checkJournal() says of a stuck run that new code fits", async () => {
  using journal = new Journal();
  await journal.fill();
  {
    await using engine = await journal.open([sleeper("test.newPrice"), waiter]);
    await assert.rejects(engine.query({ id: "s", query: "any" }));
    assert.equal((await engine.describe("s")).status, "stuck");
  }
  const [stuck] = await journal.check([sleeper("test.newPrice"), waiter]);
  assert.deepEqual([stuck?.wasStuck, stuck?.problem?.code], [true, "HF-DETERMINISM"]);
  const [mended] = await journal.check([sleeper("test.price"), waiter]);
  assert.deepEqual([mended?.wasStuck, mended?.problem], [true, undefined]);
});

test("checkJournal() refuses where there is no journal, and makes none", async () => {
  using journal = new Journal();
  const missing = (): Promise<unknown> => journal.check([waiter]);
  await assert.rejects(missing, (error) => hasCode(error, "HF-STATE-MISSING"));
  await assert.rejects(missing, (error) => hasCode(error, "HF-STATE-MISSING"));
});
