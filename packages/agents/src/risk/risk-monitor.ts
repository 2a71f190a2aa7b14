// Watches an account's equity for years: remembers its peak durably, and closes everything, once, when the
// loss from the peak reaches the limit.

import {
  type Duration,
  type Usdc,
  type Workflow,
  done,
  durationMs,
  workflow,
} from "@holdfast/core";
import { closeAllPositions, getPortfolio, money } from "@holdfast/purpleflea";
import { z } from "zod";
import { drawdown, exceeds } from "./drawdown.ts";

const Watch = z.object({
  /** Fraction of the peak that may be lost: 0.15 is 15 %. */
  limit: z.number().gt(0).lt(1),
  /** Time between two checks: "5m". */
  every: z.custom<Duration>((value) => {
    try {
      return durationMs(value as Duration) > 0;
    } catch {
      return false;
    }
  }, 'expected a duration longer than nothing, such as "5m"'),
});

const State = z.object({
  checks: z.number(),
  peak: money(),
  equity: money(),
  drawdown: z.number(),
});

const Report = z.object({
  checks: z.number(),
  peak: money(),
  equity: money(),
  drawdown: z.number(),
  closed: z.number(),
  realised: money(),
});

const queries = { state: State };

/**
 * Closes all positions of the account when its drawdown from the peak reaches `limit`, then ends.
 *
 * @example
 * await client.start(riskMonitor, { limit: 0.15, every: "5m" }, { id: "risk" });
 */
export const riskMonitor: Workflow<
  z.input<typeof Watch>,
  z.output<typeof Report>,
  Record<never, never>,
  typeof queries
> = workflow({
  name: "agents.riskMonitor",
  input: Watch,
  output: Report,
  queries,
  run: async (ctx, watch) => {
    const zero = 0n as Usdc;
    let seen = { checks: 0, peak: zero, equity: zero, drawdown: 0 };
    ctx.onQuery("state", () => seen);
    return ctx.loop(seen, async (before) => {
      seen = before;
      const { equity } = await ctx.call(getPortfolio, undefined);
      const peak = equity > before.peak ? equity : before.peak;
      seen = { checks: before.checks + 1, peak, equity, drawdown: drawdown(peak, equity) };
      if (exceeds(peak, equity, watch.limit)) {
        ctx.log.warn("The drawdown limit is reached: closing all positions.", {
          drawdown: seen.drawdown,
        });
        const closed = await ctx.call(closeAllPositions, undefined, {
          key: "close-all",
          ref: `${ctx.info.id}/close-all`,
        });
        return done({ ...seen, closed: closed.positions, realised: closed.realised });
      }
      await ctx.sleep(watch.every);
      return seen;
    });
  },
});
