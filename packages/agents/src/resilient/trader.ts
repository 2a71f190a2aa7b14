// A trader that goes on whatever breaks: each tick it looks whether it can see, trades where it may, and takes up
// again what could not be placed before. What it may do is the guard's to say; that it never acts twice is the
// engine's.

import {
  type Duration,
  type Usdc,
  type Workflow,
  type WorkflowContext,
  done,
  durationMs,
  workflow,
} from "@holdfast/core";
import { closePosition, getPortfolio, getPrices, money } from "@holdfast/purpleflea";
import { z } from "zod";
import { type OrderReport, placeResiliently } from "./order.ts";
import { wishOf } from "./signal.ts";

/** Orders that could not be placed and are kept; beyond them the oldest is dropped, and logged. */
export const LETTERS_MAX = 100;
/** Letters above which that is logged. */
export const LETTERS_WARN = 10;

const span = z.custom<Duration>((value) => {
  try {
    return durationMs(value as Duration) > 0;
  } catch {
    return false;
  }
}, 'expected a duration longer than nothing, such as "5m"');

const Plan = z
  .object({
    symbol: z.string(),
    sizeUsd: money(),
    leverage: z.number().int().min(1).max(50).default(1),
    /** Time between two ticks. */
    every: span,
    /** Ticks that the two averages are of. */
    fast: z.number().int().min(1).max(500).default(3),
    slow: z.number().int().min(2).max(1_000).default(12),
    /** After so long an order that could not be placed is not wanted any more. Default 1 h. */
    letterLasts: span.default("1h"),
    /** Ends after so many ticks; without it, never. */
    ticks: z.number().int().min(1).optional(),
  })
  .refine(({ fast, slow }) => fast < slow, "fast must be shorter than slow");

const Letter = z.object({
  ref: z.string(),
  wish: z.enum(["open", "close"]),
  code: z.string(),
  why: z.string(),
  attempts: z.number(),
  firstAt: z.number(),
});

const State = z.object({
  ticks: z.number(),
  /** Ticks without prices or without the account: nothing was traded in them. */
  blind: z.number(),
  prices: z.array(money()),
  position: z.object({ id: z.string(), size: money() }).nullable(),
  letters: z.array(Letter),
  /** Orders by what became of them; `denied` by check. */
  filled: z.number(),
  closed: z.number(),
  refused: z.number(),
  dropped: z.number(),
  denied: z.record(z.string(), z.number()),
  /** Sums of the receipts. */
  fees: money(),
  funding: money(),
  realised: money(),
  /** The mode that the guard named last, where it denied because of one. */
  deniedIn: z.string().nullable(),
});

type State = z.output<typeof State>;
type Plan = z.output<typeof Plan>;

const queries = { state: State };

const NOTHING = 0n as Usdc;

const BEGIN: State = {
  ticks: 0,
  blind: 0,
  prices: [],
  position: null,
  letters: [],
  filled: 0,
  closed: 0,
  refused: 0,
  dropped: 0,
  denied: {},
  fees: NOTHING,
  funding: NOTHING,
  realised: NOTHING,
  deniedIn: null,
};

/**
 * Trades momentum of one symbol, long or not at all, and survives what breaks meanwhile.
 *
 * @example
 * await client.start(resilientTrader, { symbol: "BTC-PERP", sizeUsd: "50.00", every: "5m" }, { id: "trader" });
 */
export const resilientTrader: Workflow<
  z.input<typeof Plan>,
  State,
  Record<never, never>,
  typeof queries
> = workflow({
  name: "agents.resilientTrader",
  input: Plan,
  output: State,
  queries,
  run: async (ctx, plan) => {
    let seen = BEGIN;
    ctx.onQuery("state", () => seen);
    return ctx.loop(seen, async (before) => {
      seen = before;
      seen = await tick(ctx, plan, before);
      if (plan.ticks !== undefined && seen.ticks >= plan.ticks) return done(seen);
      await ctx.sleep(plan.every);
      return seen;
    });
  },
});

async function tick(ctx: WorkflowContext, plan: Plan, before: State): Promise<State> {
  const looked = await look(ctx, plan, { ...before, ticks: before.ticks + 1 });
  if (looked === undefined) return { ...before, ticks: before.ticks + 1, blind: before.blind + 1 };
  const state = dropOld(ctx, plan, looked);
  const [letter] = state.letters;
  if (letter !== undefined) return act(ctx, plan, state, letter);
  const wish = wishOf(state.prices, plan, state.position !== null);
  if (wish === "nothing") return state;
  const ref = `${ctx.info.id}/${wish}-${state.ticks}`;
  const now = ctx.now();
  return act(ctx, plan, state, { ref, wish, code: "", why: "", attempts: 0, firstAt: now });
}

/** Health: the prices, and the account as the venue has it. Undefined where either cannot be seen. */
async function look(ctx: WorkflowContext, plan: Plan, state: State): Promise<State | undefined> {
  const total = plan.every;
  const [prices, portfolio] = await Promise.all([
    ctx.try(getPrices, undefined, { total }),
    ctx.try(getPortfolio, undefined, { total }),
  ]);
  if (!prices.ok || !portfolio.ok) return undefined;
  const mark = prices.value.find(({ symbol }) => symbol === plan.symbol);
  if (mark === undefined) return undefined;
  const held = portfolio.value.positions.find(({ symbol }) => symbol === plan.symbol);
  return {
    ...state,
    prices: [...state.prices, mark.price].slice(-plan.slow),
    // The venue's word: it may have taken the position away.
    position: held === undefined ? null : { id: held.positionId, size: held.size },
  };
}

type Letter = z.output<typeof Letter>;

async function act(ctx: WorkflowContext, plan: Plan, state: State, letter: Letter): Promise<State> {
  const letters = state.letters.filter(({ ref }) => ref !== letter.ref);
  const rest = { ...state, letters };
  // Another try of what could not be placed is another order: it certainly was not.
  const ref = letter.attempts === 0 ? letter.ref : `${letter.ref}/again-${letter.attempts}`;
  if (letter.wish === "close") return close(ctx, rest, letter, ref);
  if (state.position !== null) return rest;
  const { symbol, sizeUsd, leverage } = plan;
  const order = { symbol, side: "long", sizeUsd, leverage } as const;
  const report = await placeResiliently(ctx, order, { ref, total: plan.every });
  return taken(ctx, rest, letter, report);
}

async function close(
  ctx: WorkflowContext,
  state: State,
  letter: Letter,
  ref: string,
): Promise<State> {
  if (state.position === null) return state;
  const closed = await ctx.try(closePosition, { positionId: state.position.id }, { ref });
  if (closed.ok) {
    const { realised, fee, funding = NOTHING } = closed.value;
    return {
      ...state,
      position: null,
      closed: state.closed + 1,
      realised: (state.realised + realised) as Usdc,
      fees: (state.fees + fee) as Usdc,
      funding: (state.funding + funding) as Usdc,
    };
  }
  const { code, message: why, outcome } = closed.failure;
  if (code === "HF-GUARD-DENIED") return noted(ctx, state, letter, { code, why });
  return outcome === "not-sent"
    ? noted(ctx, state, letter, { code, why })
    : { ...state, refused: state.refused + 1 };
}

function taken(ctx: WorkflowContext, state: State, letter: Letter, report: OrderReport): State {
  switch (report.kind) {
    case "filled":
      return {
        ...state,
        position: { id: report.positionId, size: report.size },
        filled: state.filled + 1,
        fees: (state.fees + report.fee) as Usdc,
        deniedIn: null,
      };
    case "denied": {
      const denied = { ...state.denied, [report.check]: (state.denied[report.check] ?? 0) + 1 };
      return { ...state, denied, deniedIn: report.mode ?? null };
    }
    case "refused":
      return { ...state, refused: state.refused + 1 };
    case "unsent":
      return noted(ctx, state, letter, report);
  }
}

/** Keeps an order for a later tick. */
function noted(
  ctx: WorkflowContext,
  state: State,
  letter: Letter,
  { code, why }: { readonly code: string; readonly why: string },
): State {
  const letters = [...state.letters, { ...letter, code, why, attempts: letter.attempts + 1 }];
  if (letters.length > LETTERS_WARN)
    ctx.log.warn("Many orders could not be placed.", { letters: letters.length });
  return { ...state, letters: letters.slice(-LETTERS_MAX) };
}

/** What has waited for too long is not wanted any more: the market is another one by now. */
function dropOld(ctx: WorkflowContext, plan: Plan, state: State): State {
  const since = ctx.now() - durationMs(plan.letterLasts);
  const letters = state.letters.filter(({ firstAt }) => firstAt >= since);
  const dropped = state.letters.length - letters.length;
  return dropped === 0 ? state : { ...state, letters, dropped: state.dropped + dropped };
}
