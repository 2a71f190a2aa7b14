// Behaviours of runs that concern other runs: children, messages between runs, what a parent's end means.

import assert from "node:assert/strict";
import { type ChildOptions, type Workflow, done, signal, workflow } from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

const twice: Workflow<number, number> = workflow({
  name: "contract.twice",
  input: z.number().int(),
  output: z.number(),
  run: async (ctx, n) => {
    if (n < 0) throw new Error("no negative numbers");
    return ctx.call(double, n);
  },
});

const waiter = workflow({
  name: "contract.waiter",
  input: z.object({ clean: z.boolean().default(false) }),
  output: z.string(),
  signals: { word: z.string().min(1), stop: signal() },
  queries: { parent: z.string().optional() },
  run: async (ctx, { clean }) => {
    const words: string[] = [];
    let stopped = false;
    ctx.onSignal("word", (word) => {
      words.push(word);
    });
    ctx.onSignal("stop", () => {
      stopped = true;
    });
    ctx.onQuery("parent", () => ctx.info.parent);
    try {
      await ctx.until(() => stopped);
      return words.join(" ");
    } catch (error) {
      if (clean) await ctx.shield((shielded) => shielded.call(double, 1));
      throw error;
    }
  },
});

/** A parent that waits for its child, or does not. */
const parent = workflow({
  name: "contract.parent",
  input: z.object({
    options: z.record(z.string(), z.string()).default({}),
    wait: z.boolean().default(true),
  }),
  output: z.string(),
  run: async (ctx, { options, wait }) => {
    const child = await ctx.startChild(waiter, {}, { id: "kid", ...(options as ChildOptions) });
    if (wait) return child.result();
    return child.runId;
  },
});

const family = workflow({
  name: "contract.family",
  input: z.array(z.number()),
  output: z.array(z.number()),
  run: async (ctx, numbers) => Promise.all(numbers.map((n) => ctx.child(twice, n))),
});

const sender = workflow({
  name: "contract.sender",
  input: z.object({ to: z.string(), words: z.array(z.string()), stop: z.boolean() }),
  output: z.array(z.string()),
  run: async (ctx, { to, words, stop }) => {
    const other = ctx.run(waiter, to);
    const outcomes: string[] = [];
    const note = (sent: Promise<void>): Promise<void> =>
      sent.then(
        () => void outcomes.push("sent"),
        (error: { code?: string }) => void outcomes.push(error.code ?? "?"),
      );
    for (const word of words) await note(other.signal("word", word));
    await note(stop ? other.signal("stop") : other.cancel("enough"));
    return outcomes;
  },
});

const statusOf = async (world: World, id: string): Promise<string> =>
  (await world.engine.describe(id)).status;

interface ParentInput {
  readonly options?: Record<string, string>;
  readonly wait?: boolean;
}

async function startParent(world: World, input: ParentInput): Promise<void> {
  await world.client.start(parent, input, { id: "dad" });
  await world.settle();
}

export const childBehaviours: readonly Behaviour[] = [
  {
    name: "child() runs another workflow and gives its output; many run side by side",
    definitions: () => [family, twice],
    async run(world) {
      const run = await world.client.start(family, [1, 2, 3], { id: "family" });
      assert.deepEqual(await world.drive(run.result()), [2, 4, 6]);
      const children = (await world.engine.list({ parent: "family" })).runs;
      assert.deepEqual(children.map(({ id }) => id).sort(), [
        "family/contract.twice/0",
        "family/contract.twice/1",
        "family/contract.twice/2",
      ]);
    },
  },
  {
    name: "child() throws the child's failure, and the child is no dead letter of its own",
    definitions: () => [family, twice],
    async run(world) {
      const run = await world.client.start(family, [-1], { id: "family" });
      await assert.rejects(world.drive(run.result()), /no negative numbers/u);
      const dead = await world.engine.dead();
      assert.deepEqual(
        dead.letters.map(({ id, kind }) => [id, kind]),
        [["family", "failed"]],
      );
    },
  },
  {
    name: "child() refuses an input that the child's schema does not accept, and starts nothing",
    definitions: () => [family, twice],
    async run(world) {
      const run = await world.client.start(family, [1.5], { id: "family" });
      await assert.rejects(world.drive(run.result()), code("HF-INPUT-INVALID"));
      assert.equal((await world.engine.list({ parent: "family" })).runs.length, 0);
    },
  },
  {
    name: "startChild() is refused where a foreign run has the id",
    definitions: () => [parent, waiter],
    async run(world) {
      await world.client.start(waiter, {}, { id: "kid" });
      const run = await world.client.start(parent, {}, { id: "dad" });
      await assert.rejects(world.drive(run.result()), code("HF-RUN-EXISTS"));
      assert.equal(await statusOf(world, "kid"), "running");
    },
  },
  {
    name: "startChild() under an id that the same parent has used is refused, while that child is open and after",
    definitions: () => [twins, waiter],
    async run(world) {
      const run = await world.client.start(twins, undefined, { id: "dad" });
      await world.settle();
      await world.client.run(waiter, "kid").signal("stop");
      assert.deepEqual(await world.drive(run.result()), ["HF-RUN-EXISTS", "", "HF-RUN-EXISTS"]);
    },
  },
  {
    name: "a child knows its parent, and acts for the parent's account",
    definitions: () => [parent, waiter],
    async run(world) {
      await world.client.start(parent, {}, { id: "dad", account: "other" });
      await world.settle();
      assert.equal(await world.client.run(waiter, "kid").query("parent"), "dad");
      assert.equal((await world.engine.describe("kid")).account, "other");
    },
  },
  {
    name: "a parent is told of its child's end after a crash of both",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, {});
      await world.reopen();
      await world.client.run(waiter, "kid").signal("word", "late");
      await world.client.run(waiter, "kid").signal("stop");
      assert.equal(await world.drive(world.client.run(parent, "dad").result()), "late");
    },
  },
  {
    name: "a parent's end asks its child to cancel, and the child cleans up",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, { wait: false });
      await world.drive(world.client.run(parent, "dad").result());
      await assert.rejects(
        world.drive(world.client.run(waiter, "kid").result()),
        code("HF-CANCELLED"),
      );
    },
  },
  {
    name: "a parent's end terminates its child where it was told to",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, { wait: false, options: { onParentClose: "terminate" } });
      await world.drive(world.client.run(parent, "dad").result());
      await world.settle();
      assert.equal(await statusOf(world, "kid"), "terminated");
    },
  },
  {
    name: "a parent's end leaves an abandoned child alone",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, { wait: false, options: { onParentClose: "abandon" } });
      await world.drive(world.client.run(parent, "dad").result());
      await world.settle();
      assert.equal(await statusOf(world, "kid"), "running");
    },
  },
  {
    name: "a terminated parent's child is told too",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, {});
      await world.engine.apply([{ kind: "terminate", id: "dad", reason: "test" }]);
      await world.settle();
      assert.equal(await statusOf(world, "dad"), "terminated");
      assert.equal(await statusOf(world, "kid"), "cancelled");
    },
  },
  {
    name: "cancelling a parent cancels the child it waits for, and waits for its end",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, {});
      await world.client.run(parent, "dad").cancel();
      await assert.rejects(
        world.drive(world.client.run(parent, "dad").result()),
        code("HF-CANCELLED"),
      );
      assert.equal(await statusOf(world, "kid"), "cancelled");
      const kinds = (await world.engine.history("dad")).map(({ entry }) => entry.kind);
      assert.ok(kinds.includes("child-cancel-asked") && kinds.includes("child-failed"));
    },
  },
  {
    name: "a cancelled parent with onCancel abandon goes on at once and leaves its child",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, { options: { onCancel: "abandon", onParentClose: "abandon" } });
      await world.client.run(parent, "dad").cancel();
      await assert.rejects(
        world.drive(world.client.run(parent, "dad").result()),
        code("HF-CANCELLED"),
      );
      assert.equal(await statusOf(world, "kid"), "running");
    },
  },
  {
    name: "a cancelled parent with onCancel ask goes on at once and cancels its child",
    definitions: () => [parent, waiter],
    async run(world) {
      await startParent(world, { options: { onCancel: "ask", onParentClose: "abandon" } });
      await world.client.run(parent, "dad").cancel();
      await assert.rejects(
        world.drive(world.client.run(parent, "dad").result()),
        code("HF-CANCELLED"),
      );
      await world.settle();
      assert.equal(await statusOf(world, "kid"), "cancelled");
    },
  },
  {
    name: "a child that continues as new keeps its parent",
    definitions: () => [longParent, generations],
    async run(world) {
      const run = await world.client.start(longParent, undefined, { id: "dad" });
      assert.equal(await world.drive(run.result()), "generation 3 of dad");
    },
  },
  {
    name: "a loop waits for its children before it continues as new",
    definitions: () => [hiring, waiter],
    historySuggest: 3,
    async run(world) {
      const run = await world.client.start(hiring, 2, { id: "hiring" });
      await world.settle();
      assert.equal((await run.describe()).generation, 0);
      await world.client.run(waiter, "hiring/contract.waiter/0").signal("stop");
      await world.settle();
      assert.equal((await run.describe()).generation, 1);
      await world.client.run(waiter, "hiring+1/contract.waiter/0").signal("stop");
      assert.equal(await world.drive(run.result()), 2);
    },
  },
  {
    name: "a run signals to another, in order, and once however often it is replayed",
    definitions: () => [sender, waiter],
    async run(world) {
      const target = await world.client.start(waiter, {}, { id: "target" });
      const run = await world.client.start(
        sender,
        { to: "target", words: ["a", "b", "c"], stop: true },
        { id: "sender" },
      );
      assert.deepEqual(await world.drive(run.result()), ["sent", "sent", "sent", "sent"]);
      assert.equal(await world.drive(target.result()), "a b c");
    },
  },
  {
    name: "a run cancels another",
    definitions: () => [sender, waiter],
    async run(world) {
      const target = await world.client.start(waiter, {}, { id: "target" });
      await world.client.start(sender, { to: "target", words: [], stop: false }, { id: "sender" });
      await assert.rejects(world.drive(target.result()), code("HF-CANCELLED"));
    },
  },
  {
    name: "a message to a run that is unknown or closed, or that it refuses, fails with its code",
    definitions: () => [sender, waiter],
    async run(world) {
      const send = async (to: string, words: string[], id: string): Promise<readonly string[]> => {
        const run = await world.client.start(sender, { to, words, stop: true }, { id });
        return world.drive(run.result());
      };
      assert.deepEqual(await send("nobody", [], "s1"), ["HF-RUN-UNKNOWN"]);
      const target = await world.client.start(waiter, {}, { id: "target" });
      assert.deepEqual(await send("target", [""], "s2"), ["HF-INPUT-INVALID", "sent"]);
      await world.drive(target.result());
      assert.deepEqual(await send("target", ["x"], "s3"), ["HF-RUN-CLOSED", "HF-RUN-CLOSED"]);
    },
  },
];

const generations = workflow({
  name: "contract.generations",
  input: z.number(),
  output: z.string(),
  run: async (ctx, n) => {
    await ctx.sleep("1h");
    if (n < 3) return ctx.continueAs(n + 1);
    return `generation ${ctx.info.generation} of ${ctx.info.parent}`;
  },
});

const longParent = workflow({
  name: "contract.long-parent",
  input: z.undefined(),
  output: z.string(),
  run: async (ctx) => ctx.child(generations, 0),
});

const hiring = workflow({
  name: "contract.hiring",
  input: z.number(),
  output: z.number(),
  run: async (ctx, end) =>
    ctx.loop(0, async (n) => {
      if (n === end) return done(n);
      await ctx.startChild(waiter, {});
      return n + 1;
    }),
});

const twins = workflow({
  name: "contract.twins",
  input: z.undefined(),
  output: z.array(z.string()),
  run: async (ctx) => {
    const kid = { id: "kid" } as const;
    const refusal = (error: { code?: string }): string => error.code ?? "?";
    const first = await ctx.startChild(waiter, {}, kid);
    const second = await ctx.startChild(waiter, {}, kid).then(() => "begun", refusal);
    const result = await first.result();
    return [second, result, await ctx.child(waiter, {}, kid).catch(refusal)];
  },
});
