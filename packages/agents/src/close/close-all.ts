// Gets an account out: cancels what rests and closes what is open, until a second look finds nothing. A run of its
// own, so that it outlives whoever asked for it; the only one that the guard lets through where all else is halted.

import {
  CLOSE_ALL,
  HoldfastError,
  type Usdc,
  type Workflow,
  type WorkflowContext,
  workflow,
} from "@holdfast/core";
import {
  cancelOrder,
  closeAllPositions,
  closePosition,
  getOpenOrders,
  getPositions,
  money,
} from "@holdfast/purpleflea";
import { z } from "zod";

/** How late it may still happen: an outage must not make it too late. */
const TOTAL = "22h";
/** Looks that find nothing, one after the other, before it is over: what was on its way has come by then. */
const QUIET = 2;
/** Looks, the first ones soon after each other; after the last one a person is asked. */
const LOOKS_MAX = 500;
const SOON = 10;

const Scope = z.object({
  /** Only what is of this symbol. Default: everything. */
  symbol: z.string().optional(),
});

const Closed = z.object({
  /** Positions that were closed, and orders that were cancelled. */
  closed: z.number(),
  cancelled: z.number(),
  realised: money(),
  /** How often the venue was looked at. */
  looks: z.number(),
});

interface Sums {
  closed: number;
  cancelled: number;
  realised: bigint;
}

/**
 * Cancels the orders and closes the positions of the run's account, and ends when two looks, seconds apart, have found
 * nothing. What cannot be read or closed is tried again, in the end once a minute, for about eight hours.
 *
 * @throws HF-CLOSE-ALL-LEFT where something is still open then
 * @example
 * await client.start(closeAll, {}, { id: "close-all/monday", account: "alpha", onClosed: "attach" });
 */
export const closeAll: Workflow<z.input<typeof Scope>, z.output<typeof Closed>> = workflow({
  name: CLOSE_ALL,
  input: Scope,
  output: Closed,
  run: async (ctx, { symbol }) => {
    const sums: Sums = { closed: 0, cancelled: 0, realised: 0n };
    let quiet = 0;
    for (let look = 1; look <= LOOKS_MAX; look += 1) {
      const wasQuiet = await closeOnce(ctx, symbol, look, sums);
      quiet = wasQuiet ? quiet + 1 : 0;
      if (quiet === QUIET) return { ...sums, realised: sums.realised as Usdc, looks: look };
      await ctx.sleep(look < SOON ? "3s" : "1m");
    }
    throw new HoldfastError(
      "HF-CLOSE-ALL-LEFT",
      `Cannot close everything of account "${ctx.info.account}": after ${LOOKS_MAX} looks something is still open. Look at the venue: holdfast venue positions.`,
      { class: "api", disposition: "terminal", outcome: "unknown" },
    );
  },
});

type Context = WorkflowContext;

/** True where there was nothing to do. */
async function closeOnce(
  ctx: Context,
  symbol: string | undefined,
  look: number,
  sums: Sums,
): Promise<boolean> {
  const isOurs = (one: { readonly symbol: string }): boolean =>
    symbol === undefined || one.symbol === symbol;
  const orders = await ctx.try(getOpenOrders);
  const resting = orders.ok ? orders.value.filter(isOurs) : [];
  for (const { orderId } of resting) {
    const name = `cancel/${look}/${orderId}`;
    const decision = { key: name, ref: `${ctx.info.id}/${name}`, total: TOTAL } as const;
    // One that has been filled meanwhile is refused.
    if ((await ctx.try(cancelOrder, { orderId }, decision)).ok) sums.cancelled += 1;
  }
  const positions = await ctx.try(getPositions);
  const open = positions.ok ? positions.value.filter(isOurs) : [];
  if (open.length > 0 && symbol === undefined) await closeEverything(ctx, look, sums);
  else for (const { positionId } of open) await closeOne(ctx, positionId, look, sums);
  return orders.ok && positions.ok && resting.length + open.length === 0;
}

async function closeEverything(ctx: Context, look: number, sums: Sums): Promise<void> {
  const name = `close/${look}`;
  const decision = { key: name, ref: `${ctx.info.id}/${name}`, total: TOTAL } as const;
  const result = await ctx.try(closeAllPositions, undefined, decision);
  if (!result.ok) {
    ctx.log.error(`Cannot close everything yet: ${result.failure.message}`);
    return;
  }
  sums.closed += result.value.positions;
  sums.realised += result.value.realised;
}

async function closeOne(ctx: Context, positionId: string, look: number, sums: Sums): Promise<void> {
  const name = `close/${look}/${positionId}`;
  const decision = { key: name, ref: `${ctx.info.id}/${name}`, total: TOTAL } as const;
  const result = await ctx.try(closePosition, { positionId }, decision);
  // One that is gone meanwhile is refused.
  if (!result.ok) return;
  sums.closed += 1;
  sums.realised += result.value.realised;
}
