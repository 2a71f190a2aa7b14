// Behaviours of code that changes under a sleeping run, and of what a run says about itself.

import assert from "node:assert/strict";
import { type Workflow, type WorkflowContext, decode, signal, workflow } from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

type Body = (ctx: WorkflowContext) => Promise<string>;

/** One workflow in two states of its code. */
function versions(
  before: Body,
  after: Body,
): readonly [Workflow<void, string>, Workflow<void, string>] {
  const version = (body: Body): Workflow<void, string> =>
    workflow({
      name: "contract.versioned",
      input: z.void(),
      output: z.string(),
      signals: { go: signal() },
      run: async (ctx) => body(ctx as unknown as WorkflowContext),
    });
  return [version(before), version(after)];
}

interface Stuck {
  /** What its problem says. */
  readonly stuck: RegExp;
  /** What it may say instead where a server finds the difference. */
  readonly remotely?: RegExp;
}

/** A change of code under a run that sleeps. */
function change(name: string, before: Body, after: Body, outcome: string | Stuck): Behaviour {
  const [first, second] = versions(before, after);
  return {
    name,
    definitions: () => [first],
    async run(world) {
      const run = await world.client.start(first, undefined, { id: "run" });
      await world.settle();
      await world.reopen([second]);
      await world.settle();
      if (typeof outcome === "string") {
        assert.equal(await world.drive(world.client.run(second, "run").result()), outcome);
        return;
      }
      // A sleeping run is looked at when it wakes.
      world.clock.advanceTo(world.clock.now() + HOUR);
      await world.settle();
      const described = await run.describe();
      assert.equal(described.status, "stuck");
      const { stuck, remotely = stuck } = outcome;
      assert.match(described.problem?.message ?? "", world.remote ? remotely : stuck);
      const dead = await world.engine.dead({ kind: "stuck" });
      assert.deepEqual(
        dead.letters.map(({ id, suggestion }) => [id, suggestion]),
        [["run", "deploy"]],
      );
      // The code of before is deployed again: the run goes on, and the letter is gone.
      await world.reopen([first]);
      assert.equal(typeof (await world.drive(world.client.run(first, "run").result())), "string");
      assert.equal((await world.engine.dead()).total, 0);
    },
  };
}

const napThen =
  (ms: number, rest: Body): Body =>
  async (ctx) => {
    await ctx.sleep(ms);
    return rest(ctx);
  };
const say =
  (text: string): Body =>
  async () =>
    text;
const HOUR = 3_600_000;

const patchedLoop: Body = async (ctx) => {
  const seen: boolean[] = [];
  for (let n = 0; n < 3; n += 1) {
    seen.push(ctx.patched("new-step"));
    if (seen.at(-1) === true) await ctx.call(double, n);
    await ctx.sleep(HOUR);
  }
  return seen.join();
};
const plainLoop: Body = async (ctx) => {
  for (let n = 0; n < 3; n += 1) await ctx.sleep(HOUR);
  return "plain";
};
const patchGone: Body = async (ctx) => {
  for (let n = 0; n < 3; n += 1) {
    await ctx.call(double, n);
    await ctx.sleep(HOUR);
  }
  return "without asking";
};

const noted = workflow({
  name: "contract.noted",
  input: z.number(),
  output: z.object({ tags: z.unknown(), memo: z.unknown() }),
  run: async (ctx, generation) => {
    ctx.tag({ step: generation, symbol: "BTC-PERP" });
    ctx.memo({ [`note${generation}`]: new Date(generation) });
    await ctx.sleep("1m");
    if (generation < 1) return ctx.continueAs(generation + 1);
    return { tags: ctx.info.tags, memo: ctx.info.memo };
  },
});

export const versionBehaviours: readonly Behaviour[] = [
  change(
    "code that changes only what is ahead of a sleeping run takes over",
    napThen(HOUR, say("before")),
    napThen(HOUR, say("after")),
    "after",
  ),
  change(
    "code that changes what a run has done parks it as stuck with the difference",
    napThen(HOUR, say("before")),
    napThen(2 * HOUR, say("after")),
    { stuck: /Expected from history: timer 0 until .* Got from code: timer 0 until/u },
  ),
  change(
    "code that calls another activity than before is stuck",
    async (ctx) => {
      await ctx.call(double, 1);
      return napThen(HOUR, say("slept"))(ctx);
    },
    async (ctx) => `${await ctx.call({ ...double, name: "contract.triple" }, 1)}`,
    { stuck: /contract\.double.*contract\.triple/u },
  ),
  change(
    "code that does less than history says is stuck",
    async (ctx) => {
      await Promise.all([ctx.sleep(HOUR), ctx.sleep(2 * HOUR)]);
      return "both";
    },
    napThen(HOUR, say("one")),
    { stuck: /Got from code: nothing/u, remotely: /Got from code: nothing|Nondeterminism/u },
  ),
  change(
    "patched() is false where history has passed, and true from there on",
    plainLoop,
    patchedLoop,
    "false,true,true",
  ),
  change(
    "a patch that a run has may be taken out of the code",
    patchedLoop,
    patchGone,
    "without asking",
  ),
  {
    name: "patched() is true in a new run, and stays so on replay",
    definitions: () => [versions(patchedLoop, patchedLoop)[0]],
    async run(world) {
      const [flow] = versions(patchedLoop, patchedLoop);
      const run = await world.client.start(flow, undefined, { id: "run" });
      await world.settle();
      await world.reopen();
      assert.equal(await world.drive(run.result()), "true,true,true");
    },
  },
  {
    name: "what is sent to a stuck run is kept for code that fits",
    definitions: () => [],
    async run(world) {
      const gate: Body = async (ctx) => {
        let open = false;
        ctx.onSignal("go", () => {
          open = true;
        });
        await ctx.until(() => open);
        return "open";
      };
      const [before, after] = versions(gate, napThen(HOUR, say("other")));
      await world.reopen([before]);
      const run = await world.client.start(before, undefined, { id: "run" });
      await world.reopen([after]);
      await world.settle();
      assert.equal((await run.describe()).status, "running");
      await world.client.run(before, "run").signal("go");
      await world.settle();
      assert.equal((await run.describe()).status, "stuck");
      await world.reopen([before]);
      assert.equal(await world.drive(world.client.run(before, "run").result()), "open");
    },
  },
  {
    name: "tag() makes a run findable by name, value and type; tags and memo last over generations",
    definitions: () => [noted],
    async run(world) {
      const run = await world.client.start(noted, 0, {
        id: "noted",
        tags: { desk: "A", live: false },
        memo: { by: "me" },
      });
      const found = async (tags: Record<string, string | number | boolean>): Promise<number> =>
        (await world.engine.list({ tags })).runs.length;
      assert.deepEqual(
        [
          await found({ desk: "A", step: 0 }),
          await found({ step: "0" }),
          await found({ live: false }),
        ],
        [1, 0, 1],
      );
      const { tags, memo } = await world.drive(run.result());
      assert.deepEqual(tags, { desk: "A", live: false, step: 1, symbol: "BTC-PERP" });
      assert.deepEqual(memo, { by: "me", note0: new Date(0), note1: new Date(1) });
      const described = await run.describe();
      assert.deepEqual(described.tags, tags);
      assert.deepEqual(decode(described.memo ?? "null"), memo);
    },
  },
  {
    name: "tag() refuses what cannot be found again",
    definitions: () => [noted],
    async run(world) {
      const tags = { price: Number.NaN };
      await assert.rejects(world.client.start(noted, 0, { id: "x", tags }), code("HF-TAG-INVALID"));
    },
  },
];
