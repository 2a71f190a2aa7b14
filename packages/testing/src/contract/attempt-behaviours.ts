// Behaviours of attempts: heartbeats, the abort signal, the time-outs, and what a cancellation stops.

import assert from "node:assert/strict";
import { type Activity, type Workflow, activity, hasCode, workflow } from "@holdfast/core";
import { z } from "zod";
import { code } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

export const never = (): Promise<never> => new Promise(() => undefined);

/** A workflow that makes one call. */
export function calling(called: Activity<number, number>): Workflow<number, number> {
  return workflow({
    name: "contract.calling",
    input: z.number(),
    output: z.number(),
    run: (ctx, input) => ctx.call(called, input),
  });
}

export const attemptBehaviours: readonly Behaviour[] = [
  {
    name: "an attempt that stops beating is given up, and its details reach the next one",
    definitions: () => [],
    async run(world) {
      const seen: unknown[] = [];
      const beating = activity({
        name: "contract.beating",
        input: z.number(),
        output: z.number(),
        effect: "external",
        timeouts: { attempt: "1h", heartbeat: "10s", total: "2h" },
        run: (input, a) => {
          seen.push(a.lastHeartbeat);
          if (a.attempt === 3) return input;
          a.heartbeat({ at: a.attempt });
          return never();
        },
      });
      const flow = calling(beating);
      await world.reopen([flow]);
      const start = world.clock.now();
      const run = await world.client.start(flow, 7, { id: "beating" });
      const result = run.result();
      await passTime(world, result, 60_000);
      assert.equal(await result, 7);
      assert.deepEqual(seen, [undefined, { at: 1 }, { at: 2 }]);
      assert.ok(world.clock.now() - start < 60_000, "an hour was not waited for");
    },
  },
  {
    name: "an attempt learns through its signal that it was given up",
    definitions: () => [],
    async run(world) {
      const reasons: unknown[] = [];
      const deaf = activity({
        name: "contract.deaf",
        input: z.number(),
        output: z.number(),
        effect: "external",
        retry: { attempts: 1 },
        timeouts: { attempt: "10s" },
        run: (_input, a) => {
          a.signal.addEventListener("abort", () => {
            reasons.push(a.signal.reason);
          });
          return never();
        },
      });
      const flow = calling(deaf);
      await world.reopen([flow]);
      const result = (await world.client.start(flow, 1, { id: "deaf" })).result();
      await passTime(world, result, 20_000);
      await assert.rejects(result, code("HF-ATTEMPT-TIMEOUT"));
      assert.equal(reasons.length, 1);
      assert.ok(hasCode(reasons[0], "HF-ATTEMPT-TIMEOUT"));
    },
  },
  {
    name: "a cancellation aborts an attempt without money, and no further one is made",
    definitions: () => [],
    async run(world) {
      let attempts = 0;
      let aborted = 0;
      const slow = activity({
        name: "contract.slow",
        input: z.number(),
        output: z.number(),
        effect: "external",
        run: (_input, a) => {
          attempts += 1;
          a.signal.addEventListener("abort", () => {
            aborted += 1;
          });
          return never();
        },
      });
      const flow = calling(slow);
      await world.reopen([flow]);
      const run = await world.client.start(flow, 1, { id: "slow" });
      await world.settle();
      await run.cancel({ reason: "enough" });
      await assert.rejects(run.result(), code("HF-CANCELLED"));
      await world.follow();
      assert.deepEqual([attempts, aborted], [1, 1]);
      assert.equal((await run.describe()).status, "cancelled");
    },
  },
  {
    name: "a call without money fails when its total is over, with its last failure as the cause",
    definitions: () => [],
    async run(world) {
      const failing = activity({
        name: "contract.failing",
        input: z.number(),
        output: z.number(),
        effect: "none",
        timeouts: { total: "10m" },
        run: () => {
          throw new Error("the feed is down");
        },
      });
      const flow = calling(failing);
      await world.reopen([flow]);
      const start = world.clock.now();
      const run = await world.client.start(flow, 1, { id: "failing" });
      await assert.rejects(world.drive(run.result()), (error) => {
        assert.ok(hasCode(error, "HF-TOTAL-EXCEEDED"));
        assert.match(error.message, /the feed is down/u);
        return true;
      });
      assert.ok(world.clock.now() <= start + 600_000);
    },
  },
];

/** Lets time pass while an attempt that never answers is in flight. */
export async function passTime(
  world: Parameters<Behaviour["run"]>[0],
  result: Promise<unknown>,
  limitMs: number,
): Promise<void> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  result.then(mark, mark);
  const end = world.clock.now() + limitMs;
  for (;;) {
    await world.settle();
    const { next } = world.clock;
    if (settled || next === undefined || next > end) return;
    world.clock.advanceTo(next);
  }
}
