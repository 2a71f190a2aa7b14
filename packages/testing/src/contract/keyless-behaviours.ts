// Behaviours of money calls at a venue that honours no keys: one at a time for each account, and what they keep
// before they send tells afterwards what they have done.

import assert from "node:assert/strict";
import {
  type Activity,
  type ActivityContext,
  HoldfastError,
  type Reconciliation,
  activity,
  resource,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { calling, never } from "./attempt-behaviours.ts";
import type { Behaviour, World } from "./harness.ts";

const SETTLE_MS = 5_000;

const keyless = resource({
  name: "contract.keyless",
  venue: { idempotency: "none", keyTtlMs: 86_400_000, settleMs: SETTLE_MS },
  bind: (raw: unknown) => raw,
});

const Kept = z.object({ attempt: z.number(), before: z.number() }).optional();

/** A venue that knows effects and no keys, and an activity that tells by their number which is its own. */
class Keyless {
  readonly effects: string[] = [];
  readonly reconciled: string[] = [];
  readonly activity: Activity<number, number>;
  inFlight = 0;
  inFlightMax = 0;

  constructor(send: (venue: Keyless, a: ActivityContext, input: number) => void | Promise<void>) {
    this.activity = activity({
      name: "contract.keyless",
      input: z.number(),
      output: z.number(),
      effect: "money",
      uses: { venue: keyless },
      timeouts: { total: "1h", attempt: "10s" },
      run: async (input, a) => {
        this.inFlight += 1;
        this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
        try {
          await a.keep({ attempt: a.attempt, before: this.effects.length });
          await send(this, a, input);
        } finally {
          this.inFlight -= 1;
        }
        return input;
      },
      reconcile: (input, a) => this.#reconcile(input, a),
    });
  }

  async #reconcile(input: number, a: ActivityContext): Promise<Reconciliation<number>> {
    this.reconciled.push(a.key);
    const kept = Kept.parse(a.lastHeartbeat);
    // An attempt that has kept nothing has sent nothing.
    const news = kept?.attempt === a.attempt ? this.effects.length - kept.before : 0;
    if (news === 1) return { kind: "done", output: input };
    if (news !== 0) return { kind: "unknown", reason: `${news} effects are new`, lasting: true };
    return { kind: "not-done" };
  }
}

const lost = (): HoldfastError =>
  new HoldfastError("LOST", "no answer", { disposition: "retry", outcome: "unknown" });

const runs = ["one", "two", "three", "four", "five", "six"];

async function startAll(world: World, { activity: keylessActivity }: Keyless) {
  const flow = calling(keylessActivity);
  await world.reopen([flow]);
  return Promise.all(runs.map((id, index) => world.client.start(flow, index, { id })));
}

export const keylessBehaviours: readonly Behaviour[] = [
  {
    name: "equal money calls of one account are told apart where the venue honours no keys",
    definitions: () => [],
    async run(world) {
      let sends = 0;
      const venue = new Keyless((here, a) => {
        sends += 1;
        // Each third does nothing and each second has no answer.
        if (sends % 3 !== 0) here.effects.push(a.key);
        if (sends % 2 === 0 || sends % 3 === 0) throw lost();
      });
      const started = await startAll(world, venue);
      for (const [index, run] of started.entries()) {
        assert.equal(await world.drive(run.result()), index);
      }
      assert.equal(venue.effects.length, runs.length);
      assert.equal(new Set(venue.effects).size, runs.length, "each has its own");
      assert.equal(venue.inFlightMax, 1);
    },
  },
  {
    name: "what an attempt has kept is on disk before it goes on",
    definitions: () => [],
    async run(world) {
      const venue = new Keyless(async (here, a) => {
        here.effects.push(a.key);
        await never();
      });
      const [flow, run] = await startOne(world, venue);
      assert.equal(venue.effects.length, 1);
      await world.reopen([flow]);
      assert.equal(await world.drive(run.result()), 1);
      assert.equal(venue.effects.length, 1);
    },
  },
  {
    name: "a doubt that lasts waits for a person at once, and the account goes on",
    definitions: () => [],
    async run(world) {
      const venue = new Keyless((here, a) => {
        here.effects.push(a.key);
        if (here.effects.length > 1) return;
        here.effects.push("of somebody else");
        throw lost();
      });
      const [flow, run] = await startOne(world, venue);
      const next = await world.client.start(flow, 2, { id: "next" });
      assert.equal(await world.drive(next.result()), 2);
      const { calls } = await run.describe();
      assert.equal(calls[0]?.state, "in-doubt");
      const { letters } = await world.engine.dead();
      assert.match(JSON.stringify(letters), /2 effects are new/u);
      assert.equal(venue.effects.length, 3);
    },
  },
  {
    name: "a call that waited for its turn at a crash was not sent, and nobody asks the venue for it",
    definitions: () => [],
    async run(world) {
      const venue = new Keyless(async (here, a) => {
        here.effects.push(a.key);
        if (here.effects.length === 1) await never();
      });
      const [flow, first] = await startOne(world, venue);
      const second = await world.client.start(flow, 2, { id: "second" });
      await world.settle();
      await world.reopen([flow]);
      assert.equal(await world.drive(first.result()), 1);
      assert.equal(await world.drive(second.result()), 2);
      assert.deepEqual([venue.effects.length, new Set(venue.reconciled).size], [2, 1]);
    },
  },
  {
    name: "calls of an account go in the order in which they were decided, after a crash too",
    definitions: () => [],
    async run(world) {
      const { promise: opened, resolve: open } = Promise.withResolvers<void>();
      const order: number[] = [];
      const venue = new Keyless(async (here, a, input) => {
        if (input === 1) await opened;
        here.effects.push(a.key);
        order.push(input);
        if (input === 2) await never();
      });
      const twice = workflow({
        name: "contract.twice",
        input: z.number(),
        output: z.number(),
        run: async (ctx, input) => {
          await ctx.call(venue.activity, input);
          return ctx.call(venue.activity, input + 100);
        },
      });
      await world.reopen([twice]);
      const started: { result(): Promise<number> }[] = [];
      for (const input of [1, 2, 3]) {
        started.push(await world.client.start(twice, input, { id: `run-${input}` }));
        await world.settle();
        world.clock.advanceTo(world.clock.now() + 1);
      }
      open();
      await world.settle();
      await world.reopen();
      for (const run of started) await world.drive(run.result());
      // The first run's second call was decided after the third run's first.
      assert.deepEqual(order.slice(0, 4), [1, 2, 3, 101]);
      assert.equal(venue.effects.length, 6);
    },
  },
];

async function startOne(world: World, { activity: keylessActivity }: Keyless) {
  const flow = calling(keylessActivity);
  await world.reopen([flow]);
  const run = await world.client.start(flow, 1, { id: "first" });
  await world.settle();
  return [flow, run] as const;
}
