// Behaviours of activities that run in threads: what they see, what they may not do, and that nobody waits for
// them.

import assert from "node:assert/strict";
import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { z } from "zod";
import { calling } from "./attempt-behaviours.ts";
import { code, double } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";
import { crunch, observer, outOfPlace, patient, stubborn } from "./thread-activities.ts";

const doubling: Workflow<number, number> = workflow({
  name: "contract.doubling",
  input: z.number(),
  output: z.number(),
  run: async (ctx, input) => ctx.call(double, await ctx.call(double, input)),
});

const observing = workflow({
  name: "contract.observing",
  input: z.number(),
  output: z.record(z.string(), z.unknown()),
  run: (ctx, input) => ctx.call(observer, input, { ref: "order-1", key: "one" }),
});

const misplaced = workflow({
  name: "contract.misplaced",
  input: z.enum(["use", "later", "token", "exit"]),
  output: z.number(),
  run: (ctx, what) => ctx.call(outOfPlace, what),
});

export const threadBehaviours: readonly Behaviour[] = [
  {
    name: "work in a thread holds up no other run",
    definitions: () => [],
    async run(world) {
      const crunching = calling(crunch);
      await world.reopen([crunching, doubling]);
      const order: string[] = [];
      const slow = await world.client.start(crunching, 1, { id: "slow" });
      await world.settle();
      const quick = await world.client.start(doubling, 5, { id: "quick" });
      await Promise.all([
        world.drive(slow.result()).then(() => order.push("slow")),
        quick.result().then(() => order.push("quick")),
      ]);
      assert.deepEqual(order, ["quick", "slow"]);
    },
  },
  {
    name: "an attempt in a thread sees its call, and its schemas are applied once",
    definitions: () => [],
    async run(world) {
      await world.reopen([observing]);
      const run = await world.client.start(observing, 5, { id: "run", account: "alice" });
      const seen = await world.drive(run.result());
      const [call] = (await world.engine.history("run")).flatMap(({ entry }) =>
        entry.kind === "call" ? [entry] : [],
      );
      assert.equal(typeof seen["part"], "string");
      assert.notEqual(seen["part"], seen["key"]);
      assert.deepEqual(
        { ...seen, part: "" },
        {
          input: 6,
          key: call?.key,
          ref: "order-1",
          attempt: 2,
          account: "alice",
          lastHeartbeat: { half: true },
          part: "",
          aborted: false,
          parsed: true,
        },
      );
    },
  },
  {
    name: "a loop without end in a thread is given up by its time-out, and tried again",
    definitions: () => [],
    async run(world) {
      const flow = calling(stubborn);
      await world.reopen([flow]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      world.clock.advanceTo(world.clock.now() + 10_000);
      assert.equal(await world.drive(run.result()), 7);
    },
  },
  {
    name: "a cancellation ends work in a thread",
    definitions: () => [],
    async run(world) {
      const flow = calling(patient);
      await world.reopen([flow]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await run.cancel();
      await assert.rejects(run.result(), code("HF-CANCELLED"));
      await world.follow();
      assert.equal(world.engine.inFlight, 0);
    },
  },
  {
    name: "what a thread cannot do fails with a reason, and a thread that ends fails its attempt alone",
    definitions: () => [],
    async run(world) {
      await world.reopen([misplaced, doubling]);
      const failing = async (what: "use" | "later" | "token" | "exit"): Promise<void> => {
        const run = await world.client.start(misplaced, what, { id: what });
        await world.drive(run.result());
      };
      await assert.rejects(failing("use"), code("HF-THREAD-RESOURCE"));
      await assert.rejects(failing("later"), code("HF-COMPLETE-LATER"));
      await assert.rejects(failing("token"), code("HF-COMPLETE-LATER"));
      await assert.rejects(failing("exit"), code("HF-THREAD-ENDED"));
      const run = await world.client.start(doubling, 5, { id: "after" });
      assert.equal(await world.drive(run.result()), 20);
    },
  },
  {
    name: "an activity that its module does not export fails with a reason; a local call in a thread parks",
    definitions: () => [],
    async run(world) {
      const hidden: Activity<number, number> = activity({
        name: "contract.hidden",
        input: z.number(),
        output: z.number(),
        effect: "none",
        isolate: "thread",
        module: import.meta.url,
        run: (input) => input,
      });
      const flow = calling(hidden);
      const locally = workflow({
        name: "contract.thread-locally",
        input: z.number(),
        output: z.number(),
        run: (ctx, input) => ctx.call(crunch, input, { local: true }),
      });
      await world.reopen([flow, locally]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await assert.rejects(world.drive(run.result()), code("HF-THREAD-MODULE"));
      const local = await world.client.start(locally, 7, { id: "local" });
      await assert.rejects(world.drive(local.result()), code("HF-LOCAL-THREAD"));
    },
  },
];
