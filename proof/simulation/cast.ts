// The workflows that a simulation plays beside the ready-made agents: small ones that use children, messages,
// updates, sagas, scopes, loops, generations, dead letters and work that others complete.

import {
  type Activity,
  HoldfastError,
  type Workflow,
  type WorkflowContext,
  activity,
  done,
  signal,
  toFailure,
  workflow,
} from "@holdfast/core";
import {
  cancelOrder,
  closePosition,
  executeTrade,
  getOrder,
  getPrices,
  placeOrder,
} from "@holdfast/purpleflea";
import { z } from "zod";

/** What lies outside of the runs and is reached by their activities. */
export interface Outside {
  /** A gate that is shut refuses whoever wants to pass. */
  isOpen: boolean;
  /** Tokens of work that somebody else completes, by the ref of the call. */
  readonly tokens: Map<string, string>;
}

const MINUTE = 60_000;

const sizes = { symbol: "BTC-PERP", side: "long" } as const;

/** Time must never go back within a run. */
function watchful(ctx: WorkflowContext): () => number {
  let latest = ctx.now();
  return () => {
    const now = ctx.now();
    if (now < latest) throw new HoldfastError("SIM-TIME", `${now} after ${latest}`);
    latest = now;
    return now;
  };
}

/** Buys in a round of a loop, each time with a child that is waited for. */
const buyer: Workflow<{ round: number }, bigint> = workflow({
  name: "sim.buyer",
  input: z.object({ round: z.number() }),
  output: z.bigint(),
  run: async (ctx) => {
    const fill = await ctx.call(
      executeTrade,
      { ...sizes, sizeUsd: "5.00" },
      { key: "buy", ref: `${ctx.info.id}/buy`, total: "20h" },
    );
    return fill.size;
  },
});

const looper: Workflow<{ rounds: number }, bigint> = workflow({
  name: "sim.looper",
  input: z.object({ rounds: z.number() }),
  output: z.bigint(),
  run: async (ctx, { rounds }) =>
    ctx.loop({ round: 0, bought: 0n }, async ({ round, bought }) => {
      const tick = watchful(ctx);
      if (round === rounds) return done(bought);
      const child = await ctx.startChild(buyer, { round });
      await ctx.sleep((1 + Math.floor(ctx.random() * 20)) * MINUTE);
      tick();
      return { round: round + 1, bought: bought + (await child.result()) };
    }),
});

/** Takes words and sums of others, and buys for each sum, once. */
const hub = workflow({
  name: "sim.hub",
  input: z.undefined(),
  output: z.object({ words: z.array(z.string()), total: z.number() }),
  signals: { word: z.string(), stop: signal() },
  queries: { total: z.number() },
  updates: { add: { input: z.number(), output: z.number() } },
  run: async (ctx) => {
    const words: string[] = [];
    let total = 0;
    let stopped = false;
    ctx.onSignal("word", (word) => void words.push(word));
    ctx.onSignal("stop", () => {
      stopped = true;
    });
    ctx.onQuery("total", () => total);
    ctx.onUpdate("add", {
      validate: (n) => {
        if (n === 0) throw new HoldfastError("SIM-NOTHING", "There is nothing to add.");
      },
      apply: async (n) => {
        const bought = await ctx.try(
          executeTrade,
          { ...sizes, sizeUsd: `${n}.00` },
          { key: `add-${n}`, ref: `${ctx.info.id}/add/${n}`, total: "20h" },
        );
        if (bought.ok) total += n;
        return total;
      },
    });
    await ctx.until(() => stopped);
    return { words, total };
  },
});

/** Books in steps and undoes them when it cannot go on. */
const trip: Workflow<{ steps: number; fails: boolean }, number> = workflow({
  name: "sim.trip",
  input: z.object({ steps: z.number(), fails: z.boolean() }),
  output: z.number(),
  run: async (ctx, { steps, fails }) =>
    ctx.saga(async (saga, inner) => {
      for (let n = 0; n < steps; n += 1) {
        const position = await inner.call(
          executeTrade,
          { ...sizes, sizeUsd: "3.00" },
          { key: `book-${n}`, ref: `${ctx.info.id}/book/${n}`, total: "20h" },
        );
        saga.compensate(`book-${n}`, (safe) =>
          safe.call(
            closePosition,
            { positionId: position.positionId },
            { key: `undo-${n}`, ref: `${ctx.info.id}/undo/${n}`, total: "20h" },
          ),
        );
        await inner.sleep(MINUTE);
      }
      if (fails) throw new HoldfastError("SIM-NO-VISA", "The trip cannot go on.");
      return steps;
    }),
});

/** Waits until it is stopped, and cleans up when it is cancelled. */
const sitter = workflow({
  name: "sim.sitter",
  input: z.undefined(),
  output: z.string(),
  signals: { stop: signal() },
  run: async (ctx) => {
    let stopped = false;
    ctx.onSignal("stop", () => {
      stopped = true;
    });
    try {
      await ctx.until(() => stopped);
      return ctx.info.parent ?? "";
    } catch (error) {
      await ctx.shield((safe) =>
        safe.call(
          executeTrade,
          { ...sizes, sizeUsd: "2.00" },
          { key: "cleanup", ref: `${ctx.info.id}/cleanup`, total: "20h" },
        ),
      );
      throw error;
    }
  },
});

/** Children of each policy, messages to them and to others, a scope that is over in time, a child that fails. */
const family: Workflow<{ hub: string }, readonly string[]> = workflow({
  name: "sim.family",
  input: z.object({ hub: z.string() }),
  output: z.array(z.string()),
  run: async (ctx, input) => {
    const codes: string[] = [];
    const note = (error: unknown): void => void codes.push(toFailure(error).code);
    const { id } = ctx.info;
    const stopped = await ctx.startChild(sitter, undefined, { id: `${id}/stopped` });
    for (const onParentClose of ["cancel", "terminate", "abandon"] as const)
      await ctx.startChild(sitter, undefined, { id: `${id}/${onParentClose}`, onParentClose });
    await ctx.run(hub, input.hub).signal("word", id).catch(note);
    await stopped.signal("stop");
    codes.push(await stopped.result());
    const late = { id: `${id}/late`, onCancel: "wait" } as const;
    await ctx
      .scope((inner) => inner.child(sitter, undefined, late), { timeout: "10m" })
      .catch(note);
    await ctx.child(trip, { steps: 1, fails: true }, { id: `${id}/trip` }).catch(note);
    await ctx.run(sitter, `${id}/abandon`).signal("stop").catch(note);
    return codes;
  },
});

/** Generations, with signals that are carried over. */
const chain = workflow({
  name: "sim.chain",
  input: z.object({ links: z.number(), heard: z.number() }),
  output: z.number(),
  signals: { ring: z.string() },
  run: async (ctx, { links, heard }) => {
    const tick = watchful(ctx);
    let rings = heard;
    if (links % 2 === 0) ctx.onSignal("ring", () => void (rings += 1));
    await Promise.race([ctx.sleep("7m"), ctx.sleep("11m")]);
    tick();
    await ctx.call(
      executeTrade,
      { ...sizes, sizeUsd: "4.00" },
      { ref: `${ctx.info.id}/link/${links}`, total: "20h" },
    );
    return links > 0 ? ctx.continueAs({ links: links - 1, heard: rings }) : rings;
  },
});

/** Places an order that rests, looks at it, and takes it back. */
const trader: Workflow<{ limit: string }, string> = workflow({
  name: "sim.trader",
  input: z.object({ limit: z.string() }),
  output: z.string(),
  run: async (ctx, { limit }) => {
    await ctx.try(getPrices, undefined, { total: "20m" });
    const placed = await ctx.try(
      placeOrder,
      { ...sizes, type: "limit", sizeUsd: "10.00", limitPrice: limit },
      { key: "place", ref: `${ctx.info.id}/place`, total: "20h" },
    );
    if (!placed.ok) return placed.failure.code;
    const { orderId } = placed.value;
    await ctx.sleep("15m");
    await ctx.try(getOrder, { orderId }, { total: "20m" });
    const taken = await ctx.try(
      cancelOrder,
      { orderId },
      { key: "cancel", ref: `${ctx.info.id}/cancel`, total: "20h" },
    );
    return taken.ok ? taken.value.status : taken.failure.code;
  },
});

function worksOutside(outside: Outside) {
  const pass: Activity<string, string> = activity({
    name: "sim.pass",
    input: z.string(),
    output: z.string(),
    effect: "none",
    run: (who) => {
      if (outside.isOpen) return who;
      throw new HoldfastError("SIM-SHUT", "The gate is shut.", {
        disposition: "refused",
        outcome: "refused",
      });
    },
  });
  const ask: Activity<string, number> = activity({
    name: "sim.ask",
    input: z.string(),
    output: z.number(),
    effect: "external",
    timeouts: { total: "20h" },
    run: (_what, a) => {
      outside.tokens.set(a.ref, a.token);
      return a.completeLater();
    },
  });
  const count: Activity<number, number> = activity({
    name: "sim.count",
    input: z.number(),
    output: z.number(),
    effect: "none",
    run: (n) => n + 1,
  });
  return { pass, ask, count };
}

function outsiders({ pass, ask, count }: ReturnType<typeof worksOutside>) {
  /** Buys, cannot pass the gate, fails, and is resumed when the gate is open. */
  const passer: Workflow<undefined, string> = workflow({
    name: "sim.passer",
    input: z.undefined(),
    output: z.string(),
    run: async (ctx) => {
      await ctx.call(
        executeTrade,
        { ...sizes, sizeUsd: "6.00" },
        { key: "fare", ref: `${ctx.info.id}/fare`, total: "20h" },
      );
      await ctx.sleep("1m");
      return ctx.call(pass, ctx.info.id, { ref: `${ctx.info.id}/pass` });
    },
  });
  /** Has work that somebody else completes, and much of its own meanwhile. */
  const asker: Workflow<{ questions: number }, number> = workflow({
    name: "sim.asker",
    input: z.object({ questions: z.number() }),
    output: z.number(),
    run: async (ctx, { questions }) => {
      const tick = watchful(ctx);
      let sum = 0;
      for (let n = 0; n < questions; n += 1) {
        const answer = ctx.call(ask, String(n), {
          key: `ask-${n}`,
          ref: `${ctx.info.id}/ask/${n}`,
        });
        const own = Promise.all([
          ctx.call(count, n, { local: true }),
          ctx.call(count, n),
          ctx.sleep(Math.floor(ctx.random() * 5) * MINUTE),
        ]);
        const [first, second] = await own;
        tick();
        sum += first + second + (await answer);
      }
      return sum;
    },
  });
  return { passer, asker };
}

export type Cast = ReturnType<typeof castOf>;

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is that of what it makes
export function castOf(outside: Outside) {
  return {
    buyer,
    looper,
    hub,
    trip,
    sitter,
    family,
    chain,
    trader,
    ...outsiders(worksOutside(outside)),
  };
}
