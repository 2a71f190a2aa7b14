// Behaviours of local calls, of declared failures, and of limits.

import assert from "node:assert/strict";
import {
  type Activity,
  HoldfastError,
  PENDING_MAX,
  type Workflow,
  activity,
  failure,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

/** Fails until it has been tried so often. */
function flaky(times: number, tried: number[] = []): Activity<number, number> {
  return activity({
    name: "contract.flaky",
    input: z.number(),
    output: z.number(),
    effect: "none",
    run: (n, a) => {
      tried.push(a.attempt);
      if (tried.length <= times) throw new Error("not yet");
      return n + 1;
    },
  });
}

function locally(called: Activity<number, number>): Workflow<number, number> {
  return workflow({
    name: "contract.locally",
    input: z.number(),
    output: z.number(),
    run: async (ctx, count) => {
      let n = 0;
      for (let i = 0; i < count; i += 1) n = await ctx.call(called, n, { local: true });
      return n;
    },
  });
}

const patient = activity({
  name: "contract.patient",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: async (n) => n + 1,
});

const sending = activity({
  name: "contract.sending",
  input: z.number(),
  output: z.number(),
  effect: "external",
  run: (n) => n,
});

const Poor = failure<{ readonly need: number }>()("POOR");
const Closed = failure<{ readonly until: string }>()("CLOSED");

const buying = activity({
  name: "contract.buying",
  input: z.enum(["poor", "closed", "other", "ok"]),
  output: z.string(),
  effect: "none",
  retry: { attempts: 1 },
  failures: [Poor, Closed],
  run: (how) => {
    if (how === "poor") throw Poor.create("too poor", { need: 5 });
    if (how === "closed") throw Closed.create("closed", { until: "Monday" });
    if (how === "other") throw new HoldfastError("ELSE", "something else");
    return how;
  },
});

const shop = workflow({
  name: "contract.shop",
  input: z.enum(["poor", "closed", "other", "ok"]),
  output: z.string(),
  run: async (ctx, how) => {
    const result = await ctx.try(buying, how);
    if (result.ok) return result.value;
    if (!result.declared) return `undeclared ${result.failure.code}`;
    return result.failure.code === "POOR"
      ? `need ${result.failure.details.need}`
      : `until ${result.failure.details.until}`;
  },
});

const crowd = workflow({
  name: "contract.crowd",
  input: z.enum(["timers", "calls"]),
  output: z.string(),
  run: async (ctx, what) => {
    try {
      for (let n = 0; n <= PENDING_MAX; n += 1) {
        void (what === "timers" ? ctx.sleep("1w") : ctx.call(never, n));
      }
      return "all";
    } catch (error) {
      return (error as HoldfastError).code;
    }
  },
});

const never = activity({
  name: "contract.never",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: () => new Promise<number>(() => undefined),
});

const big = workflow({
  name: "contract.big",
  input: z.number(),
  output: z.string(),
  run: async (_ctx, size) => "x".repeat(size),
});

export const localBehaviours: readonly Behaviour[] = [
  {
    name: "a local call is decided and done in one activation",
    definitions: () => [locally(double)],
    async run(world) {
      const flow = locally(flaky(0));
      await world.reopen([flow]);
      const run = await world.client.start(flow, 5, { id: "local" });
      assert.equal(await world.drive(run.result()), 5);
      const entries = (await world.engine.history("local")).map(({ entry }) => entry.kind);
      assert.deepEqual(entries.slice(0, 3), ["started", "call", "done"]);
    },
  },
  {
    name: "a local call that fails is tried again like any other",
    definitions: () => [],
    async run(world) {
      const tried: number[] = [];
      const flow = locally(flaky(2, tried));
      await world.reopen([flow]);
      const run = await world.client.start(flow, 1, { id: "local" });
      assert.equal(await world.drive(run.result()), 1);
      assert.equal(tried.length, 3);
    },
  },
  {
    name: "a local call that waits is begun in its own time",
    definitions: () => [locally(patient)],
    async run(world) {
      const run = await world.client.start(locally(patient), 2, { id: "local" });
      assert.equal(await world.drive(run.result()), 2);
    },
  },
  {
    name: "a local call with an effect is refused",
    definitions: () => [locally(sending)],
    async run(world) {
      const run = await world.client.start(locally(sending), 1, { id: "local" });
      await assert.rejects(world.drive(run.result()), code("HF-LOCAL-EFFECT"));
    },
  },
  ...(
    [
      ["poor", "need 5"],
      ["closed", "until Monday"],
      ["other", "undeclared ELSE"],
      ["ok", "ok"],
    ] as const
  ).map(([how, expected]): Behaviour => ({
    name: `try() tells declared failures by their code: ${how}`,
    definitions: () => [shop],
    async run(world) {
      const run = await world.client.start(shop, how, { id: "shop" });
      assert.equal(await world.drive(run.result()), expected);
    },
  })),
  ...(["timers", "calls"] as const).map((what): Behaviour => ({
    name: `a run that leaves more than ${PENDING_MAX} ${what} open is refused the next`,
    definitions: () => [crowd],
    async run(world) {
      const run = await world.client.start(crowd, what, { id: "crowd" });
      assert.equal(await world.drive(run.result()), "HF-PENDING-LIMIT");
    },
  })),
  {
    name: "a payload over 2 MiB is refused: an input before it is sent, an output as the run's failure",
    definitions: () => [big],
    async run(world) {
      await assert.rejects(
        world.client.start(big, 1, { id: "x", memo: { text: "x".repeat(3_000_000) } }),
        code("HF-PAYLOAD-TOO-LARGE"),
      );
      const run = await world.client.start(big, 3_000_000, { id: "big" });
      await assert.rejects(world.drive(run.result()), code("HF-PAYLOAD-TOO-LARGE"));
    },
  },
];
