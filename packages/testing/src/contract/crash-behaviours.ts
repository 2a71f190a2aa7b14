// Behaviours of crash loops: who is suspected, who runs alone, who goes into quarantine, and who does not.

import assert from "node:assert/strict";
import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { z } from "zod";
import { calling, never } from "./attempt-behaviours.ts";
import { code, double } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

/** An activity that is in flight whenever its process dies, until it is told to behave. */
class Poison {
  attempts = 0;
  behaves = false;
  readonly activity: Activity<number, number>;

  constructor(effect: "external" | "money" = "external") {
    this.activity = activity({
      name: "contract.poison",
      input: z.number(),
      output: z.number(),
      effect,
      timeouts: { total: "10h", attempt: "10h" },
      run: (input) => {
        this.attempts += 1;
        return this.behaves ? input : never();
      },
    });
  }
}

/** Calls the poison in one branch, and doubles in another as often as it is signalled. */
function branching(
  poison: Poison,
): Workflow<number, number, { more: z.ZodVoid }, { doubled: z.ZodNumber }> {
  return workflow({
    name: "contract.branching",
    input: z.number(),
    output: z.number(),
    signals: { more: z.void() },
    queries: { doubled: z.number() },
    run: async (ctx, input) => {
      let doubled = 1;
      ctx.onSignal("more", async () => {
        doubled = await ctx.call(double, doubled);
      });
      ctx.onQuery("doubled", () => doubled);
      return ctx.call(poison.activity, input);
    },
  });
}

const innocent: Workflow<number, number> = workflow({
  name: "contract.innocent",
  input: z.number(),
  output: z.number(),
  run: (ctx, input) => ctx.call(double, input),
});

async function crash(world: World, times: number): Promise<void> {
  for (let crashes = 0; crashes < times; crashes += 1) {
    await world.reopen();
    await world.settle();
  }
}

export const crashBehaviours: readonly Behaviour[] = [
  {
    name: "a call in flight in two crashes runs alone, and after three more is in quarantine; the rest goes on",
    definitions: () => [],
    async run(world) {
      const poison = new Poison();
      const flow = branching(poison);
      await world.reopen([flow, innocent]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await crash(world, 1);
      await run.signal("more");
      await world.settle();
      assert.equal(await run.query("doubled"), 2, "after one crash others run beside it");
      await crash(world, 1);
      const other = await world.client.start(innocent, 5, { id: "other" });
      await run.signal("more");
      await world.settle();
      assert.equal((await other.describe()).calls[0]?.state, "waiting", "it runs alone now");
      await crash(world, 2);
      assert.equal((await run.describe()).calls[0]?.state, "running");
      assert.equal((await other.describe()).status, "running");
      await crash(world, 1);
      assert.equal(await world.drive(other.result()), 10);
      assert.equal(await run.query("doubled"), 4, "its other branch goes on");
      const { calls, status } = await run.describe();
      assert.deepEqual(
        [status, calls[0]?.state, poison.attempts],
        ["quarantined", "quarantined", 5],
      );
      const { letters } = await world.engine.dead();
      assert.deepEqual(
        letters.map(({ id, kind, code: why, suggestion }) => [id, kind, why, suggestion]),
        [["run", "quarantined", "HF-QUARANTINED", "resolve"]],
      );
      await crash(world, 2);
      assert.equal(poison.attempts, 5, "nobody but a person lets it try again");
    },
  },
  {
    name: "suspects run one after the other, whatever their attempts come to, and the others after them",
    definitions: () => [],
    async run(world) {
      let hangs = true;
      let running: string[] = [];
      const seen: string[] = [];
      const crowd = activity({
        name: "contract.crowd",
        input: z.number(),
        output: z.number(),
        effect: "external",
        run: async (input, a) => {
          if (hangs) return never();
          running.push(a.ref);
          seen.push(running.join(" and "));
          await new Promise((resolve) => setImmediate(resolve));
          running = running.filter((ref) => ref !== a.ref);
          if (seen.length === 1) throw new Error("as any other");
          return input;
        },
      });
      const flow = workflow({
        name: "contract.crowding",
        input: z.number(),
        output: z.number(),
        run: (ctx, input) => ctx.call(crowd, input, { ref: ctx.info.id }),
      });
      await world.reopen([flow, innocent]);
      const suspects = await Promise.all(
        [1, 2, 3].map((n) => world.client.start(flow, n, { id: `suspect-${n}` })),
      );
      await world.settle();
      await crash(world, 1);
      hangs = false;
      await world.reopen();
      const other = await world.client.start(innocent, 5, { id: "other" });
      const results = [...suspects, other].map((run) => run.result());
      assert.deepEqual(await world.drive(Promise.all(results)), [1, 2, 3, 10]);
      assert.deepEqual(seen, ["suspect-1", "suspect-2", "suspect-3", "suspect-1"]);
    },
  },
  {
    name: "after a crash suspects begin before all others; later one waits until nothing else is in flight",
    definitions: () => [],
    async run(world) {
      const poison = new Poison();
      let answer = (_output: number): void => undefined;
      let calls = 0;
      const slow = activity({
        name: "contract.slow",
        input: z.number(),
        output: z.number(),
        effect: "external",
        timeouts: { attempt: "10h", total: "10h" },
        run: () => {
          calls += 1;
          return new Promise<number>((resolve) => (answer = resolve));
        },
      });
      const flow = calling(poison.activity);
      const elder = workflow({
        name: "contract.elder",
        input: z.void(),
        output: z.number(),
        signals: { go: z.void() },
        run: async (ctx) => {
          let goes = false;
          ctx.onSignal("go", () => {
            goes = true;
          });
          await ctx.until(() => goes);
          return ctx.call(slow, 1);
        },
      });
      await world.reopen([elder, flow]);
      const first = await world.client.start(elder, undefined, { id: "elder" });
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await crash(world, 1);
      await first.signal("go");
      await world.settle();
      await crash(world, 1);
      assert.deepEqual([poison.attempts, calls], [3, 1]);
      await crash(world, 3);
      assert.deepEqual([poison.attempts, calls], [5, 2]);
      const key = (await run.describe()).calls[0]?.key ?? "";
      const decision = { actor: "ann", reason: "mended", requestId: "r" } as const;
      poison.behaves = true;
      await world.engine.apply([
        { kind: "resolve", id: "run", key, resolution: { kind: "resend" }, ...decision },
      ]);
      await world.settle();
      assert.equal(poison.attempts, 5, "it waits for the other attempt");
      answer(3);
      assert.deepEqual([await first.result(), await run.result()], [3, 7]);
    },
  },
  {
    name: "a person lets a call out of quarantine: it is tried again, alone, and its count begins anew",
    definitions: () => [],
    async run(world) {
      const poison = new Poison("money");
      const flow = calling(poison.activity);
      await world.reopen([flow, innocent]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await crash(world, 5);
      const resend = async (requestId: string): Promise<void> => {
        const [call] = (await run.describe()).calls;
        assert.equal(call?.state, "quarantined");
        const common = { actor: "ann", reason: "the driver is mended", requestId } as const;
        await world.engine.apply([
          { kind: "resolve", id: "run", key: call.key, resolution: { kind: "resend" }, ...common },
        ]);
        await world.settle();
      };
      await resend("one");
      const other = await world.client.start(innocent, 5, { id: "other" });
      await world.settle();
      assert.equal((await other.describe()).status, "running", "the call is in flight, alone");
      await crash(world, 2);
      assert.equal((await run.describe()).status, "running");
      await crash(world, 1);
      assert.equal(await world.drive(other.result()), 10);
      poison.behaves = true;
      await resend("two");
      assert.equal(await world.drive(run.result()), 7);
      assert.deepEqual((await world.engine.dead()).letters, []);
    },
  },
  {
    name: "a call in quarantine may be settled by a person without another attempt",
    definitions: () => [],
    async run(world) {
      const poison = new Poison();
      const flow = calling(poison.activity);
      await world.reopen([flow]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await crash(world, 5);
      const key = (await run.describe()).calls[0]?.key ?? "";
      const common = { actor: "ann", reason: "not worth it", requestId: "r" } as const;
      await world.engine.apply([
        { kind: "resolve", id: "run", key, resolution: { kind: "not-done" }, ...common },
      ]);
      await assert.rejects(world.drive(run.result()), code("HF-RESOLVED-NOT-DONE"));
      assert.equal(poison.attempts, 5);
    },
  },
  {
    name: "clean stops do not count as crashes",
    definitions: () => [],
    async run(world) {
      const poison = new Poison();
      const flow = calling(poison.activity);
      await world.reopen([flow, innocent]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      for (let stops = 0; stops < 6; stops += 1) {
        await world.engine[Symbol.asyncDispose]();
        await crash(world, 1);
      }
      const other = await world.client.start(innocent, 5, { id: "other" });
      assert.equal(await other.result(), 10, "nothing runs alone");
      assert.deepEqual([(await run.describe()).status, poison.attempts], ["running", 7]);
    },
  },
  {
    name: "an attempt that ends by itself ends the suspicion",
    definitions: () => [],
    async run(world) {
      let fail = (_error: Error): void => undefined;
      const suspect = activity({
        name: "contract.suspect",
        input: z.number(),
        output: z.number(),
        effect: "external",
        timeouts: { attempt: "1h", total: "10h" },
        run: () => new Promise<number>((_resolve, reject) => (fail = reject)),
      });
      const flow = calling(suspect);
      await world.reopen([flow, innocent]);
      const run = await world.client.start(flow, 7, { id: "run" });
      await world.settle();
      await crash(world, 1);
      fail(new Error("as any other"));
      await world.settle();
      world.clock.advanceTo(world.clock.now() + 1_000);
      await world.settle();
      await crash(world, 1);
      assert.equal((await run.describe()).calls[0]?.state, "running");
      const other = await world.client.start(innocent, 5, { id: "other" });
      await world.settle();
      assert.equal((await other.describe()).status, "completed", "they run beside each other");
    },
  },
  {
    name: "a call that waits for its next attempt was not in flight at a crash",
    definitions: () => [],
    async run(world) {
      let attempts = 0;
      const failing = activity({
        name: "contract.resting",
        input: z.number(),
        output: z.number(),
        effect: "external",
        retry: { first: "1h", max: "1h" },
        timeouts: { total: "100h" },
        run: (input) => {
          attempts += 1;
          if (attempts === 1) throw new Error("later");
          return input;
        },
      });
      const poison = new Poison();
      const flows = [calling(failing), branching(poison)] as const;
      await world.reopen(flows);
      const run = await world.client.start(flows[0], 7, { id: "run" });
      await world.settle();
      await crash(world, 6);
      await world.client.start(flows[1], 1, { id: "beside" });
      await world.settle();
      assert.deepEqual([poison.attempts, attempts], [1, 1]);
      const { next } = world.clock;
      world.clock.advanceTo(next ?? 0);
      await world.settle();
      assert.equal(await run.result(), 7, "it runs beside another attempt");
    },
  },
];
