// Runs that do everything runs do to each other: children of each close policy, chains, messages, updates,
// sagas, scopes, patches, tags, loops, effects in doubt, failures. What they act on is given to them.

import {
  type Activity,
  type ChildOptions,
  HoldfastError,
  type Workflow,
  activity,
  done,
  signal,
  workflow,
} from "@holdfast/core";
import { z } from "zod";

/** Where effects land. It honours keys: the first send with a key counts, others find it. */
export interface Shop {
  apply(effect: { readonly key: string; readonly ref: string }): void;
  /** Refuses what is dear, until it is opened. */
  readonly isOpen: boolean;
  open(): void;
}

export interface CrossingOptions {
  readonly shop: Shop;
  /** What the runs call an hour, in milliseconds. */
  readonly hour: number;
  /** Whether the code is that of the second deployment. */
  readonly isNew: boolean;
}

const nothing = z.undefined();
const DEAR = 3;

export type Crossing = ReturnType<typeof crossing>;

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is that of what it makes
export function crossing({ shop, hour, isNew }: CrossingOptions) {
  const acts = activities(shop);
  const basic = basics(acts, hour);
  const { waiter, hub } = basic;
  return { ...basic, ...families(acts, waiter, hub, hour), ...changing(acts, hour, isNew) };
}

function activities(shop: Shop) {
  const paying = (
    name: string,
    effect: "money" | "external",
    before: (amount: number) => void = () => undefined,
  ): Activity<number, number> =>
    activity({
      name: `crossing.${name}`,
      input: z.number(),
      output: z.number(),
      effect,
      timeouts: { total: "1h", attempt: "10s" },
      run: (amount, a) => {
        before(amount);
        shop.apply(a);
        return amount;
      },
    });
  const step: Activity<string, string> = activity({
    name: "crossing.step",
    input: z.string(),
    output: z.string(),
    effect: "external",
    run: (what, a) => {
      shop.apply(a);
      return what;
    },
  });
  return {
    step,
    pay: paying("pay", "money"),
    // Not money: a refusal after a crash would leave in doubt whether the attempt before it took effect.
    payDear: paying("pay-dear", "external", (amount) => {
      if (amount < DEAR || shop.isOpen) return;
      throw new HoldfastError("CLOSED", "the shop is closed", {
        disposition: "refused",
        outcome: "refused",
      });
    }),
    payBlind: paying("pay-blind", "money", () => {
      throw new HoldfastError("LOST", "no answer", { disposition: "terminal", outcome: "unknown" });
    }),
  };
}

type Activities = ReturnType<typeof activities>;

function basics({ pay, payBlind }: Activities, hour: number) {
  const waiter = workflow({
    name: "crossing.waiter",
    input: nothing,
    output: z.string(),
    signals: { stop: signal() },
    run: async (ctx) => {
      let stopped = false;
      ctx.onSignal("stop", () => {
        stopped = true;
      });
      try {
        await ctx.until(() => stopped);
        return `${ctx.info.id} of ${ctx.info.parent ?? "nobody"}`;
      } catch (error) {
        await ctx.shield((safe) => safe.call(pay, 1, { ref: `${ctx.info.id}/cleanup` }));
        throw error;
      }
    },
  });
  const hub = workflow({
    name: "crossing.hub",
    input: nothing,
    output: z.object({ words: z.string(), total: z.number() }),
    signals: { word: z.string(), stop: signal() },
    updates: { add: { input: z.number(), output: z.number() } },
    run: async (ctx) => {
      const words: string[] = [];
      let total = 0;
      let stopped = false;
      ctx.onSignal("word", (word) => void words.push(word));
      ctx.onSignal("stop", () => {
        stopped = true;
      });
      ctx.onUpdate("add", {
        apply: async (n) => {
          total += await ctx.call(pay, n, { ref: `hub/add/${n}` });
          return total;
        },
      });
      await ctx.until(() => stopped);
      return { words: words.join(" "), total };
    },
  });
  const doubtful: Workflow<undefined, number> = workflow({
    name: "crossing.doubtful",
    input: nothing,
    output: z.number(),
    run: async (ctx) => ctx.call(payBlind, 7),
  });
  const chain: Workflow<number, number> = workflow({
    name: "crossing.chain",
    input: z.number(),
    output: z.number(),
    run: async (ctx, n) => {
      await ctx.sleep(hour);
      await ctx.call(pay, n, { ref: `${ctx.info.id}/link/${n}` });
      return n < 2 ? ctx.continueAs(n + 1) : n;
    },
  });
  return { waiter, hub, doubtful, chain };
}

type Basics = ReturnType<typeof basics>;

function families(
  { pay, step }: Activities,
  waiter: Basics["waiter"],
  hub: Basics["hub"],
  hour: number,
) {
  const trip = workflow({
    name: "crossing.trip",
    input: nothing,
    output: z.string(),
    run: async (ctx) =>
      ctx.saga(async (saga, inner) => {
        for (const what of ["flight", "hotel"]) {
          saga.compensate(what, (safe) =>
            safe.call(step, what, { ref: `${ctx.info.id}/undo/${what}` }),
          );
          await inner.call(step, what, { ref: `${ctx.info.id}/book/${what}` });
        }
        throw new HoldfastError("NO-VISA", "cannot go");
      }),
  });
  const family = workflow({
    name: "crossing.family",
    input: nothing,
    output: z.array(z.string()),
    run: async (ctx) => {
      const notes: string[] = [];
      ctx.tag({ kind: "family", rounds: 2 });
      for (const onParentClose of ["cancel", "terminate", "abandon"] as const)
        await ctx.startChild(waiter, undefined, { id: `kid-${onParentClose}`, onParentClose });
      const other = ctx.run(hub, "hub");
      await other.signal("word", "a");
      await other.signal("word", "b");
      await ctx.run(waiter, "lonely").cancel("nobody comes");
      const note = (error: { readonly code: string }): void => void notes.push(error.code);
      const late: ChildOptions = { id: "kid-late", onCancel: "ask" };
      await ctx
        .scope((inner) => inner.child(waiter, undefined, late), { timeout: hour })
        .catch(note);
      await ctx.child(trip).catch(note);
      notes.push(String(await ctx.call(pay, 5, { ref: "family/last" })));
      return notes;
    },
  });
  const elder = workflow({
    name: "crossing.elder",
    input: nothing,
    output: z.string(),
    run: async (ctx) =>
      ctx.child(waiter, undefined, {
        id: "heir",
        onParentClose: "abandon",
        onCancel: "abandon",
      }),
  });
  return { trip, family, elder };
}

function changing({ pay, payDear }: Activities, hour: number, isNew: boolean) {
  const patched = workflow({
    name: "crossing.patched",
    input: nothing,
    output: z.array(z.string()),
    signals: { next: signal() },
    run: async (ctx) => {
      const fees: string[] = [];
      let turns = 0;
      ctx.onSignal("next", () => {
        turns += 1;
      });
      for (let n = 0; n < 2; n += 1) {
        const fee = isNew && ctx.patched(`fee-${n}`);
        if (fee) await ctx.call(pay, 1, { ref: `${ctx.info.id}/fee/${n}` });
        fees.push(fee ? "fee" : "free");
        await ctx.until(() => turns > n);
      }
      return fees;
    },
  });
  const payments: Workflow<number, number> = workflow({
    name: "crossing.payments",
    input: z.number(),
    output: z.number(),
    run: async (ctx, count) => {
      let paid = 0;
      for (let n = 1; n <= count; n += 1) {
        await ctx.sleep(hour);
        paid += await ctx.call(payDear, n, { ref: `payments/${n}` });
      }
      return paid;
    },
  });
  const payer: Workflow<number, number> = workflow({
    name: "crossing.payer",
    input: z.number(),
    output: z.number(),
    run: async (ctx, count) => ctx.child(payments, count),
  });
  const member: Workflow<number, number> = workflow({
    name: "crossing.member",
    input: z.number(),
    output: z.number(),
    run: async (ctx, n) => ctx.call(pay, n, { ref: `loop/${n}` }),
  });
  const loop: Workflow<undefined, number> = workflow({
    name: "crossing.loop",
    input: nothing,
    output: z.number(),
    run: async (ctx) =>
      ctx.loop({ n: 0, paid: 0 }, async ({ n, paid }) => {
        if (n === 4) return done(paid);
        const child = await ctx.startChild(member, n);
        await ctx.sleep(hour);
        return { n: n + 1, paid: paid + (await child.result()) };
      }),
  });
  return { patched, payments, payer, member, loop };
}
