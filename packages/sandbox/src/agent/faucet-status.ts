// The faucet as an agent sees it: what a claim would give now, and when the next one is granted.

import { type FaucetStatusResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { nextClaimAt } from "./faucet-terms.ts";

export function faucetStatus(context: Context): z.input<typeof FaucetStatusResponse> {
  const { store, terms, at, agent } = context;
  const { amount, windowMs, once } = terms.faucet;
  const claimedAt = store.agents.get(agent)?.claimedAt ?? null;
  const next = claimedAt === null ? at : nextClaimAt(claimedAt, terms.faucet);
  return {
    agent_id: agent,
    amount_micros: toMicros(amount),
    amount: toGuideNumber(amount),
    window_ms: once ? null : windowMs,
    claimable: next !== null && next <= at,
    claimed_at: claimedAt === null ? null : isoOf(claimedAt),
    next_claim_at: next === null ? null : isoOf(Math.max(next, at)),
  };
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}
