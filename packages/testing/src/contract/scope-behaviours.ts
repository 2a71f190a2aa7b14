// Behaviours of cancellation: scopes, shields, sagas, and what a cancellation never does.

import assert from "node:assert/strict";
import { type Activity, HoldfastError, activity, workflow } from "@holdfast/core";
import { z } from "zod";
import { Effects, code, double, pay } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

const HOUR = 3_600_000;

const scoped = workflow({
  name: "contract.scoped",
  input: z.enum(["by hand", "by time", "in time", "nested"]),
  output: z.array(z.string()),
  run: async (ctx, how) => {
    const notes: string[] = [];
    const nap = ctx.scope(
      async (inner) => {
        try {
          await (how === "in time" ? inner.sleep("1m") : inner.sleep("1w"));
          return "slept";
        } catch (error) {
          notes.push((error as HoldfastError).code);
          if (how === "nested") await inner.shield((safe) => safe.sleep("1h"));
          return "woken";
        }
      },
      how === "by hand" || how === "nested" ? {} : { timeout: "1h" },
    );
    const aside = ctx.sleep("2h").then(() => "outside slept on");
    if (how === "by hand" || how === "nested") {
      await ctx.sleep("1m");
      nap.cancel("enough");
    }
    notes.push(await nap, String(ctx.now() - start(ctx.info.memo)), await aside);
    return notes;
  },
});

function start(memo: Readonly<Record<string, unknown>>): number {
  return memo["start"] as number;
}

const outer = workflow({
  name: "contract.outer",
  input: z.undefined(),
  output: z.string(),
  run: async (ctx) => {
    const inner = ctx.scope((within) =>
      within.scope((deep) => deep.sleep("1w").then(() => "slept")),
    );
    await ctx.sleep("1m");
    inner.cancel();
    try {
      return await inner;
    } catch (error) {
      return (error as HoldfastError).code;
    }
  },
});

const trying = workflow({
  name: "contract.trying",
  input: z.undefined(),
  output: z.array(z.string()),
  run: async (ctx) => {
    const notes: string[] = [];
    const part = ctx.scope(async (inner) => {
      const result = await inner.try(double, 1);
      notes.push(result.ok ? "done" : "failed");
      await inner.sleep("1w");
    });
    await ctx.sleep("1m");
    part.cancel();
    await part.catch((error: HoldfastError) => void notes.push(error.code));
    notes.push(String(await ctx.call(double, 2)));
    return notes;
  },
});

/** Books three things and fails, is cancelled, or succeeds. */
function trip(effects: Effects, end: "fails" | "waits" | "ends", broken?: string) {
  const step = (name: string): Activity<string, number> =>
    activity({
      name: `contract.${name}`,
      input: z.string(),
      output: z.number(),
      effect: "external",
      retry: { attempts: 1 },
      run: (what, a) => {
        if (name === "undo" && what === broken)
          throw new HoldfastError("STILL-BOOKED", what, { disposition: "terminal" });
        log.push(`${name} ${what}`);
        return effects.apply(a);
      },
    });
  const log: string[] = [];
  const book = step("book");
  const undo = step("undo");
  const flow = workflow({
    name: "contract.trip",
    input: z.undefined(),
    output: z.string(),
    run: async (ctx) =>
      ctx.saga(async (saga, inner) => {
        for (const what of ["flight", "hotel", "car"]) {
          saga.compensate(what, (safe) => safe.call(undo, what));
          await inner.call(book, what);
        }
        if (end === "fails") throw new HoldfastError("NO-VISA", "cannot go");
        if (end === "waits") await inner.sleep("1w");
        return "gone";
      }),
  });
  return { flow, log };
}

const BOOKED = ["book flight", "book hotel", "book car"];
const UNDONE = ["undo car", "undo hotel", "undo flight"];

export const scopeBehaviours: readonly Behaviour[] = [
  ...(
    [
      ["by hand", ["HF-CANCELLED", "woken", "60000"]],
      ["by time", ["HF-CANCELLED", "woken", String(HOUR)]],
      ["in time", ["slept", "60000"]],
      ["nested", ["HF-CANCELLED", "woken", String(HOUR + 60_000)]],
    ] as const
  ).map(([how, expected]): Behaviour => ({
    name: `scope() ${how}: what waits in it is interrupted, what waits outside is not`,
    definitions: () => [scoped],
    async run(world) {
      const memo = { start: world.clock.now() };
      const run = await world.client.start(scoped, how, { id: "scoped", memo });
      const notes = await world.drive(run.result());
      assert.deepEqual(notes, [...expected, "outside slept on"]);
    },
  })),
  {
    name: "scope() passes its cancellation on to the scopes within it",
    definitions: () => [outer],
    async run(world) {
      const run = await world.client.start(outer, undefined, { id: "outer" });
      assert.equal(await world.drive(run.result()), "HF-CANCELLED");
    },
  },
  {
    name: "try() throws a cancellation of its own scope, and the run goes on",
    definitions: () => [trying],
    async run(world) {
      const run = await world.client.start(trying, undefined, { id: "trying" });
      assert.deepEqual(await world.drive(run.result()), ["done", "HF-CANCELLED", "4"]);
    },
  },
  {
    name: "saga() undoes in reverse order what was done before a failure, and throws that failure",
    definitions: () => [],
    async run(world) {
      const { flow, log } = trip(new Effects(), "fails");
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "trip" });
      await assert.rejects(world.drive(run.result()), code("NO-VISA"));
      assert.deepEqual(log, [...BOOKED, ...UNDONE]);
    },
  },
  {
    name: "saga() undoes nothing where all went well",
    definitions: () => [],
    async run(world) {
      const { flow, log } = trip(new Effects(), "ends");
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "trip" });
      assert.equal(await world.drive(run.result()), "gone");
      assert.deepEqual(log, BOOKED);
    },
  },
  {
    name: "saga() undoes, shielded, what a cancellation interrupts",
    definitions: () => [],
    async run(world) {
      const { flow, log } = trip(new Effects(), "waits");
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "trip" });
      await world.settle();
      await run.cancel();
      await assert.rejects(world.drive(run.result()), code("HF-CANCELLED"));
      assert.deepEqual(log, [...BOOKED, ...UNDONE]);
    },
  },
  {
    name: "saga() goes on undoing where one compensation fails, and says which",
    definitions: () => [],
    async run(world) {
      const { flow, log } = trip(new Effects(), "fails", "hotel");
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "trip" });
      await assert.rejects(world.drive(run.result()), /hotel.*cannot go/u);
      assert.deepEqual(log, [...BOOKED, "undo car", "undo flight"]);
    },
  },
  {
    name: "a cancelled scope does not tear a money call that was sent",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      const paying = pay(effects, async (_attempt, apply) => {
        const effect = apply();
        await answered;
        return effect;
      });
      const flow = workflow({
        name: "contract.pay-in-scope",
        input: z.undefined(),
        output: z.number(),
        run: async (ctx) => {
          const part = ctx.scope((inner) => inner.call(paying, 5));
          await ctx.sleep(0);
          part.cancel();
          return part;
        },
      });
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "pay" });
      await world.settle();
      answer();
      assert.equal(await world.drive(run.result()), 1);
      assert.equal(effects.sends.length, 1);
    },
  },
  {
    name: "a shielded money call is not stopped by a cancellation of the run",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const paying = pay(effects, (attempt, apply) => {
        if (attempt < 3)
          throw new HoldfastError("AWAY", "the venue is away", {
            disposition: "retry",
            outcome: "not-sent",
          });
        return apply();
      });
      const flow = workflow({
        name: "contract.pay-in-shield",
        input: z.undefined(),
        output: z.number(),
        run: async (ctx) => ctx.shield((safe) => safe.call(paying, 5)),
      });
      await world.reopen([flow]);
      const run = await world.client.start(flow, undefined, { id: "pay" });
      await world.settle();
      await run.cancel();
      assert.equal(await world.drive(run.result()), 1);
      assert.equal(effects.count, 1);
    },
  },
];
