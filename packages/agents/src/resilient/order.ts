// One order, carried out as far as it can be: retried within its total, sent once whatever is lost on the way, held
// while the venue's breaker is open, judged by the guard. What became of it is said in the end, and never thrown.

import {
  type Duration,
  type Workflow,
  type WorkflowContext,
  GuardDenied,
  workflow,
} from "@holdfast/core";
import { executeTrade, money } from "@holdfast/purpleflea";
import { z } from "zod";

export const Order = z.object({
  symbol: z.string(),
  side: z.enum(["long", "short"]),
  sizeUsd: money(),
  leverage: z.number().int().min(1).max(50).optional(),
});

/**
 * What became of an order. `denied`: the guard did not let it through; `refused`: the venue said no, for good;
 * `unsent`: it could not be placed in its time, and certainly was not.
 */
export const OrderReport = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("filled"),
    positionId: z.string(),
    size: money(),
    entryPrice: money(),
    fee: money(),
  }),
  z.object({
    kind: z.literal("denied"),
    check: z.string(),
    mode: z.string().optional(),
    why: z.string(),
  }),
  z.object({ kind: z.literal("refused"), code: z.string(), why: z.string() }),
  z.object({ kind: z.literal("unsent"), code: z.string(), why: z.string() }),
]);

export type OrderReport = z.output<typeof OrderReport>;

/**
 * Places an order as one step of another workflow.
 *
 * @param options.ref its name in business terms: the same one is one order
 * @param options.total how late it may still be placed. Default 5 min
 */
export async function placeResiliently(
  ctx: WorkflowContext,
  order: z.input<typeof Order>,
  options: { readonly ref: string; readonly total?: Duration },
): Promise<OrderReport> {
  const { ref, total = "5m" } = options;
  const placed = await ctx.try(executeTrade, order, { ref, total });
  if (placed.ok) {
    const { positionId, size, entryPrice, fee } = placed.value;
    return { kind: "filled", positionId, size, entryPrice, fee };
  }
  const { failure } = placed;
  const { code, message: why } = failure;
  if (GuardDenied.is(failure)) {
    const { check, mode } = failure.details;
    return { kind: "denied", check, why, ...(mode === undefined ? {} : { mode }) };
  }
  return { kind: failure.outcome === "not-sent" ? "unsent" : "refused", code, why };
}

/**
 * Places one order, and says what became of it.
 *
 * @example
 * const run = await client.start(resilientOrder, { symbol: "BTC-PERP", side: "long", sizeUsd: "25.00" }, { id: "order-7" });
 * (await run.result()).kind; // "filled"
 */
export const resilientOrder: Workflow<z.input<typeof Order>, OrderReport> = workflow({
  name: "agents.resilientOrder",
  input: Order,
  output: OrderReport,
  run: (ctx, order) => placeResiliently(ctx, order, { ref: ctx.info.id }),
});
