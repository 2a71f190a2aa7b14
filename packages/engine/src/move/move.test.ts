// An engine that is left: it takes no new starts, its runs leave at the end of a loop's pass with everything that the
// next generation begins with, and what has a side here stays.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type DrainReport,
  type LeavingRun,
  type MovedBook,
  type Workflow,
  activity,
  decode,
  done,
  guard,
  hasCode,
  signal,
  usdc,
  workflow,
} from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing";
import { z } from "zod";
import { type EmbeddedEngine, openEngine, openMovable } from "../index.ts";
import type { EngineOptions } from "../options.ts";

const pay = activity({
  name: "test.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "5m" },
  guard: () => ({ operation: "pay", kind: "open", amount: usdc("10.00") }),
  run: async (what) => `paid ${what}`,
});

const messages = { signals: { note: z.string(), end: signal() } };

/** Pays once in each pass, and sleeps. */
const looping: Workflow<string, number, (typeof messages)["signals"]> = workflow({
  name: "test.looping",
  input: z.string(),
  output: z.number(),
  ...messages,
  run: async (ctx, what) => {
    let isOver = false;
    ctx.onSignal("end", () => {
      isOver = true;
    });
    ctx.tag({ what });
    return ctx.loop(0, async (passes) => {
      await ctx.call(pay, what, { key: `${passes}`, ref: `${what}/${passes}` });
      await ctx.sleep("1d");
      return isOver ? done(passes) : passes + 1;
    });
  },
});

const asleep: Workflow<void, void> = workflow({
  name: "test.asleep",
  input: z.void(),
  output: z.void(),
  run: (ctx) => ctx.sleep("30d"),
});

/** Has a child in each pass that it does not wait for. */
const parent: Workflow<void, void> = workflow({
  name: "test.parent",
  input: z.void(),
  output: z.void(),
  run: (ctx) =>
    ctx.loop(0, async (passes) => {
      await ctx.startChild(asleep, undefined, { id: `child/${passes}`, onParentClose: "abandon" });
      await ctx.sleep("1d");
      return passes + 1;
    }),
});

/** Pays once more when its pass has ended already. */
const late: Workflow<void, void> = workflow({
  name: "test.late",
  input: z.void(),
  output: z.void(),
  run: (ctx) =>
    ctx.loop(0, async (passes) => {
      let isOver = false;
      void ctx
        .until(() => isOver)
        .then(() => ctx.call(pay, "late", { key: `late/${passes}`, ref: `late/${passes}` }));
      await ctx.sleep("1d");
      isOver = true;
      return passes + 1;
    }),
});

const DAY = 86_400_000;
const why = { actor: "ada", reason: "a test" };
const order = { kind: "drain", on: true, move: true, ...why } as const;

class Place implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-move-"));
  readonly path: string = join(this.folder, "journal.sqlite");
  readonly clock: VirtualClock = new VirtualClock();

  open(more: Partial<EngineOptions> = {}): Promise<EmbeddedEngine> {
    const definitions = [looping, asleep, parent, late];
    return openEngine({ path: this.path, definitions, clock: this.clock, ...more });
  }

  /** Until the run sleeps in its next pass, or has left. */
  async pass(engine: EmbeddedEngine): Promise<void> {
    await settled(engine);
    this.clock.advanceTo(this.clock.now() + DAY);
    await settled(engine);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function settled(engine: EmbeddedEngine): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await engine.idle();
    if (engine.inFlight > 0) quiet = -1;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

const code = (wanted: string) => (error: unknown) => hasCode(error, wanted);

function onlyOne({ leaving }: DrainReport): LeavingRun {
  assert.equal(leaving.length, 1);
  const [run] = leaving;
  assert.ok(run !== undefined);
  return run;
}

test("a drained engine refuses starts until that is undone, also after a restart", async () => {
  using place = new Place();
  {
    await using engine = await place.open();
    await engine.client.start(asleep, undefined, { id: "open" });
    await engine.apply([{ kind: "drain", on: true, except: ["test.looping"], ...why }]);
    const refused = engine.client.start(asleep, undefined, { id: "new" });
    await assert.rejects(refused, code("HF-ENGINE-DRAINED"));
    await (await engine.client.start(looping, "told", { id: "told" })).cancel();
    await settled(engine);
    // What is open is found as before.
    await engine.client.start(asleep, undefined, { id: "open" });
  }
  await using engine = await place.open();
  await assert.rejects(
    engine.client.start(asleep, undefined, { id: "new" }),
    code("HF-ENGINE-DRAINED"),
  );
  const { drained, open, total } = await engine.draining();
  assert.deepEqual([drained?.actor, drained?.move, total], ["ada", false, 1]);
  assert.deepEqual(
    open.map(({ id, stays }) => [id, stays]),
    [["open", ["it has no ctx.loop, and stays until it ends"]]],
  );
  await engine.apply([{ kind: "drain", on: false, ...why }]);
  await engine.client.start(asleep, undefined, { id: "new" });
});

test("a drained engine goes on with what it has, children included", async () => {
  using place = new Place();
  await using engine = await place.open();
  await engine.client.start(parent, undefined, { id: "p" });
  await settled(engine);
  await engine.apply([order]);
  await place.pass(engine);
  const { open } = await engine.draining();
  const found = open.map(({ id, stays }) => [id, stays]);
  assert.deepEqual(found, [
    ["child/1", ["it has no ctx.loop, and stays until it ends", 'its parent "p" waits for it']],
    ["child/0", ["it has no ctx.loop, and stays until it ends", 'its parent "p" waits for it']],
    ["p", ["children of it are open"]],
  ]);
});

test("a run leaves at the end of its pass with all that its next generation needs", async () => {
  using place = new Place();
  {
    await using engine = await place.open();
    const run = await engine.client.start(looping, "btc", { id: "l" });
    await settled(engine);
    await engine.apply([order]);
    await settled(engine);
    assert.equal((await engine.draining()).leaving.length, 0, "it is in the middle of its pass");
    await place.pass(engine);
    await assert.rejects(run.result(), code("HF-RUN-MOVED"));
  }
  await using engine = await place.open();
  const report = await engine.draining();
  const left = onlyOne(report);
  assert.deepEqual(
    [left.id, left.root, left.generation, left.account, left.step, report.total],
    ["l", "l", 1, "default", "waiting", 0],
  );
  assert.deepEqual(
    [decode(left.input), decode(left.loop ?? ""), left.tags],
    ["btc", 1, { what: "btc" }],
  );
  assert.equal(left.namespace, report.namespace);
  const { intents } = await engine.movedIntents({ run: "l" });
  assert.deepEqual(
    intents.map(({ ref, state, output, run }) => [ref, state, output, run]),
    [["btc/0", "done", '"paid btc"', "l"]],
  );
  await engine.apply([{ kind: "drain", on: true, ...why }]);
  assert.deepEqual(await engine.verify(), [], "its journal says by itself that it left");
});

test("a run that has left takes no message and no start", async () => {
  using place = new Place();
  await using engine = await place.open();
  const run = await engine.client.start(looping, "btc", { id: "l" });
  await engine.apply([order]);
  await place.pass(engine);
  onlyOne(await engine.draining());
  await assert.rejects(run.signal("end"), code("HF-RUN-MOVED"));
  await assert.rejects(run.cancel({ reason: "enough" }), code("HF-RUN-MOVED"));
  const again = { id: "l", onClosed: "restart", effects: "again" } as const;
  await assert.rejects(engine.client.start(looping, "btc", again), code("HF-RUN-MOVED"));
  const attached = await engine.client.start(looping, "btc", { id: "l", onClosed: "attach" });
  await assert.rejects(attached.result(), code("HF-RUN-MOVED"));
});

test("a message in the turn in which a run leaves is refused, and delivered once it is taken back", async () => {
  using place = new Place();
  await using engine = await place.open();
  const run = await engine.client.start(looping, "btc", { id: "l" });
  await engine.apply([order]);
  await settled(engine);
  place.clock.advanceTo(place.clock.now() + DAY);
  const tried = [0, 1, 2].map((n) =>
    run.signal("note", `n${n}`, { requestId: `n${n}` }).then(
      () => "taken",
      (error: unknown) => (hasCode(error, "HF-RUN-MOVED") ? "refused" : String(error)),
    ),
  );
  const said = await Promise.all(tried);
  await settled(engine);
  const left = onlyOne(await engine.draining());
  const carried = (left.signals ?? []).map(({ id }) => id);
  said.forEach((word, n) => {
    assert.equal(word === "taken", carried.includes(`n${n}`), `${word} ${String(carried)}`);
  });
});

test("a run that leaves waits for the money it has moved since, and its journal says so", async () => {
  using place = new Place();
  await using engine = await place.open({ shadowReplay: true });
  await engine.client.start(late, undefined, { id: "late" });
  await engine.apply([order]);
  await place.pass(engine);
  const { loop } = onlyOne(await engine.draining());
  assert.equal(decode(loop ?? ""), 1);
  const kinds = (await engine.history("late")).map(({ entry }) => entry.kind);
  assert.deepEqual(kinds.slice(-4), ["call", "closing", "done", "continued"]);
  await engine.apply([{ kind: "drain", on: true, ...why }]);
  assert.deepEqual(await engine.verify(), []);
});

test("what has left is taken back while nobody was asked to begin it", async () => {
  using place = new Place();
  await using engine = await place.open();
  const run = await engine.client.start(looping, "btc", { id: "l" });
  await engine.apply([order]);
  await place.pass(engine);
  onlyOne(await engine.draining());
  const undo = { kind: "drain", on: false, ...why } as const;
  await Promise.all([engine.apply([undo]), engine.apply([undo])]);
  await settled(engine);
  const { leaving, total } = await engine.draining();
  assert.deepEqual([leaving.length, total], [0, 1]);
  await run.signal("end");
  await place.pass(engine);
  assert.equal(await run.result(), 1);
  const { intents } = await engine.movedIntents({ run: "l" });
  assert.deepEqual(intents.map(({ ref }) => ref).sort(), ["btc/0", "btc/1"]);
  assert.deepEqual(await engine.verify(), []);
});

test("what was sent to another engine is not taken back", async () => {
  using place = new Place();
  await using engine = await place.open();
  await engine.client.start(looping, "btc", { id: "l" });
  await engine.apply([order]);
  await place.pass(engine);
  const { runId } = onlyOne(await engine.draining());
  await Promise.all([
    engine.apply([{ kind: "moving", runId, step: "sent" }]),
    engine.apply([{ kind: "drain", on: false, ...why }]),
  ]);
  await settled(engine);
  const left = onlyOne(await engine.draining());
  assert.equal(left.step, "sent");
  await engine.apply([{ kind: "moving", runId, step: "begun" }]);
  await engine.apply([{ kind: "moving", runId, step: "begun" }]);
  assert.deepEqual((await engine.draining()).leaving, []);
  await assert.rejects(
    engine.apply([{ kind: "moving", runId, step: "sent" }]),
    code("HF-NOT-LEAVING"),
  );
});

test("runs that are named stay, with the reason", async () => {
  using place = new Place();
  await using engine = await place.open();
  await engine.client.start(looping, "btc", { id: "l" });
  await engine.apply([{ ...order, stay: { l: "a run with this id is open there already" } }]);
  await place.pass(engine);
  const { open, leaving } = await engine.draining();
  assert.deepEqual(leaving, []);
  assert.deepEqual(open[0]?.stays, ["a run with this id is open there already"]);
});

test("openMovable() moves what a stopped process has left, and is its only owner", async () => {
  using place = new Place();
  {
    await using engine = await place.open();
    await engine.client.start(looping, "btc", { id: "l" });
    await engine.apply([order]);
    await place.pass(engine);
    assert.throws(() => openMovable(place.path), code("HF-STATE-LOCKED"));
  }
  {
    using journal = openMovable(place.path);
    const { runId } = onlyOne(await journal.report());
    assert.throws(() => {
      journal.drain({ on: false, ...why });
    }, code("HF-NOT-RUNNING"));
    assert.equal(journal.intents({ run: "l" }).intents.length, 1);
    journal.moving({ runId, step: "sent" });
    journal.moving({ runId, step: "begun" });
  }
  await using engine = await place.open();
  const { leaving, drained } = await engine.draining();
  assert.deepEqual([leaving, drained?.move], [[], true]);
  assert.deepEqual(await engine.verify(), []);
});

test("what the guard has counted goes along, of all or of one run, with whom a person has halted", async () => {
  using place = new Place();
  const policy = guard({
    budgets: [{ per: "agent", span: "total", limit: "40.00" }],
    freshness: "off",
  });
  const refsOf = ({ effects }: MovedBook) =>
    effects.map(({ ref, cost }) => `${ref} ${cost}`).sort();
  let known: MovedBook;
  {
    await using engine = await place.open({ guard: policy });
    for (const id of ["l", "m"]) await engine.client.start(looping, id, { id });
    await place.pass(engine);
    await engine.guard.halt({ scope: "agent:default", ...why });
    known = await engine.movedBook({});
    assert.deepEqual(refsOf(known), [
      "l/0 10000000",
      "l/1 10000000",
      "m/0 10000000",
      "m/1 10000000",
    ]);
    assert.deepEqual(
      known.modes.map(({ scope, cause, actor }) => [scope, cause, actor]),
      [["agent:default", "halt", "ada"]],
    );
    const ofOne = await engine.movedBook({ run: "m" });
    assert.deepEqual(refsOf(ofOne), ["m/0 10000000", "m/1 10000000"]);
    assert.deepEqual([ofOne.modes, ofOne.after], [known.modes, undefined]);
    assert.deepEqual((await engine.movedBook({ after: known.effects.at(-1)?.key })).effects, []);
  }
  using journal = openMovable(place.path);
  const { effects, modes } = journal.book({});
  assert.deepEqual([effects, modes], [known.effects, known.modes]);
});

test("a crash before the commit in which a run leaves leaves it here, one after it there", async () => {
  for (const point of ["commit.before", "commit.after"] as const) {
    using place = new Place();
    let armed = false;
    const engine = await place.open({
      point: (at) => {
        if (!armed || at !== point) return;
        armed = false;
        engine.abandon();
        throw new Error("crash");
      },
    });
    await engine.client.start(looping, "btc", { id: "l" });
    await engine.apply([order]);
    await settled(engine);
    armed = true;
    place.clock.advanceTo(place.clock.now() + DAY);
    await new Promise<void>((resolve) => {
      setImmediate(() => setImmediate(resolve));
    });
    await using again = await place.open();
    await settled(again);
    const { leaving } = await again.draining();
    // Brought back, it comes to the end of its pass again.
    assert.equal(leaving.length, 1, point);
    const { intents } = await again.movedIntents({ run: "l" });
    assert.deepEqual(
      intents.map(({ ref }) => ref),
      ["btc/0"],
      point,
    );
    assert.deepEqual(await again.verify(), []);
  }
});
