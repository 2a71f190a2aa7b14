// Waits until a held name is to be renewed, and renews it: once for each expiry, again under another key where
// the venue refused, also within the grace. When nobody can renew it any more, it is lost.

import type { WorkflowContext } from "@holdfast/core";
import { DomainExpired, getDomain, renewDomain } from "@holdfast/purpleflea";
import { type DomainPlan, renewalAt } from "./plan.ts";
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

/** One renewal, or one try at it. */
export async function hold(
  ctx: Context,
  plan: DomainPlan,
  state: DomainState,
  expiresAt: number,
): Promise<Step> {
  if (state.renewals >= plan.years - 1) return ended(state, "kept");
  await ctx.sleepUntil(renewalAt(expiresAt, plan));
  const number = state.renewals + 1;
  const renewed = await ctx.try(
    renewDomain,
    { name: plan.name, expiresAt },
    {
      key: `renew-${number}-${state.tries}`,
      ref: `${ctx.info.id}/renew-${number}`,
      total: PAYMENT_TOTAL,
    },
  );
  if (renewed.ok) {
    return { ...holding(state, renewed.value, renewed.value.price), renewals: number };
  }
  const { failure } = renewed;
  if (DomainExpired.is(failure)) return lose(ctx, plan, state);
  const { code, message: reason } = failure;
  ctx.log.warn(
    ctx.now() < expiresAt
      ? "The name is not renewed yet."
      : "The name has expired and is not renewed yet: it will be lost when its grace is over.",
    { name: plan.name, expiresAt: new Date(expiresAt).toISOString(), code, reason },
  );
  const details: Readonly<Record<string, unknown>> = { ...failure.details };
  const venueCode = details["venueCode"];
  if (venueCode === "domain_changed" || venueCode === "unknown_domain") {
    return look(ctx, plan, refusedPayment(state), expiresAt);
  }
  await ctx.sleep(plan.every);
  return refusedPayment(state);
}

/** Somebody else has acted on the name: what it is now counts. */
async function look(
  ctx: Context,
  plan: DomainPlan,
  state: DomainState,
  expiresAt: number,
): Promise<Step> {
  const own = await ctx.try(getDomain, { name: plan.name }, { total: LOOK_TOTAL });
  if (own.ok && own.value === null) return lose(ctx, plan, state);
  if (own.ok && own.value !== null && own.value.expiresAt > expiresAt) {
    ctx.log.info("Somebody else has renewed the name.", { name: plan.name });
    return { ...holding(state, own.value, 0n), renewals: state.renewals + 1 };
  }
  await ctx.sleep(plan.every);
  return failedLook(state);
}

function lose({ log }: Context, { name }: DomainPlan, state: DomainState): Step {
  log.error("The name is lost: its grace is over, and nobody can renew it.", { name });
  return ended(state, "lost");
}
