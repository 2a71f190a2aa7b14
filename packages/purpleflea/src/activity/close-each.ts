// Closes all positions at a venue that can close one only: one after the other, each once. What is to be closed is
// kept on disk first, so that an attempt after a crash goes on with what is left, and the sums are those of all.

import {
  type ActivityContext,
  HoldfastError,
  type Reconciliation,
  hasCode,
  micros,
} from "@holdfast/core";
import { z } from "zod";
import type { Records } from "../profile/dialect.ts";
import { purpleFlea } from "../resource.ts";
import { type Baseline, type Ended, type Proof, fillsOf } from "./evidence.ts";
import { byRecords, keepBaseline, keptBefore } from "./keyless.ts";

/** What the first attempt found: all that is to be closed, and what the account looked like. */
const Plan = z.object({
  ids: z.array(z.string()),
  before: z.object({
    positions: z.array(z.string()),
    trades: z.array(z.string()),
    exposure: z.record(z.string(), z.string()),
  }),
});

type Plan = z.output<typeof Plan>;

interface Sums {
  readonly positions: number;
  readonly notClosed: number;
  readonly realised: ReturnType<typeof micros>;
  readonly fees: ReturnType<typeof micros>;
}

/** @throws HF-VENUE-UNREADABLE where all is closed and the records do not tell for how much: nobody knows then */
export async function closeEach(a: ActivityContext): Promise<Sums> {
  const earlier = planOf(keptBefore(a)?.more);
  const client = a.use(purpleFlea);
  const after = await client.records();
  const held = after.positions.filter(({ status }) => status === "open").map(({ id }) => id);
  const ids = [...new Set([...(earlier?.ids ?? []), ...held])];
  // The plan of the first attempt goes on: what it saw is where the sums begin.
  const plan: Plan = { ids, before: earlier?.before ?? baselineFrom(after) };
  await keepBaseline(a, plan);
  for (const id of held) {
    try {
      await a.part(id).use(purpleFlea).trade.close(id);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  const proof = sumsOf(plan, await client.records());
  if (proof.kind === "done") return proof.value;
  throw new HoldfastError(
    "HF-VENUE-UNREADABLE",
    `Cannot tell what closing all positions came to: ${proof.kind === "unclear" ? proof.reason : "one is still open"}.`,
    { class: "data", disposition: "retry", outcome: "unknown" },
  );
}

export function eachClosed(a: ActivityContext): Promise<Reconciliation<Sums>> {
  return byRecords(
    a,
    ({ more }, after) => sumsOf(planOf(more), after),
    (sums) => sums,
  );
}

/** Done where nothing of the plan is open, with the sums of the fills that ended it. */
function sumsOf(plan: Plan | undefined, after: Records): Proof<Sums> {
  if (plan === undefined) return { kind: "unclear", reason: "no plan was kept" };
  const ended: Ended[] = [];
  for (const id of plan.ids) {
    const position = after.positions.find((one) => one.id === id);
    if (position === undefined) {
      return { kind: "unclear", reason: `the venue lists no record of position ${id}` };
    }
    if (position.status === "open") return { kind: "not-done" };
    if (position.status === "liquidated") continue;
    // Of equal ones, each takes another; which one makes no difference to the sums.
    const taken = new Set(ended.map(({ fill }) => fill.id));
    const fill = fillsOf(position, plan.before, after).find(({ id }) => !taken.has(id));
    if (fill === undefined) {
      return { kind: "unclear", reason: `no new fill says how position ${id} was closed` };
    }
    ended.push({ position, fill });
  }
  const sum = (field: "realisedMicros" | "feeMicros") =>
    micros(ended.reduce((total, { fill }) => total + BigInt(fill[field]), 0n));
  const value = {
    positions: ended.length,
    // What the exchange still holds was on no record.
    notClosed: Object.keys(after.exposure).filter((name) => name !== "source").length,
    realised: sum("realisedMicros"),
    fees: sum("feeMicros"),
  };
  return { kind: "done", value };
}

function baselineFrom({ positions, trades, exposure }: Records): Baseline & Plan["before"] {
  return {
    positions: positions.map(({ id }) => id),
    trades: trades.map(({ id }) => id),
    exposure: { ...exposure },
  };
}

function planOf(more: unknown): Plan | undefined {
  const parsed = Plan.safeParse(more);
  return parsed.success ? parsed.data : undefined;
}

/** Somebody else has closed it meanwhile, or the venue has taken it. */
function isGone(error: unknown): boolean {
  return hasCode(error, "HF-VENUE-REFUSED") && error.details["status"] === 404;
}
