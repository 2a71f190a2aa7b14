// Looks whether the name is to be had, and buys it: under one key for each try that the venue refused.

import type { Failure, WorkflowContext } from "@holdfast/core";
import { DomainTaken, getDomain, registerDomain, searchDomains } from "@holdfast/purpleflea";
import { type DomainPlan, nextLookAt } from "./plan.ts";
import {
  type DomainState,
  LOOK_TOTAL,
  PAYMENT_TOTAL,
  type Step,
  ended,
  failedLook,
  holding,
  refusedPayment,
} from "./state.ts";

type Context = Pick<WorkflowContext, "info" | "log" | "now" | "sleep" | "sleepUntil" | "try">;

/** One look, and what follows from it. */
export async function seek(ctx: Context, plan: DomainPlan, state: DomainState): Promise<Step> {
  const { name, when, maxPriceUsd } = plan;
  const looked = await ctx.try(searchDomains, { query: name }, { total: LOOK_TOTAL });
  if (!looked.ok) return wait(ctx, plan, failedLook(state), looked.failure);
  const offer = looked.value.find((one) => one.name === name);
  if (offer === undefined) {
    ctx.log.error("The venue does not answer about the name that was asked for.", { name });
    await ctx.sleep(plan.every);
    return failedLook(state);
  }
  if (offer.owned) return adopt(ctx, plan, state);
  if (!offer.available) {
    if (when === "now") return ended(state, "taken");
    await ctx.sleepUntil(nextLookAt(ctx.now(), offer.releasedAt, plan));
    return state;
  }
  if (maxPriceUsd !== undefined && offer.price > maxPriceUsd) {
    ctx.log.warn("The name costs more than the plan allows.", { name, price: String(offer.price) });
    if (when === "now") return ended(state, "too-dear");
    await ctx.sleep(plan.every);
    return state;
  }
  return buy(ctx, plan, state);
}

async function buy(ctx: Context, plan: DomainPlan, state: DomainState): Promise<Step> {
  const bought = await ctx.try(
    registerDomain,
    { name: plan.name },
    {
      key: `register-${state.tries}`,
      ref: `${ctx.info.id}/register`,
      total: PAYMENT_TOTAL,
    },
  );
  if (bought.ok) return holding(state, bought.value, bought.value.price);
  const { failure } = bought;
  if (DomainTaken.is(failure)) {
    // Somebody was faster; or it is the account's own by another run, which the next look shows.
    if (plan.when === "now" && failure.details.owned !== true) return ended(state, "taken");
    return refusedPayment(state);
  }
  return wait(ctx, plan, refusedPayment(state), failure);
}

/** The account holds the name already: it is kept, and not bought. */
async function adopt(ctx: Context, plan: DomainPlan, state: DomainState): Promise<Step> {
  const own = await ctx.try(getDomain, { name: plan.name }, { total: LOOK_TOTAL });
  if (!own.ok) return wait(ctx, plan, failedLook(state), own.failure);
  if (own.value === null) return failedLook(state);
  ctx.log.info("The account holds the name already.", { name: plan.name });
  return holding(state, own.value, 0n);
}

async function wait(
  ctx: Context,
  plan: DomainPlan,
  state: DomainState,
  failure: Failure,
): Promise<Step> {
  const { code, message: reason } = failure;
  ctx.log.warn("The name is not bought yet.", { name: plan.name, code, reason });
  await ctx.sleep(plan.every);
  return state;
}
