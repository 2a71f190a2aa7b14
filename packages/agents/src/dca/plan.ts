// The plan of a dollar-cost-averaging agent, and what each period asks for. Pure: time comes in as numbers.

import { type Every, checkEvery, nth } from "@holdfast/core";
import { money } from "@holdfast/purpleflea";
import { z } from "zod";

/** Most periods of one plan: its history must stay within what a run may hold. */
export const PERIODS_MAX = 5_000;

const Rhythm: z.ZodType<Every> = z
  .union([
    z.number(),
    z.string() as unknown as z.ZodType<Every & string>,
    z.object({ days: z.number(), zone: z.string() }).strict(),
    z.object({ weeks: z.number(), zone: z.string() }).strict(),
    z.object({ months: z.number(), zone: z.string() }).strict(),
  ])
  .superRefine((every, context) => {
    try {
      checkEvery(every);
    } catch (error) {
      context.addIssue({
        code: "custom",
        message: error instanceof Error ? error.message : String(error),
      });
    }
  });

/** The venue remembers a key for a day; nothing is resent in its last hour. */
const TOTAL_MS_MAX = 82_800_000;

const Plan = z.object({
  symbol: z.string().min(1).max(40),
  /** USDC of each purchase, as a decimal string. */
  amountUsd: money(),
  /** "1w", or { months: 1, zone: "Europe/Berlin" }. */
  every: Rhythm,
  periods: z.number().int().min(1).max(PERIODS_MAX),
  leverage: z.number().int().min(1).max(50).default(1),
  /**
   * What becomes of periods whose time has passed unused (an outage, a pause): "each" buys every one late,
   * one after the other; "once" makes one purchase for all that were missed together; "skip" makes none.
   */
  missed: z.enum(["each", "once", "skip"]).default("each"),
  /** With "skip": how many milliseconds late a purchase may be and still be made. Default 1 min. */
  graceMs: z.number().int().min(0).default(60_000),
  /** Least milliseconds between two purchases that are made up for. */
  spacingMs: z.number().int().min(0).default(1_000),
  /** How late a purchase may still be filled, in milliseconds. Default 23 h. */
  totalMs: z.number().int().min(1).max(TOTAL_MS_MAX).default(TOTAL_MS_MAX),
});

/** A plan as it is given: amounts as decimal strings, a rhythm in words. */
export const DcaPlan: z.ZodType<z.output<typeof Plan>, z.input<typeof Plan>> = Plan.superRefine(
  ({ every, periods }, context) => {
    try {
      nth(every, 0, periods);
    } catch {
      context.addIssue({
        code: "custom",
        path: ["periods"],
        message: "the last period lies beyond what a calendar can hold",
      });
    }
  },
);

export type DcaPlan = z.output<typeof DcaPlan>;

/** What is done about a period. */
export type Decision = "buy" | "skip";

/** Whether period `n`, which is due, is bought at this instant. */
export function decide(plan: DcaPlan, start: number, n: number, now: number): Decision {
  switch (plan.missed) {
    case "each":
      return "buy";
    case "once": {
      // Of periods missed together the last one stands for all: it is the one whose successor is not yet due.
      const last = n === plan.periods - 1;
      return last || nth(plan.every, start, n + 1) > now ? "buy" : "skip";
    }
    case "skip":
      return now - nth(plan.every, start, n) <= plan.graceMs ? "buy" : "skip";
  }
}

/**
 * Until when the purchase of a period that is late must wait, so that purchases made up for keep their
 * distance; undefined when it may be made now.
 */
export function nextPurchaseAt(
  plan: DcaPlan,
  due: number,
  boughtAt: number | undefined,
  now: number,
): number | undefined {
  if (boughtAt === undefined || now <= due) return undefined;
  const next = boughtAt + plan.spacingMs;
  return next > now ? next : undefined;
}
