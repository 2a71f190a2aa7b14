// Behaviours of messages: updates with validation and answers, starting and messaging in one step, queries of
// runs that have closed.

import assert from "node:assert/strict";
import {
  HoldfastError,
  SIGNALS_MAX,
  UPDATES_MAX,
  decode,
  encode,
  signal,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

const updates = {
  set: { input: z.number(), output: z.object({ before: z.number() }) },
  slow: { input: z.string(), output: z.string() },
  fail: { input: z.undefined(), output: z.undefined() },
  undeclared: { input: z.undefined(), output: z.undefined() },
};

const account = workflow({
  name: "contract.account",
  input: z.number(),
  output: z.number(),
  signals: { close: signal(), poke: z.number() },
  queries: { amount: z.number() },
  updates,
  run: async (ctx, start) => {
    let amount = start;
    let closed = false;
    ctx.onQuery("amount", () => amount);
    ctx.onSignal("close", () => {
      closed = true;
    });
    ctx.onUpdate("set", {
      validate: (next) => {
        if (next > 100) throw new HoldfastError("TOO-MUCH", `${next} is more than 100`);
        if (next < 0) throw new Error("less than nothing");
      },
      apply: (next) => {
        const before = amount;
        amount = next;
        return { before };
      },
    });
    ctx.onUpdate("slow", {
      apply: async (text) => {
        await ctx.sleep("1h");
        return `${text} ${await ctx.call(double, amount)}`;
      },
    });
    ctx.onUpdate("fail", {
      apply: () => {
        throw new HoldfastError("NO-LUCK", "not today");
      },
    });
    await ctx.until(() => closed);
    return amount;
  },
});

const meddler = workflow({
  name: "contract.meddler",
  input: z.undefined(),
  output: z.void(),
  updates: { look: { input: z.undefined(), output: z.number() } },
  run: async (ctx) => {
    ctx.onUpdate("look", {
      validate: () => {
        void ctx.sleep("1s");
      },
      apply: () => 1,
    });
    await ctx.sleep("1w");
  },
});

const relay = workflow({
  name: "contract.update-relay",
  input: z.number(),
  output: z.string(),
  updates: { wait: { input: z.undefined(), output: z.string() } },
  run: async (ctx, n) => {
    ctx.onUpdate("wait", {
      apply: async () => {
        await ctx.sleep("1h");
        return `answered in generation ${ctx.info.generation}`;
      },
    });
    await ctx.sleep("1m");
    if (n > 0) return ctx.continueAs(n - 1);
    await ctx.sleep("1d");
    return "end";
  },
});

const open = { id: "acc" } as const;

export const messageBehaviours: readonly Behaviour[] = [
  {
    name: "update() is validated, applied and answered",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 5, open);
      assert.deepEqual(await world.drive(run.update("set", 7)), { before: 5 });
      assert.equal(await run.query("amount"), 7);
    },
  },
  {
    name: "update() that the validator refuses leaves no trace",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 5, open);
      await assert.rejects(world.drive(run.update("set", 101)), code("TOO-MUCH"));
      await assert.rejects(world.drive(run.update("set", -1)), code("HF-UPDATE-REFUSED"));
      assert.equal(await run.query("amount"), 5);
      const kinds = (await world.engine.history("acc")).map(({ entry }) => entry.kind);
      assert.ok(!kinds.includes("update"));
    },
  },
  {
    name: "update() refuses an input that its schema does not accept, before it is sent",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 5, open);
      await assert.rejects(run.update("set", "7" as never), code("HF-INPUT-INVALID"));
      await assert.rejects(run.update("nonsense" as "set", 7), code("HF-MESSAGE-UNKNOWN"));
    },
  },
  {
    name: "update() that throws fails the sender, not the run",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 5, open);
      await assert.rejects(world.drive(run.update("fail", undefined)), code("NO-LUCK"));
      assert.equal((await run.describe()).status, "running");
    },
  },
  {
    name: "update() may wait and call; a crash meanwhile does not lose its answer",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 4, open);
      const request = {
        id: "acc",
        update: "slow",
        input: encode("twice is"),
        requestId: "u1",
      };
      await world.engine.apply([{ kind: "update", ...request }]);
      await world.reopen();
      const result = await world.drive(world.engine.updated({ id: "acc", requestId: "u1" }));
      assert.equal(result.kind === "done" ? decode(result.output) : result.kind, "twice is 8");
      assert.equal(await run.query("amount"), 4);
    },
  },
  {
    name: "update() with the same id is one delivery and one answer",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      const first = await world.drive(run.update("set", 2, { requestId: "once" }));
      const second = await world.drive(run.update("set", 2, { requestId: "once" }));
      assert.deepEqual([first, second], [{ before: 1 }, { before: 1 }]);
    },
  },
  {
    name: "update() without a handler at this point is refused and may be sent again",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      await assert.rejects(
        world.drive(run.update("undeclared", undefined)),
        code("HF-UPDATE-UNHANDLED"),
      );
    },
  },
  {
    name: "update() is refused while ten others are being answered",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      const answers = Array.from({ length: 10 }, (_, n) => run.update("slow", String(n)));
      await world.settle();
      await assert.rejects(world.drive(run.update("set", 2)), code("HF-UPDATE-LIMIT"));
      assert.equal((await world.drive(Promise.all(answers))).length, 10);
      assert.deepEqual(await world.drive(run.update("set", 2)), { before: 1 });
    },
  },
  {
    name: "a run takes so many signals and updates in one generation, and no more",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      const signal = (n: number) =>
        ({
          kind: "signal",
          id: "acc",
          signal: "poke",
          payload: encode(n),
          requestId: `s${n}`,
        }) as const;
      await world.engine.apply(Array.from({ length: SIGNALS_MAX }, (_, n) => signal(n)));
      await assert.rejects(world.engine.apply([signal(SIGNALS_MAX)]), code("HF-SIGNAL-LIMIT"));
      const update = (n: number) =>
        ({
          kind: "update",
          id: "acc",
          update: "set",
          input: encode(n % 9),
          requestId: `u${n}`,
        }) as const;
      await world.engine.apply(Array.from({ length: UPDATES_MAX }, (_, n) => update(n)));
      await assert.rejects(world.drive(run.update("set", 3)), code("HF-UPDATE-LIMIT"));
    },
  },
  {
    name: "update() to a closed run is refused",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      await run.signal("close");
      await world.drive(run.result());
      await assert.rejects(world.drive(run.update("set", 2)), code("HF-RUN-CLOSED"));
    },
  },
  {
    name: "update() whose run closes before it answers fails with the outcome",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      const answer = run.update("slow", "x");
      answer.catch(() => undefined);
      await world.settle();
      await run.signal("close");
      await assert.rejects(world.drive(answer), code("HF-RUN-CLOSED"));
      assert.equal(await world.drive(run.result()), 1);
    },
  },
  {
    name: "update() whose answer is late can be asked for again",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 1, open);
      const asked = { requestId: "late", timeout: "1m" } as const;
      await assert.rejects(world.drive(run.update("slow", "x", asked)), code("HF-RESULT-TIMEOUT"));
      assert.equal(await world.drive(run.update("slow", "x", { requestId: "late" })), "x 2");
    },
  },
  {
    name: "a validator that gives commands is refused",
    definitions: () => [meddler],
    async run(world) {
      const run = await world.client.start(meddler, undefined, { id: "meddler" });
      await assert.rejects(world.drive(run.update("look", undefined)), code("HF-QUERY-COMMAND"));
    },
  },
  {
    name: "continueAs() waits for the updates it is answering",
    definitions: () => [relay],
    async run(world) {
      const run = await world.client.start(relay, 1, { id: "relay" });
      const first = world.client.run(relay, "relay").update("wait", undefined);
      assert.equal(await world.drive(first), "answered in generation 0");
      assert.equal((await run.describe()).generation, 1);
    },
  },
  {
    name: "signalWithStart() starts a run with its signal, or signals to the open one",
    definitions: () => [account],
    async run(world) {
      const begin = { ...open, signal: "close", payload: undefined } as const;
      const run = await world.client.signalWithStart(account, 3, begin);
      assert.equal(await world.drive(run.result()), 3);
      const other = await world.client.start(account, 9, { id: "open" });
      await world.client.signalWithStart(account, 3, { ...begin, id: "open" });
      assert.equal(await world.drive(other.result()), 9);
    },
  },
  {
    name: "updateWithStart() starts a run and gives the answer of its update",
    definitions: () => [account],
    async run(world) {
      const set = { ...open, update: "set", with: 8 } as const;
      assert.deepEqual(await world.drive(world.client.updateWithStart(account, 3, set)), {
        before: 3,
      });
      const again = { ...open, update: "set", with: 9 } as const;
      assert.deepEqual(await world.drive(world.client.updateWithStart(account, 3, again)), {
        before: 8,
      });
    },
  },
  {
    name: "updateWithStart() that is refused has started the run all the same",
    definitions: () => [account],
    async run(world) {
      const set = { ...open, update: "set", with: 200 } as const;
      await assert.rejects(
        world.drive(world.client.updateWithStart(account, 3, set)),
        code("TOO-MUCH"),
      );
      assert.equal((await world.engine.describe("acc")).status, "running");
    },
  },
  {
    name: "query() of a closed run answers from its journal, also after a restart",
    definitions: () => [account],
    async run(world) {
      const run = await world.client.start(account, 5, open);
      await world.drive(run.update("set", 6));
      await run.signal("close");
      await world.drive(run.result());
      assert.equal(await run.query("amount"), 6);
      await world.reopen();
      assert.equal(await world.client.run(account, "acc").query("amount"), 6);
    },
  },
  {
    name: "query() that is unknown, and one that gives commands, are refused and change nothing",
    definitions: () => [account, curious],
    async run(world) {
      const run = await world.client.start(curious, undefined, { id: "curious" });
      await assert.rejects(run.query("nap"), code("HF-QUERY-COMMAND"));
      await assert.rejects(
        world.engine.query({ id: "curious", query: "other" }),
        code("HF-QUERY-UNKNOWN"),
      );
      const before = (await world.engine.history("curious")).length;
      await run.query("fine");
      assert.equal((await world.engine.history("curious")).length, before);
    },
  },
];

const curious = workflow({
  name: "contract.curious",
  input: z.undefined(),
  output: z.void(),
  queries: { nap: z.undefined(), fine: z.number() },
  run: async (ctx) => {
    ctx.onQuery("nap", () => {
      void ctx.sleep("1s");
      return undefined;
    });
    ctx.onQuery("fine", () => 1);
    await ctx.sleep("1w");
  },
});
