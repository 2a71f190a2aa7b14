// Watches an account's equity for years: remembers its peak durably, and closes everything, once, when the
// loss from the peak reaches the limit. A check that fails must never end it: an account that nobody watches
// looks just like one that is well.

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

/** How late the account may still be closed after the limit was reached. */
const CLOSE_ALL_TOTAL = "22h";

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
  /** Checks for which the venue could not be read; each was tried for an hour. */
  missed: z.number(),
  peak: money(),
  equity: money(),
  drawdown: z.number(),
});

const Report = z.object({
  checks: z.number(),
  missed: z.number(),
  peak: money(),
  equity: money(),
  drawdown: z.number(),
  closed: z.number(),
  /** Positions that the venue could not close: they are still open. */
  notClosed: z.number(),
  realised: money(),
});

const queries = { state: State };

/**
 * Closes all positions of the account when its drawdown from the peak reaches `limit`, then ends. The peak is
 * the highest equity it has seen, so money that is paid out counts as a loss.
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
    let seen = { checks: 0, missed: 0, peak: zero, equity: zero, drawdown: 0 };
    ctx.onQuery("state", () => seen);
    return ctx.loop(seen, async (before) => {
      seen = before;
      const read = await ctx.try(getPortfolio);
      if (!read.ok) {
        seen = { ...before, missed: before.missed + 1 };
        ctx.log.error("Cannot read the account: it is not watched until the venue answers.", {
          code: read.failure.code,
          reason: read.failure.message,
          missed: seen.missed,
        });
        await ctx.sleep(watch.every);
        return seen;
      }
      const { equity } = read.value;
      const peak = equity > before.peak ? equity : before.peak;
      seen = {
        ...before,
        checks: before.checks + 1,
        peak,
        equity,
        drawdown: drawdown(peak, equity),
      };
      if (exceeds(peak, equity, watch.limit)) {
        ctx.log.warn("The drawdown limit is reached: closing all positions.", {
          drawdown: seen.drawdown,
        });
        const closed = await ctx.call(closeAllPositions, undefined, {
          key: "close-all",
          ref: `${ctx.info.id}/close-all`,
          // Nobody else gets out: an outage must not make it too late.
          total: CLOSE_ALL_TOTAL,
        });
        const { positions, notClosed, realised } = closed;
        if (notClosed > 0) ctx.log.error("The venue has left positions open.", { notClosed });
        return done({ ...seen, closed: positions, notClosed, realised });
      }
      await ctx.sleep(watch.every);
      return seen;
    });
  },
});
