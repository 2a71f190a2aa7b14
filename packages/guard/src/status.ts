// The guard as people see it: what is spent of each budget, which modes are on, who waits for an answer.

import { type GuardPolicy, type GuardStatus, micros } from "@holdfast/core";
import { spanEnd, spanStart } from "@holdfast/core/internal";
import { approvals } from "./approvals.ts";
import { auditHead } from "./audit.ts";
import { modes } from "./modes.ts";
import { type Steps, integer, number, rows, text } from "./steps.ts";

/** Approvals that are listed. */
const APPROVALS_MAX = 100;

export function* status(policy: GuardPolicy | undefined, clock: number): Steps<GuardStatus> {
  const { position, hash, at } = yield* auditHead();
  const now = Math.max(clock, at);
  const budgets: GuardStatus["budgets"][number][] = [];
  for (const { name, per, of, span, limit } of policy?.budgets ?? []) {
    const start = spanStart(span, now);
    const found = yield* rows(
      "SELECT value, amount FROM guard_counter WHERE per = ? AND span = ? AND start = ? AND (? = '' OR value = ?) ORDER BY value",
      per,
      span,
      start,
      of ?? "",
      of ?? "",
    );
    for (const row of found) {
      const spent = micros(integer(row["amount"]));
      budgets.push({ name, value: text(row["value"]), spent, limit, until: spanEnd(span, start) });
    }
  }
  const equity = yield* rows(
    "SELECT account, venue, equity, peak, at FROM guard_equity ORDER BY account, venue",
  );
  return {
    policy: policy === undefined ? undefined : { version: policy.version, digest: policy.digest },
    modes: (yield* modes()).filter(({ until }) => until === undefined || until > now),
    budgets,
    approvals: yield* approvals("asked", APPROVALS_MAX),
    equity: equity.map((row) => ({
      account: text(row["account"]),
      venue: text(row["venue"]),
      equity: micros(integer(row["equity"])),
      peak: micros(integer(row["peak"])),
      at: number(row["at"]),
    })),
    audit: { position, hash },
  };
}
