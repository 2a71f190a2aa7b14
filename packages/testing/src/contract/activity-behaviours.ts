// Behaviours of activities that take long: details that survive, completion from outside, delays that a failure
// asks for.

import assert from "node:assert/strict";
import {
  type Activity,
  type ActivityContext,
  HoldfastError,
  activity,
  encode,
  failure,
  toFailure,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { calling, never } from "./attempt-behaviours.ts";
import { code } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

/** An activity whose attempts hand out their contexts, and answer as told. */
class Handed {
  readonly attempts: ActivityContext[] = [];
  readonly activity: Activity<number, number>;

  constructor(
    effect: "external" | "money",
    answer: (a: ActivityContext) => number | Promise<number>,
    timeouts: { readonly heartbeat?: "10s" } = {},
  ) {
    this.activity = activity({
      name: "contract.handed",
      input: z.number(),
      output: z.number(),
      effect,
      timeouts: { total: "1h", attempt: "1m", ...timeouts },
      run: (_input, a) => {
        this.attempts.push(a);
        return answer(a);
      },
    });
  }

  get last(): ActivityContext {
    const found = this.attempts.at(-1);
    assert.ok(found !== undefined, "an attempt has begun");
    return found;
  }
}

const later = (a: ActivityContext): number => a.completeLater();

/** Starts a run that calls the activity once, and lets its attempt begin. */
async function begin(world: World, handed: Handed) {
  const flow = calling(handed.activity);
  await world.reopen([flow]);
  const run = await world.client.start(flow, 1, { id: "run" });
  await world.settle();
  return run;
}

async function pass(world: World, ms: number): Promise<void> {
  world.clock.advanceTo(world.clock.now() + ms);
  await world.settle();
}

async function stateOf(world: World): Promise<string | undefined> {
  return (await world.engine.describe("run")).calls[0]?.state;
}

const Busy = failure()("CONTRACT-BUSY");

export const activityBehaviours: readonly Behaviour[] = [
  {
    name: "details of a heartbeat are on disk a second later, and reach the attempt after a crash",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", (a) => (a.attempt > 1 ? 7 : never()));
      const run = await begin(world, handed);
      handed.last.heartbeat({ page: 1 });
      await pass(world, 1_000);
      handed.last.heartbeat({ page: 2 });
      await pass(world, 500);
      await world.reopen();
      assert.equal(await world.drive(run.result()), 7);
      // The second was half a second old: a server may have it by then, this machine's disk has not.
      const { page } = handed.last.lastHeartbeat as { readonly page: number };
      assert.ok(page === 1 || (world.remote && page === 2), `page ${page}`);
      assert.equal(handed.attempts.length, 2);
    },
  },
  {
    name: "details of a heartbeat are on disk before the heartbeat time-out, however short",
    definitions: () => [],
    async run(world) {
      const short = activity({
        name: "contract.short",
        input: z.number(),
        output: z.number(),
        effect: "external",
        timeouts: { heartbeat: "500ms" },
        run: (_input, a) => {
          if (a.lastHeartbeat !== undefined) return Number(a.lastHeartbeat);
          a.heartbeat(5);
          return never();
        },
      });
      const flow = calling(short);
      await world.reopen([flow]);
      const run = await world.client.start(flow, 1, { id: "run" });
      await world.settle();
      await pass(world, 400);
      await world.reopen();
      assert.equal(await world.drive(run.result()), 5);
    },
  },
  {
    name: "details of a heartbeat reach the attempt after one that failed, also after a crash between them",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", (a) => {
        if (a.attempt === 2) return 7;
        a.heartbeat("half");
        throw new Error("the feed is down");
      });
      const run = await begin(world, handed);
      await world.reopen();
      assert.equal(await world.drive(run.result()), 7);
      assert.deepEqual(handed.last.lastHeartbeat, "half");
    },
  },
  {
    name: "a cancellation makes the next heartbeat of a call without money throw",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", never);
      const run = await begin(world, handed);
      handed.last.heartbeat();
      await run.cancel();
      await world.settle();
      assert.ok(handed.last.signal.aborted);
      assert.throws(() => {
        handed.last.heartbeat();
      }, code("HF-CANCELLED"));
      await assert.rejects(run.result(), code("HF-CANCELLED"));
    },
  },
  {
    name: "a cancelled scope makes the next heartbeat throw, and the run goes on",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", never);
      const flow = workflow({
        name: "contract.scoped",
        input: z.number(),
        output: z.string(),
        signals: { stop: z.void() },
        run: async (ctx, input) => {
          const scope = ctx.scope((inner) => inner.call(handed.activity, input));
          ctx.onSignal("stop", () => {
            scope.cancel("enough");
          });
          return scope.then(
            () => "done",
            () => "stopped",
          );
        },
      });
      await world.reopen([flow]);
      const run = await world.client.start(flow, 1, { id: "run" });
      await world.settle();
      handed.last.heartbeat();
      await run.signal("stop");
      assert.equal(await world.drive(run.result()), "stopped");
      assert.throws(() => {
        handed.last.heartbeat();
      }, code("HF-CANCELLED"));
    },
  },
  {
    name: "a cancellation does not abort a money call that was sent: its heartbeats go on, its outcome counts",
    definitions: () => [],
    async run(world) {
      let answer = (_output: number): void => undefined;
      const handed = new Handed("money", () => new Promise((resolve) => (answer = resolve)));
      const run = await begin(world, handed);
      await run.cancel();
      await world.settle();
      assert.equal(handed.last.signal.aborted, false);
      handed.last.heartbeat({ sent: true });
      answer(7);
      await world.settle();
      const entries = (await world.engine.history("run")).map(({ entry }) => entry);
      assert.ok(entries.some((entry) => entry.kind === "done" && entry.output === encode(7)));
    },
  },
  {
    name: "a call is completed by its token, after crashes too, once, and without another attempt",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      const { token } = handed.last;
      assert.equal(await stateOf(world), "elsewhere");
      // Far more crashes than would quarantine a call in flight, and far more time than an attempt has.
      for (let crash = 0; crash < 6; crash += 1) {
        await world.reopen();
        await pass(world, 120_000);
      }
      assert.equal(await stateOf(world), "elsewhere");
      const forged = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
      for (const wrong of [forged, "", "hft.1.0.x"]) {
        await assert.rejects(world.client.complete(wrong, 5), code("HF-TOKEN-UNKNOWN"));
      }
      await world.client.complete(token, 5, { requestId: "hook-1" });
      await world.client.complete(token, 5, { requestId: "hook-1" });
      await assert.rejects(world.client.complete(token, 6), code("HF-TOKEN-UNKNOWN"));
      assert.equal(await world.drive(run.result()), 5);
      await world.reopen();
      await world.client.complete(token, 5, { requestId: "hook-1" });
      await assert.rejects(world.client.complete(token, 6), code("HF-TOKEN-UNKNOWN"));
      assert.equal(handed.attempts.length, 1);
      assert.ok(!JSON.stringify(await world.engine.history("run")).includes(token.slice(-40)));
    },
  },
  {
    name: "of two completers at once the first counts and the second is refused",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      const { token } = handed.last;
      const both = await Promise.allSettled([
        world.client.complete(token, 1),
        world.client.complete(token, 2),
      ]);
      const first = both.findIndex(({ status }) => status === "fulfilled");
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      if (!world.remote) assert.equal(first, 0);
      assert.equal(await world.drive(run.result()), first + 1);
    },
  },
  {
    name: "one request cannot complete a call twice, and then completes nothing",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      const outcome = { kind: "done", output: encode(3) } as const;
      const complete = { kind: "complete", token: handed.last.token, outcome } as const;
      await assert.rejects(
        world.engine.apply([
          { ...complete, requestId: "x" },
          { ...complete, requestId: "y" },
        ]),
        code("HF-TOKEN-UNKNOWN"),
      );
      assert.equal(await stateOf(world), "elsewhere");
      await world.engine.apply([{ ...complete, requestId: "x" }]);
      assert.equal(await world.drive(run.result()), 3);
    },
  },
  {
    name: "an output that the activity's schema refuses leaves the call waiting",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      const { token } = handed.last;
      await assert.rejects(world.client.complete(token, "five"), code("HF-INPUT-INVALID"));
      assert.equal(await stateOf(world), "elsewhere");
      await world.client.complete(token, 5);
      assert.equal(await world.drive(run.result()), 5);
    },
  },
  {
    name: "a call may be completed before its attempt has returned",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", never);
      const run = await begin(world, handed);
      await world.client.complete(handed.last.token, 5);
      assert.equal(await run.result(), 5);
      assert.equal(world.engine.inFlight, 0, "what still runs holds nobody up");
    },
  },
  {
    name: "a call that nobody completes fails when its total is over",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const start = world.clock.now();
      const run = await begin(world, handed);
      await assert.rejects(world.drive(run.result()), code("HF-TOTAL-EXCEEDED"));
      assert.deepEqual([world.clock.now() - start, handed.attempts.length], [3_600_000, 1]);
    },
  },
  {
    name: "a money call that nobody completes is in doubt when its total is over, and may still be completed",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("money", later);
      const run = await begin(world, handed);
      const { token } = handed.last;
      await pass(world, 3_599_000);
      assert.equal(await stateOf(world), "elsewhere");
      await pass(world, 1_000);
      assert.equal(await stateOf(world), "in-doubt");
      const late = new Error("too late");
      await assert.rejects(world.client.completeWithFailure(token, late), code("HF-TOKEN-UNKNOWN"));
      await world.client.complete(token, 5);
      assert.equal(await world.drive(run.result()), 5);
      assert.equal(handed.attempts.length, 1);
    },
  },
  {
    name: "of two people who settle a doubt at once, and a completer, the first counts",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("money", later);
      const run = await begin(world, handed);
      await pass(world, 3_600_000);
      const key = (await run.describe()).calls[0]?.key ?? "";
      const settle = (actor: string): Promise<unknown> =>
        world.engine.apply([
          {
            kind: "resolve",
            id: "run",
            key,
            resolution: { kind: "not-done" },
            actor,
            reason: "not at the venue",
            requestId: actor,
          },
        ]);
      const all = await Promise.allSettled([
        settle("ann"),
        settle("bob"),
        world.client.complete(handed.last.token, 5),
      ]);
      const codes = all.map((one) =>
        one.status === "fulfilled" ? "" : toFailure(one.reason).code,
      );
      if (!world.remote) assert.deepEqual(codes, ["", "HF-NOT-IN-DOUBT", "HF-TOKEN-UNKNOWN"]);
      // Who is first over a network is nobody's promise; that the others are refused is.
      const first = codes.indexOf("");
      const late = codes.filter((_, index) => index !== first);
      for (const one of late)
        assert.ok(["HF-NOT-IN-DOUBT", "HF-TOKEN-UNKNOWN", "HF-RUN-CLOSED"].includes(one), one);
      const result = world.remote ? world.drive(run.result()) : run.result();
      if (first === 2) assert.equal(await result, 5);
      else await assert.rejects(result, code("HF-RESOLVED-NOT-DONE"));
    },
  },
  {
    name: "a refusal from outside fails a call, with money too, after a crash too",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("money", later);
      const run = await begin(world, handed);
      await world.reopen();
      const no = failure()("CONTRACT-DECLINED").create("The treasurer said no.", {});
      await world.client.completeWithFailure(handed.last.token, no, { requestId: "no-1" });
      await world.client.completeWithFailure(handed.last.token, no, { requestId: "no-1" });
      await assert.rejects(world.drive(run.result()), code("CONTRACT-DECLINED"));
      assert.equal(handed.attempts.length, 1);
    },
  },
  {
    name: "a failure from outside that may be retried leads to another attempt, with the same token",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      const { token } = handed.last;
      await world.client.completeWithFailure(token, new Error("the mail bounced"));
      await world.reopen();
      assert.equal(await stateOf(world), "waiting");
      await pass(world, 1_000);
      assert.equal(await stateOf(world), "elsewhere");
      assert.deepEqual([handed.last.attempt, handed.last.token], [2, token]);
      await world.client.complete(token, 5);
      assert.equal(await world.drive(run.result()), 5);
    },
  },
  {
    name: "a call that waits elsewhere is tried again when nobody beats for it",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later, { heartbeat: "10s" });
      const run = await begin(world, handed);
      const { token } = handed.last;
      for (let beat = 0; beat < 3; beat += 1) {
        await pass(world, 9_000);
        await world.client.heartbeat(token, { beat });
      }
      assert.equal(handed.attempts.length, 1);
      await pass(world, 10_000);
      await pass(world, 1_000);
      assert.equal(handed.attempts.length, 2);
      assert.deepEqual(handed.last.lastHeartbeat, { beat: 2 });
      await world.client.complete(token, 5);
      assert.equal(await world.drive(run.result()), 5);
      await assert.rejects(world.client.heartbeat(token), code("HF-TOKEN-UNKNOWN"));
    },
  },
  {
    name: "a cancellation ends a wait elsewhere at once, but not one with money",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("external", later);
      const run = await begin(world, handed);
      await run.cancel();
      await assert.rejects(run.result(), code("HF-CANCELLED"));
      await assert.rejects(world.client.complete(handed.last.token, 5), code("HF-TOKEN-UNKNOWN"));
      const money = new Handed("money", later);
      const flow = calling(money.activity);
      await world.reopen([flow]);
      const paying = await world.client.start(flow, 1, { id: "paying" });
      await world.settle();
      await paying.cancel();
      await world.settle();
      assert.equal((await paying.describe()).calls[0]?.state, "elsewhere");
      await world.client.complete(money.last.token, 5);
      await world.settle();
      const entries = (await world.engine.history("paying")).map(({ entry }) => entry);
      assert.ok(entries.some((entry) => entry.kind === "done" && entry.output === encode(5)));
    },
  },
  {
    name: "a local call cannot be completed later",
    definitions: () => [],
    async run(world) {
      const calm = activity({
        name: "contract.calm",
        input: z.number(),
        output: z.number(),
        effect: "none",
        run: (_input, a) => a.completeLater(),
      });
      const flow = workflow({
        name: "contract.locally-later",
        input: z.number(),
        output: z.number(),
        run: (ctx, input) => ctx.call(calm, input, { local: true }),
      });
      await world.reopen([flow]);
      const run = await world.client.start(flow, 1, { id: "run" });
      await assert.rejects(world.drive(run.result()), code("HF-COMPLETE-LATER"));
    },
  },
  {
    name: "a failure that says when to come back is not tried again before",
    definitions: () => [],
    async run(world) {
      const at: number[] = [];
      const handed = new Handed("money", (a) => {
        at.push(a.now());
        if (a.attempt < 4) throw Busy.create("The venue is busy.", {}, { retryAfterMs: 30_000 });
        return 7;
      });
      const run = await begin(world, handed);
      assert.equal(await world.drive(run.result()), 7);
      const waits = at.slice(1).map((instant, index) => instant - (at[index] ?? 0));
      for (const [index, wait] of waits.entries()) {
        assert.ok(wait >= 30_000, `waited ${wait} ms`);
        assert.ok(wait <= 30_000 + 1_000 * 2 ** index, `waited ${wait} ms: jitter comes on top`);
      }
    },
  },
  {
    name: "a failure that asks for more time than the total leaves fails at once",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("money", () => {
        throw Busy.create("The venue is busy.", {}, { retryAfterMs: 3_600_000 });
      });
      const start = world.clock.now();
      const run = await begin(world, handed);
      await assert.rejects(run.result(), code("HF-TOTAL-EXCEEDED"));
      assert.deepEqual([world.clock.now() - start, handed.attempts.length], [0, 1]);
    },
  },
  {
    name: "an unknown outcome with a delay beyond the total is in doubt at once",
    definitions: () => [],
    async run(world) {
      const handed = new Handed("money", () => {
        throw new HoldfastError("CONTRACT-LOST", "The answer was lost.", {
          outcome: "unknown",
          retryAfterMs: 7_200_000,
        });
      });
      const start = world.clock.now();
      await begin(world, handed);
      assert.equal(await stateOf(world), "in-doubt");
      assert.equal(world.clock.now(), start);
    },
  },
];
