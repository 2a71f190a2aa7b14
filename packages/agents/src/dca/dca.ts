// Dollar-cost averaging: buys a fixed amount in each period of a plan. Never misses a period, never buys one
// twice: a period that an outage swallowed is bought late, with the key it would have had. Never buys while paused.

import { type Workflow, nth, signal, workflow } from "@holdfast/core";
import { money, executeTrade } from "@holdfast/purpleflea";
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
    const start = ctx.now();
    const state = { done: 0, bought: 0, skipped: 0, refused: 0, spent: 0n, paused: false };
    ctx.onSignal("pause", ({ reason }) => {
      state.paused = true;
      ctx.log.info("Paused.", { reason });
    });
    ctx.onSignal("resume", () => {
      state.paused = false;
    });
    ctx.onQuery("progress", () => ({
      done: state.done,
      of: plan.periods,
      skipped: state.skipped,
      refused: state.refused,
      spent: state.spent as z.output<typeof Report>["spent"],
      paused: state.paused,
      nextAt: state.done < plan.periods ? nth(plan.every, start, state.done) : null,
    }));

    let boughtAt: number | undefined;
    for (let n = 0; n < plan.periods; n += 1) {
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
      if (decision === "skip") {
        state.skipped += 1;
        ctx.log.warn("Missed a period.", { period: n, policy: plan.missed });
      } else {
        const result = await ctx.try(
          executeTrade,
          { symbol: plan.symbol, side: "long", sizeUsd: plan.amountUsd, leverage: plan.leverage },
          { key: `period-${n}`, ref: `${ctx.info.id}/${n}`, total: plan.totalMs },
        );
        boughtAt = ctx.now();
        if (result.ok) {
          state.bought += 1;
          state.spent += plan.amountUsd;
        } else {
          state.refused += 1;
          ctx.log.warn("A purchase failed.", {
            period: n,
            code: result.failure.code,
            reason: result.failure.message,
          });
        }
      }
      state.done += 1;
    }
    return {
      bought: state.bought,
      skipped: state.skipped,
      refused: state.refused,
      spent: state.spent as z.output<typeof Report>["spent"],
    };
  },
});
