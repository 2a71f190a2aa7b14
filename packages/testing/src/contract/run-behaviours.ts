// Behaviours of runs as their callers see them: closed, unknown, started again, listed.

import assert from "node:assert/strict";
import { type Workflow, signal, workflow } from "@holdfast/core";
import { z } from "zod";
import { Effects, code, pay } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

function paidOnce(effects: Effects, fail: { now: boolean }): Workflow<void, number[]> {
  const paying = pay(effects, (_attempt, apply) => apply());
  return workflow({
    name: "contract.paid-once",
    input: z.void(),
    output: z.array(z.number()),
    run: async (ctx) => {
      const first = await ctx.call(paying, 1);
      if (fail.now) throw new Error("not today");
      return [first, await ctx.call(paying, 2)];
    },
  });
}

const forever = workflow({
  name: "contract.forever",
  input: z.undefined(),
  output: z.undefined(),
  signals: { go: signal() },
  run: async (ctx) => {
    ctx.onSignal("go", () => undefined);
    await ctx.until(() => false);
    return undefined;
  },
});

const nap = workflow({
  name: "contract.nap",
  input: z.undefined(),
  output: z.void(),
  run: async (ctx) => {
    await ctx.sleep("1h");
    await ctx.sleep("1h");
  },
});

const other = workflow({
  name: "contract.other",
  input: z.undefined(),
  output: z.void(),
  run: async (ctx) => ctx.sleep("1h"),
});

export const runBehaviours: readonly Behaviour[] = [
  {
    name: "a message to a closed run is refused with its outcome",
    definitions: () => [forever],
    async run(world) {
      const run = await world.client.start(forever, undefined, { id: "closed" });
      await run.cancel();
      await assert.rejects(world.drive(run.result()), code("HF-CANCELLED"));
      for (const send of [() => run.signal("go"), () => run.cancel()]) {
        await assert.rejects(send(), /is cancelled/u);
        await assert.rejects(send(), code("HF-RUN-CLOSED"));
      }
    },
  },
  {
    name: "a cancellation before the first activation closes the run without running it",
    definitions: () => [forever],
    async run(world) {
      const run = await world.client.start(forever, undefined, { id: "delayed", delay: "1h" });
      await run.cancel();
      await assert.rejects(world.drive(run.result()), code("HF-CANCELLED"));
    },
  },
  {
    name: "terminate() closes a run at once; nothing of it runs again",
    definitions: () => [forever],
    async run(world) {
      const run = await world.client.start(forever, undefined, { id: "ended" });
      await world.engine.apply([{ kind: "terminate", id: "ended", reason: "enough" }]);
      await assert.rejects(world.drive(run.result()), code("HF-TERMINATED"));
      await world.reopen();
      assert.equal((await run.describe()).status, "terminated");
    },
  },
  {
    name: "result() that comes too early is a time-out, and the run goes on",
    definitions: () => [forever],
    async run(world) {
      const run = await world.client.start(forever, undefined, { id: "slow" });
      await assert.rejects(world.drive(run.result({ timeout: "1m" })), code("HF-RESULT-TIMEOUT"));
      assert.equal((await run.describe()).status, "running");
    },
  },
  {
    name: "a run of unknown id is not found, whatever is asked of it",
    definitions: () => [forever],
    async run(world) {
      const run = world.client.run(forever, "nobody");
      for (const ask of [
        () => run.signal("go"),
        () => run.cancel(),
        () => run.result(),
        () => run.describe(),
        () => world.engine.history("nobody"),
        () => world.engine.query({ id: "nobody", query: "x" }),
      ]) {
        await assert.rejects(world.drive<unknown>(ask()), code("HF-RUN-UNKNOWN"));
      }
    },
  },
  {
    name: "start() with restart-failed and effects continue finishes what is missing, with the same keys",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const fail = { now: true };
      const flow = paidOnce(effects, fail);
      await world.reopen([flow]);
      const first = await world.client.start(flow, undefined, { id: "paid" });
      await assert.rejects(world.drive(first.result()), /not today/u);
      fail.now = false;
      const again = { id: "paid", onClosed: "restart-failed", effects: "continue" } as const;
      const second = await world.client.start(flow, undefined, again);
      assert.deepEqual(await world.drive(second.result()), [1, 2]);
      assert.equal(effects.count, 2);
      await world.client.start(flow, undefined, again);
      assert.equal((await second.describe()).status, "completed");
    },
  },
  {
    name: "start() with restart and effects again acts anew, with other keys",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const flow = paidOnce(effects, { now: false });
      await world.reopen([flow]);
      for (const more of [{}, { onClosed: "restart", effects: "again" } as const]) {
        const run = await world.client.start(flow, undefined, { id: "paid", ...more });
        await world.drive(run.result());
      }
      assert.equal(effects.count, 4);
    },
  },
  {
    name: "list() filters by workflow, status, account and id, and pages",
    definitions: () => [forever, other],
    async run(world) {
      for (const id of ["a1", "a2", "b1"]) {
        const account = id === "b1" ? "other" : "default";
        await world.client.start(forever, undefined, { id, account });
      }
      await world.client.run(forever, "a1").cancel();
      await world.settle();
      const ids = async (filter: Parameters<World["engine"]["list"]>[0]): Promise<string> =>
        (await world.engine.list(filter)).runs.map(({ id }) => id).join();
      assert.equal(await ids({}), "b1,a2,a1");
      assert.equal(await ids({ status: "open" }), "b1,a2");
      assert.equal(await ids({ status: "cancelled" }), "a1");
      assert.equal(await ids({ account: "other" }), "b1");
      assert.equal(await ids({ idPrefix: "a", status: "open" }), "a2");
      assert.equal(await ids({ workflow: "contract.other" }), "");
      const page = await world.engine.list({ limit: 2 });
      assert.equal(await ids({ limit: 2, cursor: page.cursor }), "a1");
    },
  },
  {
    name: "history() gives every entry with its place and the time of its commit",
    definitions: () => [nap],
    async run(world) {
      await world.client.start(nap, undefined, { id: "nap" });
      await world.drive(world.client.run(nap, "nap").result());
      const history = await world.engine.history("nap");
      assert.deepEqual(
        history.map(({ sequence }) => sequence),
        history.map((_, index) => index),
      );
      assert.ok(history.every(({ at }, index) => at >= (history[index - 1]?.at ?? 0)));
      const { historyLength } = await world.engine.describe("nap");
      assert.equal(historyLength, history.length);
    },
  },
];
