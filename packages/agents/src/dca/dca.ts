// Dollar-cost averaging: buys a fixed amount in each period of a plan. Never misses a period, never buys one
// twice: a period that an outage swallowed is bought late, with the key it would have had. Never buys while paused.

import { type Usdc, type Workflow, done, nth, signal, workflow } from "@holdfast/core";
import { executeTrade, getPrices, money } from "@holdfast/purpleflea";
import { z } from "zod";
import { DcaPlan, decide, nextPurchaseAt } from "./plan.ts";

const Progress = z.object({
  done: z.number(),
  of: z.number(),
  /** Periods passed over because the plan says so. */
  skipped: z.number(),
  /** Purchases that the venue refused. */
  refused: z.number(),
  spent: money(),
  paused: z.boolean(),
  /** When the next period is due, in milliseconds since the epoch; null after the last. */
  nextAt: z.number().nullable(),
});

const Report = z.object({
  bought: z.number(),
  skipped: z.number(),
  refused: z.number(),
  spent: money(),
});

/** What one period leaves to the next. */
interface State {
  /** When the first one is due, in milliseconds since the epoch. */
  readonly start: number;
  readonly done: number;
  readonly bought: number;
  readonly skipped: number;
  readonly refused: number;
  readonly spent: Usdc;
  readonly paused: boolean;
  readonly boughtAt: number | undefined;
}

const NOTHING: Omit<State, "start"> = {
  done: 0,
  bought: 0,
  skipped: 0,
  refused: 0,
  spent: 0n as Usdc,
  paused: false,
  boughtAt: undefined,
};

const messages = {
  signals: { pause: z.object({ reason: z.string() }), resume: signal() },
  queries: { progress: Progress },
};

/**
 * Buys `amountUsd` of `symbol` in each of `periods` periods.
 *
 * @example
 * await client.start(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 }, { id: "dca-btc" });
 */
export const dca: Workflow<
  z.input<typeof DcaPlan>,
  z.output<typeof Report>,
  (typeof messages)["signals"],
  (typeof messages)["queries"]
> = workflow({
  name: "agents.dca",
  input: DcaPlan,
  output: Report,
  ...messages,
  run: async (ctx, plan) => {
    let state: State = { ...NOTHING, start: ctx.now() };
    ctx.onSignal("pause", ({ reason }) => {
      state = { ...state, paused: true };
      ctx.log.info("Paused.", { reason });
    });
    ctx.onSignal("resume", () => {
      state = { ...state, paused: false };
    });
    ctx.onQuery("progress", () => ({
      done: state.done,
      of: plan.periods,
      skipped: state.skipped,
      refused: state.refused,
      spent: state.spent,
      paused: state.paused,
      nextAt: state.done < plan.periods ? nth(plan.every, state.start, state.done) : null,
    }));

    // One pass for each period: what it leaves behind is all that the next one needs, wherever that runs.
    return ctx.loop(state, async (before) => {
      state = before;
      const { start, done: n, boughtAt } = before;
      const due = nth(plan.every, start, n);
      await ctx.sleepUntil(due);
      await ctx.until(() => !state.paused);
      let decision = decide(plan, start, n, ctx.now());
      const next = nextPurchaseAt(plan, due, boughtAt, ctx.now());
      if (decision === "buy" && next !== undefined) {
        await ctx.sleepUntil(next);
        await ctx.until(() => !state.paused);
        decision = decide(plan, start, n, ctx.now());
      }
      // A guard lets nobody buy at market who has not just seen the price. What a venue that is away makes late is
      // decided anew, and so is what was paused meanwhile.
      let since = due;
      for (let isSeen = false; decision === "buy" && !isSeen;) {
        since = ctx.now();
        await ctx.try(getPrices, undefined, { total: plan.totalMs });
        isSeen = !state.paused;
        await ctx.until(() => !state.paused);
        decision = decide(plan, start, n, ctx.now());
      }
      if (decision === "skip") {
        state = { ...state, skipped: state.skipped + 1 };
        ctx.log.warn("Missed a period.", { period: n, policy: plan.missed });
      } else {
        const total = Math.max(1, since + plan.totalMs - ctx.now());
        const result = await ctx.try(
          executeTrade,
          { symbol: plan.symbol, side: "long", sizeUsd: plan.amountUsd, leverage: plan.leverage },
          { key: `period-${n}`, ref: `${ctx.info.id}/${n}`, total },
        );
        state = { ...state, boughtAt: ctx.now() };
        if (result.ok) {
          const spent = (state.spent + plan.amountUsd) as Usdc;
          state = { ...state, bought: state.bought + 1, spent };
        } else {
          state = { ...state, refused: state.refused + 1 };
          ctx.log.warn("A purchase failed.", {
            period: n,
            code: result.failure.code,
            reason: result.failure.message,
          });
        }
      }
      state = { ...state, done: n + 1 };
      if (state.done < plan.periods) return state;
      const { bought, skipped, refused, spent } = state;
      return done({ bought, skipped, refused, spent });
    });
  },
});
