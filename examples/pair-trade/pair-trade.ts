// A pair trade: long one market, short another, both or neither. Shows a saga, a scope with a time-out, an
// update that is validated, tags, and a child run for each leg.

import { type ChildRun, type Usdc, signal, workflow } from "holdfast";
import { closePosition, getPositions, money, executeTrade } from "holdfast/purpleflea";
import { z } from "zod";

const Leg = z.object({ symbol: z.string(), side: z.enum(["long", "short"]), sizeUsd: money() });

/** One leg: opened at once, closed when told to or when its parent is gone. */
export const leg = workflow({
  name: "example.leg",
  input: Leg,
  output: z.object({ realised: money() }),
  signals: { close: signal() },
  run: async (ctx, order) => {
    let open = true;
    ctx.onSignal("close", () => {
      open = false;
    });
    ctx.tag({ symbol: order.symbol, side: order.side });
    return ctx.saga(async (saga) => {
      const opened = await ctx.try(executeTrade, order, { ref: `${ctx.info.id}/open` });
      if (!opened.ok) throw new Error(`the ${order.symbol} leg was refused`);
      const { positionId } = opened.value;
      saga.compensate("close the position", (safe) =>
        safe.call(closePosition, { positionId }, { ref: `${ctx.info.id}/undo` }),
      );
      await ctx.until(() => !open);
      const closed = await ctx.call(closePosition, { positionId }, { ref: `${ctx.info.id}/close` });
      return { realised: closed.realised };
    });
  },
});

export const pairTrade = workflow({
  name: "example.pairTrade",
  input: z.object({
    long: z.string(),
    short: z.string(),
    sizeUsd: money(),
    stopUsd: money(),
    hold: z.templateLiteral([z.int(), z.enum(["h", "d", "w"])]),
  }),
  output: z.object({ why: z.enum(["stop", "time"]), realised: money() }),
  queries: { stop: money() },
  updates: { setStop: { input: money(), output: z.object({ before: money() }) } },
  run: async (ctx, plan) => {
    let stop = plan.stopUsd;
    ctx.onQuery("stop", () => stop);
    ctx.onUpdate("setStop", {
      validate: (next) => {
        if (next <= 0n) throw new Error("a stop is a loss of more than nothing");
      },
      apply: (next) => {
        const before = stop;
        stop = next;
        return { before };
      },
    });
    // Both or neither: where one leg fails, this run fails, and the other leg is cancelled and closes itself.
    const { sizeUsd } = plan;
    const legs = await Promise.all([
      ctx.startChild(
        leg,
        { symbol: plan.long, side: "long", sizeUsd },
        { id: `${ctx.info.id}/long` },
      ),
      ctx.startChild(
        leg,
        { symbol: plan.short, side: "short", sizeUsd },
        { id: `${ctx.info.id}/short` },
      ),
    ]);
    const results = Promise.all(legs.map((child) => child.result()));
    const watch = ctx.scope(
      async (inner) => {
        for (;;) {
          const positions = await inner.call(getPositions);
          const loss = -positions.reduce((sum, { unrealised }) => sum + unrealised, 0n);
          if (loss >= stop) return "stop" as const;
          await inner.sleep("5m");
        }
      },
      { timeout: plan.hold },
    );
    const over = watch.catch(() => "time" as const);
    const why = await Promise.race([over, results.then(() => over)]);
    await Promise.all(legs.map(closeLeg));
    const realised = (await results).reduce((sum, each) => sum + each.realised, 0n);
    return { why, realised: realised as Usdc };
  },
});

const closeLeg = (child: ChildRun<unknown, (typeof leg)["signals"]>): Promise<void> =>
  child.signal("close");
