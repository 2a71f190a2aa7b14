// How a money activity acts at a venue that honours no keys: it writes down what the account looks like, then
// sends, and reconciles by what is different. Where the venue honours keys it just sends.

import type { ActivityContext, Reconciliation } from "@holdfast/core";
import { z } from "zod";
import type { Records } from "../profile/dialect.ts";
import { purpleFlea } from "../resource.ts";
import { type Baseline, type Proof, baselineOf } from "./evidence.ts";

const Kept = z.object({
  attempt: z.number(),
  sentAt: z.number(),
  before: z.object({
    positions: z.array(z.string()),
    trades: z.array(z.string()),
    exposure: z.record(z.string(), z.string()),
  }),
  /** What the activity itself has to remember. */
  more: z.unknown().optional(),
});

export type Kept = z.output<typeof Kept>;

/** True where only the account's records tell what a write did. */
export function isKeyless(a: ActivityContext): boolean {
  return a.use(purpleFlea).profile.idempotency === "none";
}

/** Keeps what the account looks like now, on disk before it returns. Anything may be sent after it. */
export async function keepBaseline(a: ActivityContext, more?: unknown): Promise<Baseline> {
  const before = baselineOf(await a.use(purpleFlea).records());
  await a.keep({ attempt: a.attempt, sentAt: a.now(), before, more });
  return before;
}

/** What was kept last, by whichever attempt; undefined where nothing was. */
export function keptBefore(a: ActivityContext): Kept | undefined {
  return Kept.optional().parse(a.lastHeartbeat);
}

/**
 * Reconciles by the account's records. An attempt that has kept nothing has sent nothing. A call that took over
 * another's intent has no attempt of its own, and nothing to compare with: that is for a person.
 */
export async function byRecords<Value, Output>(
  a: ActivityContext,
  prove: (kept: Kept, after: Records) => Proof<Value>,
  receipt: (value: Value) => Output,
): Promise<Reconciliation<Output>> {
  if (a.attempt === 0) {
    return lasting("it was sent by an earlier call, and what was there before is not known");
  }
  const kept = keptBefore(a);
  if (kept?.attempt !== a.attempt) return { kind: "not-done" };
  const proof = prove(kept, await a.use(purpleFlea).records());
  if (proof.kind === "unclear") return lasting(proof.reason);
  return proof.kind === "done" ? { kind: "done", output: receipt(proof.value) } : proof;
}

function lasting(reason: string): { kind: "unknown"; reason: string; lasting: true } {
  return { kind: "unknown", reason, lasting: true };
}
