// A small agent for the resilience guide's six tests, with the public API alone: at each tick it looks at the price,
// skips where it has none that is good, and else buys a little, within two seconds an attempt.

import { type Activity, type Usdc, type Workflow, activity, done, workflow } from "@holdfast/core";
import { getPrices, money, purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";

const SYMBOL = "BTC-PERP";
/** A price that is older is none. */
const STALE_MS = 5_000;

/** What this process never lets go again, where a test wants it to leak: numbers kept for each order. */
export const leak: { perOrder: number; readonly kept: unknown[] } = { perOrder: 0, kept: [] };

const Order = z.object({ sizeUsd: money() });

/** Buys at market; an attempt is given up after two seconds. */
export const buy: Activity<z.input<typeof Order>, string> = activity({
  name: "seed4.buy",
  input: Order,
  output: z.string(),
  effect: "money",
  uses: { venue: purpleFlea },
  timeouts: { total: "10m", attempt: "2s" },
  run: async ({ sizeUsd }, a) => {
    if (leak.perOrder > 0) leak.kept.push(Array.from({ length: leak.perOrder }, (_, n) => [n]));
    const opened = await a.use(purpleFlea).trade.open({ symbol: SYMBOL, side: "long", sizeUsd });
    return opened.position_id;
  },
});

const Plan = z.object({ ticks: z.int(), everyMs: z.int() });
const State = z.object({ tick: z.number(), bought: z.number(), skipped: z.number() });
const queries = { state: State };

export const trader: Workflow<
  z.input<typeof Plan>,
  z.output<typeof State>,
  Record<never, never>,
  typeof queries
> = workflow({
  name: "seed4.trader",
  input: Plan,
  output: State,
  queries,
  run: async (ctx, { ticks, everyMs }) => {
    let state = { tick: 0, bought: 0, skipped: 0 };
    ctx.onQuery("state", () => state);
    return ctx.loop(state, async (before) => {
      state = before;
      const { tick } = before;
      const read = await ctx.try(getPrices, undefined, { total: "2s" });
      const price = read.ok ? goodPrice(read.value, ctx.now()) : undefined;
      if (price === undefined) {
        state = { ...state, skipped: state.skipped + 1 };
      } else {
        const decision = { key: `tick-${tick}`, ref: `${ctx.info.id}/${tick}` };
        await ctx.call(buy, { sizeUsd: "25.00" }, decision);
        state = { ...state, bought: state.bought + 1 };
      }
      state = { ...state, tick: tick + 1 };
      if (state.tick === ticks) return done(state);
      await ctx.sleep(everyMs);
      return state;
    });
  },
});

interface Quote {
  readonly symbol: string;
  readonly price: Usdc;
  readonly at: number;
}

/** The price to act on; undefined where there is none, or an old one. */
function goodPrice(quotes: readonly Quote[], now: number): Usdc | undefined {
  const quote = quotes.find(({ symbol }) => symbol === SYMBOL);
  return quote === undefined || quote.price <= 0n || now - quote.at > STALE_MS
    ? undefined
    : quote.price;
}
