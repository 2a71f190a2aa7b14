// An intent as its row has it: the names of its columns, and how they are read. The same in both databases.

import {
  type Encoded,
  type Failure,
  type IntentState,
  type Settlement,
  type StoredIntent,
  decode,
  encode,
} from "@holdfast/core";

export const INTENT_COLUMNS =
  "key, ref, account, activity, venue, fingerprint, run, owner, lane, state, recorded_at, settled_at, sent_at, last_send_at, sends, asks, reconcile_tries, last_failure, details, output";

const LIST_MAX = 1_000;
const LIST_DEFAULT = 100;

/** Intents in one listing. */
export function listLimit(asked: number | undefined): number {
  return Math.min(asked ?? LIST_DEFAULT, LIST_MAX);
}

export interface SettledColumns {
  readonly settledAt: number | null;
  readonly failure: Encoded | null;
  readonly output: Encoded | null;
}

/** What a settlement writes beside its state. */
export function settledColumns(settlement: Settlement, at: number): SettledColumns {
  if (settlement.state === "done")
    return { settledAt: at, failure: null, output: settlement.output };
  const settledAt = settlement.state === "in-doubt" ? null : at;
  return { settledAt, failure: encode(settlement.failure), output: null };
}

/** The values of an intent that another store knows, in the order of the columns. */
export function columnsOf(intent: StoredIntent): (string | number | boolean | null)[] {
  const { key, ref, account, activity, venue, fingerprint, run, owner, lane, state } = intent;
  const { recordedAt, settledAt, sentAt, lastSendAt, sends, asks, reconcileTries } = intent;
  const { lastFailure, details, output } = intent;
  const name = [key, ref, account, activity, venue, fingerprint, run, owner, lane ?? null, state];
  const times = [recordedAt, settledAt ?? null, sentAt ?? null, lastSendAt ?? null];
  const failure = lastFailure === undefined ? null : encode(lastFailure);
  const told = [sends, asks, reconcileTries, failure, details ?? null, output ?? null];
  return [...name, ...times, ...told];
}

/** Whole numbers come as numbers or, where they may be large, as text; flags as 0 and 1 or as booleans. */
export function intentOf(found: Readonly<Record<string, unknown>>): StoredIntent {
  const text = (name: string): string => String(found[name]);
  const optional = (name: string): string | undefined =>
    typeof found[name] === "string" ? found[name] : undefined;
  const time = (name: string): number | undefined =>
    found[name] === null || found[name] === undefined ? undefined : Number(found[name]);
  const failure = optional("last_failure");
  return {
    key: text("key"),
    ref: text("ref"),
    account: text("account"),
    activity: text("activity"),
    venue: text("venue"),
    fingerprint: text("fingerprint"),
    run: text("run"),
    owner: text("owner"),
    lane: optional("lane"),
    state: text("state") as IntentState,
    recordedAt: Number(found["recorded_at"]),
    settledAt: time("settled_at"),
    sentAt: time("sent_at"),
    lastSendAt: time("last_send_at"),
    sends: Number(found["sends"]),
    asks: Boolean(found["asks"]),
    reconcileTries: Number(found["reconcile_tries"]),
    lastFailure: failure === undefined ? undefined : (decode(failure) as Failure),
    details: optional("details"),
    output: optional("output"),
  };
}
