// What an escrow payment is to do, and what it does next: a pure decision from what is known.

import { type Duration, durationMs } from "@holdfast/core";
import { money } from "@holdfast/purpleflea";
import { z } from "zod";

const HOUR_MS = 3_600_000;
/** Looks at an escrow until its deadline, at most. */
const LOOKS_MAX = 5_000;
/** How long the venue keeps the money beyond the agent's own deadline, so that it can still be disputed then. */
const GRACE_HOURS = 24;
/** The latest deadline: with the grace, the longest term of the venue. */
const DEADLINE_HOURS_MAX = 720 - GRACE_HOURS;

export const EscrowPlan = z
  .object({
    /** Who is to be paid: an agent of the venue, or the worker of a job. */
    to: z.string().min(1).max(200),
    amountUsd: money(),
    /** What is to be done for it. */
    condition: z.string().max(4_000),
    /** "escrow" (default) locks the money; "job" orders the work from a worker as well. */
    as: z.enum(["escrow", "job"]).default("escrow"),
    /**
     * What makes it pay: the signal `confirm` ("signal", default), or the payee's word that the work is done, too
     * ("completion"). A job is completed by its delivery.
     */
    releaseOn: z.enum(["signal", "completion"]).default("signal"),
    /** Hours from the locking on, 1 to 696; 72 where absent. */
    deadlineHours: z.number().int().min(1).max(DEADLINE_HOURS_MAX).default(72),
    /**
     * What happens when nothing has made it pay by then: the venue gives the money back ("refund", default), or an
     * arbiter decides ("dispute"). Where the payee says that the work is done it is always the arbiter.
     */
    atDeadline: z.enum(["refund", "dispute"]).default("refund"),
    /** Gets 15 % of the venue's fee: an agent of the venue that is neither side. */
    referrer: z.string().min(1).max(200).optional(),
    /** Time between two looks at the escrow; "10m" where absent. */
    every: z
      .custom<Duration>((value) => {
        try {
          return durationMs(value as Duration) > 0;
        } catch {
          return false;
        }
      }, 'expected a duration longer than nothing, such as "10m"')
      .default("10m"),
  })
  .refine(
    ({ every, deadlineHours }) => (deadlineHours * HOUR_MS) / durationMs(every) <= LOOKS_MAX,
    { error: `expected at most ${LOOKS_MAX} looks until the deadline`, path: ["every"] },
  );

export type EscrowPlan = z.output<typeof EscrowPlan>;

/** Until when the venue keeps the money: it must still be there when the deadline has passed and is disputed. */
export function timeoutHours({ atDeadline, deadlineHours }: EscrowPlan): number {
  return atDeadline === "dispute" ? deadlineHours + GRACE_HOURS : deadlineHours;
}

/** When the agent gives up waiting, in milliseconds since the epoch. */
export function giveUpAt({ atDeadline }: EscrowPlan, deadline: number): number {
  return atDeadline === "dispute" ? deadline - GRACE_HOURS * HOUR_MS : deadline;
}

export interface Known {
  /** That of the escrow, when it was looked at last. */
  readonly status: string;
  /** What a signal has asked for. */
  readonly wanted: "release" | "dispute" | undefined;
  /** Whether the deadline has passed. */
  readonly isLate: boolean;
}

/** "wait" looks again later; "end" when nothing changes any more. */
export type Step = "release" | "dispute" | "wait" | "end";

/**
 * What is to be done next.
 *
 * @example
 * nextStep(plan, { status: "locked", wanted: "release", isLate: false }); // "release"
 */
export function nextStep(plan: EscrowPlan, { status, wanted, isLate }: Known): Step {
  if (status === "disputed") return "wait";
  if (status !== "locked" && status !== "completed") return "end";
  if (wanted !== undefined) return wanted;
  if (status === "completed" && plan.releaseOn === "completion") return "release";
  if (!isLate) return "wait";
  // What is only locked, the venue gives back by itself; what is completed, nobody does.
  return plan.atDeadline === "dispute" || status === "completed" ? "dispute" : "wait";
}
