// An intent and the guard's book beside it change in one transaction. What is written is said once, as procedures,
// for both databases.

import {
  type Failure,
  type GuardPolicy,
  type IntentEffect,
  type IntentState,
  type NewIntent,
  type Recorded,
  type Sending,
  type Settlement,
  type StoredIntent,
  encode,
} from "@holdfast/core";
import {
  type Admission,
  type Asked,
  type Steps,
  admitShared,
  counting,
  findEffect,
  first,
  heldBack,
  isGuarded,
  observe,
  recall,
  rows,
  settle,
} from "@holdfast/guard";
import { INTENT_COLUMNS, intentOf, settledColumns } from "./row.ts";

/** Of two that ask at once one comes after: the row is locked before it is looked at. */
const RECORD = `
  INSERT INTO intent (key, ref, account, activity, venue, fingerprint, run, owner, lane, state, recorded_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)
  ON CONFLICT (key) DO UPDATE SET
    settled_at = CASE WHEN intent.state = 'refused' AND intent.owner <> excluded.owner THEN NULL ELSE intent.settled_at END,
    state = CASE WHEN intent.state = 'refused' AND intent.owner <> excluded.owner THEN 'open' ELSE intent.state END,
    sent_at = CASE WHEN intent.state = 'refused' AND intent.owner <> excluded.owner THEN NULL ELSE intent.sent_at END,
    sends = CASE WHEN intent.owner <> excluded.owner THEN 0 ELSE intent.sends END,
    run = excluded.run, owner = excluded.owner
  RETURNING ${INTENT_COLUMNS}`;

const SENDING = `
  UPDATE intent SET sent_at = coalesce(sent_at, ?), last_send_at = ?, sends = sends + 1,
    reconcile_tries = 0, asks = FALSE, state = 'open'
  WHERE key = ? AND owner = ? AND state IN ('open', 'in-doubt')
    AND (lane IS NULL OR EXISTS (SELECT 1 FROM lane WHERE lane.lane = intent.lane AND lane.key = intent.key))
  RETURNING key`;

const SETTLE = `
  UPDATE intent SET state = ?, settled_at = ?, last_failure = coalesce(?, last_failure), output = ?
  WHERE key = ? AND state <> 'done' RETURNING account, venue`;

/** Records a decision; the guard judges it there, and what it denies is refused in the same transaction. */
export function* recording(
  policy: GuardPolicy | undefined,
  intent: NewIntent,
  effect: IntentEffect | undefined,
): Steps<Recorded> {
  const { key, ref, account, activity, venue, fingerprint, run, owner, lane } = intent;
  const body = [key, ref, account, activity, venue, fingerprint, run, owner, lane ?? null];
  const [row = {}] = yield* rows(RECORD, ...body, intent.recordedAt);
  const found = intentOf(row);
  const isOpen = found.state === "open" && found.fingerprint === fingerprint;
  if (effect === undefined || !isOpen) return { intent: found, word: yield* recall(key) };
  // What may have been sent was let through once.
  if (found.sentAt !== undefined) return { intent: found, word: { kind: "admitted" } };
  const word = yield* judging(policy, intent, effect);
  if (word.kind !== "denied") return { intent: found, word };
  const { failure } = word;
  const at = intent.recordedAt;
  yield* rows(SETTLE, "refused", at, encode(failure), null, key);
  return { intent: { ...found, state: "refused", settledAt: at, lastFailure: failure }, word };
}

function* judging(
  policy: GuardPolicy | undefined,
  { key, ref, account, venue, activity, run, fingerprint: body, recordedAt }: NewIntent,
  { workflow, command, unsaid }: IntentEffect,
): Steps<Admission> {
  if (unsaid !== undefined) {
    if (policy === undefined && !(yield* isGuarded())) return { kind: "admitted" };
    return { kind: "denied", failure: unsaid };
  }
  const asked: Asked = { key, ref, account, venue, activity, run, workflow, body, command };
  return yield* admitShared(policy, asked, recordedAt);
}

export interface Send {
  readonly key: string;
  readonly owner: string;
  readonly at: number;
  readonly effect: IntentEffect | undefined;
}

/** What stands of an intent before its send. */
interface Before {
  readonly owner: string;
  readonly state: IntentState;
}

/** Reads the modes, and notes a send. */
export function* sending({ key, owner, at, effect }: Send): Steps<Sending> {
  const found = yield* first(
    "SELECT owner, state, account, venue, ref FROM intent WHERE key = ?",
    key,
  );
  const before = found as (Before & Pick<StoredIntent, "account" | "venue" | "ref">) | undefined;
  const isSettled = before?.state === "done" || before?.state === "refused";
  if (before === undefined || isSettled || before.owner !== owner) return { kind: "gone" };
  const judged = yield* findEffect(key);
  // Nobody has let it through yet.
  if (judged?.state === "asking" || judged?.state === "denied") return { kind: "gone" };
  const { account, venue, ref } = before;
  const workflow = effect?.workflow ?? judged?.workflow ?? "";
  const command = effect?.command ?? judged?.command;
  const failure = yield* heldBack({ account, venue, ref, workflow }, command, at);
  if (failure !== undefined) return { kind: "held", failure };
  const sent = yield* rows(SENDING, at, at, key, owner);
  return { kind: sent.length > 0 ? "sent" : "gone" };
}

/** Settles an effect, and its reservation with it. */
export function* settling(
  policy: GuardPolicy | undefined,
  key: string,
  settlement: Settlement,
  at: number,
): Steps<boolean> {
  const { state } = settlement;
  const { settledAt, failure, output } = settledColumns(settlement, at);
  const [row] = yield* rows(SETTLE, state, settledAt, failure, output, key);
  if (row === undefined) return false;
  // Nobody knows: it stays reserved.
  if (state === "in-doubt") return true;
  if (state === "refused") {
    yield* settle(yield* counting(), key, { kind: "refused" }, at);
    return true;
  }
  const { cost, observations = [] } = settlement.told ?? {};
  yield* settle(yield* counting(), key, { kind: "done", cost }, at);
  if (policy !== undefined && observations.length > 0) {
    const of = { account: String(row["account"]), venue: String(row["venue"]) };
    yield* observe(policy, of, observations, at);
  }
  return true;
}

const UNSENT = `
  SELECT intent.key FROM intent JOIN guard_effect ON guard_effect.key = intent.key
  WHERE intent.run = ? AND intent.state = 'open' AND intent.sent_at IS NULL
    AND guard_effect.state IN ('reserved', 'asking')`;

const DOUBT = `
  UPDATE intent SET state = 'in-doubt', last_failure = coalesce(last_failure, ?)
  WHERE run = ? AND state = 'open' AND sent_at IS NOT NULL RETURNING key`;

/** A run is gone: what it may have sent is in doubt, and what it had only reserved is free again. */
export function* doubting(run: string, failure: Failure, at: number): Steps<number> {
  const unsent: Failure = { ...failure, outcome: "not-sent", inDoubt: false };
  for (const row of yield* rows(UNSENT, run))
    yield* settling(undefined, String(row["key"]), { state: "refused", failure: unsent }, at);
  return (yield* rows(DOUBT, encode(failure), run)).length;
}
