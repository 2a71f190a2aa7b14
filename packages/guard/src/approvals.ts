// Approvals: a person is asked for exactly one command. Any change of it, or the end of its time, voids the word.

import {
  type ApprovalAnswer,
  type ApprovalRow,
  type ApprovalState,
  type Failure,
  HoldfastError,
  encode,
  formatUsdc,
  toFailure,
} from "@holdfast/core";
import type { Approval, CheckResult } from "@holdfast/core/internal";
import { createHash } from "node:crypto";
import { audit } from "./audit.ts";
import { GUARD } from "./modes.ts";
import { type Deciding, fingerprintOf } from "./effect.ts";
import {
  type Row,
  type Steps,
  first,
  number,
  optional,
  optionalText,
  rows,
  text,
} from "./steps.ts";

const COLUMNS =
  "id, key, run, ref, account, command, why, state, asked_at, expires_at, decided_at, decided_by, reason";

/** Asks, and gives what the run is told meanwhile. */
export function* askApproval(
  effect: Deciding,
  { note = "" }: CheckResult,
  { expiresMs }: Approval,
  now: number,
): Steps<Failure> {
  const { key, ref, account, command, run } = effect;
  const fingerprint = fingerprintOf(effect);
  const id = createHash("sha256")
    .update(`${key}\n${fingerprint}\n${now}`)
    .digest("hex")
    .slice(0, 12);
  const expiresAt = now + expiresMs;
  yield* rows(
    `INSERT INTO guard_approval (id, key, fingerprint, run, ref, account, command, why, state, asked_at, asked_by, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'asked', ?, ?, ?)`,
    id,
    key,
    fingerprint,
    run,
    ref,
    account,
    encode(command),
    note,
    now,
    account,
    expiresAt,
  );
  return toFailure(
    new HoldfastError(
      "HF-APPROVAL-NEEDED",
      `${ref} (${command.operation}, at most ${formatUsdc(command.amount)} USDC) waits for a person: ${note}. Approve or reject it: holdfast approvals.`,
      {
        class: "state",
        disposition: "terminal",
        outcome: "not-sent",
        details: { approval: id, expiresAt },
      },
    ),
  );
}

/** Whether a person has said yes to exactly this command, and the word still holds. */
export function* approvedOf(key: string, fingerprint: string, now: number): Steps<boolean> {
  const found = yield* first(
    "SELECT 1 AS found FROM guard_approval WHERE key = ? AND fingerprint = ? AND state = 'approved' AND expires_at > ? LIMIT 1",
    key,
    fingerprint,
    now,
  );
  return found !== undefined;
}

export function* approvals(
  state: ApprovalState | undefined,
  limit: number,
): Steps<readonly ApprovalRow[]> {
  const found = yield* rows(
    `SELECT ${COLUMNS} FROM guard_approval WHERE ? = '' OR state = ? ORDER BY asked_at DESC, id LIMIT ?`,
    state ?? "",
    state ?? "",
    limit,
  );
  return found.map(approvalOf);
}

export function* findApproval(id: string): Steps<ApprovalRow | undefined> {
  const found = yield* first(`SELECT ${COLUMNS} FROM guard_approval WHERE id = ?`, id);
  return found === undefined ? undefined : approvalOf(found);
}

function approvalOf(row: Row): ApprovalRow {
  return {
    id: text(row["id"]),
    key: text(row["key"]),
    run: text(row["run"]),
    ref: text(row["ref"]),
    account: text(row["account"]),
    command: text(row["command"]),
    why: text(row["why"]),
    state: text(row["state"]) as ApprovalState,
    askedAt: number(row["asked_at"]),
    expiresAt: number(row["expires_at"]),
    decidedAt: optional(row["decided_at"]),
    decidedBy: optionalText(row["decided_by"]),
    reason: optionalText(row["reason"]),
  };
}

/** An answer, or that none came in time. */
type Answer = ApprovalAnswer & { readonly isExpired?: boolean };

/**
 * Whether an answer may be taken. Pure.
 *
 * @throws HF-APPROVAL-UNKNOWN, HF-APPROVAL-DECIDED where it was answered or is too late, HF-APPROVAL-OWN
 */
export function checkAnswer(
  found: ApprovalRow | undefined,
  { id, actor, isExpired = false }: Answer,
  { bySamePerson, now }: { readonly bySamePerson: boolean; readonly now: number },
): ApprovalRow {
  if (found === undefined)
    throw refused(
      "HF-APPROVAL-UNKNOWN",
      `Cannot answer approval ${id}: there is none. See them: holdfast approvals.`,
    );
  const isLate = found.state === "asked" && found.expiresAt <= now && !isExpired;
  if (found.state !== "asked" || isLate)
    throw refused(
      "HF-APPROVAL-DECIDED",
      `Cannot answer approval ${id}: it is ${isLate ? "expired" : found.state} already.`,
    );
  if (!bySamePerson && !isExpired && actor === found.account)
    throw refused(
      "HF-APPROVAL-OWN",
      `Cannot answer approval ${id} as ${actor}: whoever asked may not answer. Let somebody else do it.`,
    );
  return found;
}

/** Writes a person's answer down, or the end of its time. The effect itself is settled by whoever holds its run. */
export function* decideApproval(
  row: ApprovalRow,
  { approved, actor, reason, isExpired }: Answer,
  now: number,
): Steps<void> {
  const state = isExpired === true ? "expired" : approved ? "approved" : "rejected";
  yield* decideAs(row, { state, actor, reason, now });
}

/** Nobody waits any more for what was asked under a key. */
export function* withdrawApprovals(key: string, now: number): Steps<void> {
  const found = yield* rows(
    `SELECT ${COLUMNS} FROM guard_approval WHERE key = ? AND state = 'asked'`,
    key,
  );
  const reason = "its run does not wait for it any more";
  for (const row of found)
    yield* decideAs(approvalOf(row), { state: "withdrawn", actor: GUARD, reason, now });
}

/** The first of those that wait to be over; undefined where nobody waits. */
export function* nextExpiry(): Steps<Pick<ApprovalRow, "id" | "expiresAt"> | undefined> {
  const found = yield* first(
    "SELECT id, expires_at FROM guard_approval WHERE state = 'asked' ORDER BY expires_at, id LIMIT 1",
  );
  if (found === undefined) return undefined;
  return { id: text(found["id"]), expiresAt: number(found["expires_at"]) };
}

function* decideAs(
  row: ApprovalRow,
  by: {
    readonly state: ApprovalState;
    readonly actor: string;
    readonly reason: string;
    readonly now: number;
  },
): Steps<void> {
  yield* rows(
    "UPDATE guard_approval SET state = ?, decided_at = ?, decided_by = ?, reason = ? WHERE id = ? AND state = 'asked'",
    by.state,
    by.now,
    by.actor,
    by.reason,
    row.id,
  );
  if (by.state === "approved")
    yield* rows(
      "UPDATE guard_effect SET state = 'reserved', failure = NULL WHERE key = ? AND state = 'asking'",
      row.key,
    );
  yield* audit([
    {
      at: by.now,
      action: `approval ${by.state}`,
      actor: by.actor,
      reason: by.reason,
      subject: row.ref,
      detail: JSON.stringify({ approval: row.id, key: row.key, why: row.why }),
    },
  ]);
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
