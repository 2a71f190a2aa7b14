// The ledger of budgets: what each effect has reserved and did cost, and the counters that are sums over it.

import { createHash } from "node:crypto";
import { type Failure, type GuardPolicy, decode, encode, micros } from "@holdfast/core";
import {
  type CounterKey,
  type GuardedEffect,
  type Tracker,
  counterName,
  countersOf,
  notionalOf,
  spanEnd,
  spanStart,
} from "@holdfast/core/internal";
import {
  type Row,
  type Steps,
  type Value,
  first,
  integer,
  number,
  optionalText,
  rows,
  text,
} from "./steps.ts";

/**
 * How an effect stands. `reserved` may be or have been sent; `asking` waits for a person; `posted` did cost; `void`
 * never happened; `denied` was never let through.
 */
export type EffectState = "reserved" | "asking" | "posted" | "void" | "denied";

export interface EffectRow extends GuardedEffect {
  readonly state: EffectState;
  readonly failure: Failure | undefined;
  readonly cost: bigint | undefined;
  readonly at: number;
}

export const EFFECT_COLUMNS =
  "key, ref, account, workflow, venue, operation, kind, symbol, counterparty, edge, amount, notional, cost, fingerprint, state, failure, at";

export function* findEffect(key: string): Steps<EffectRow | undefined> {
  const found = yield* first(`SELECT ${EFFECT_COLUMNS} FROM guard_effect WHERE key = ?`, key);
  return found === undefined ? undefined : effectOf(found);
}

export function effectOf(row: Row): EffectRow {
  const failure = optionalText(row["failure"]);
  return {
    key: text(row["key"]),
    ref: text(row["ref"]),
    account: text(row["account"]),
    workflow: text(row["workflow"]),
    venue: text(row["venue"]),
    command: {
      operation: text(row["operation"]),
      kind: row["kind"] === "reduce" ? "reduce" : "open",
      amount: micros(integer(row["amount"])),
      notional: micros(integer(row["notional"])),
      symbol: optionalText(row["symbol"]),
      counterparty: optionalText(row["counterparty"]),
      ...(number(row["edge"]) === 1 ? { edge: -1 } : {}),
    },
    state: text(row["state"]) as EffectState,
    failure: failure === undefined ? undefined : (decode(failure) as Failure),
    cost: row["cost"] === null || row["cost"] === undefined ? undefined : integer(row["cost"]),
    at: number(row["at"]),
  };
}

/** An effect that is being decided. */
export interface Deciding extends GuardedEffect {
  /** Workflow id of its run. */
  readonly run: string;
  /** What would be sent, in short: the fingerprint of its intent. */
  readonly body: string;
}

/** What tells two commands apart, but for their keys: all that would be sent, and all that the guard judges by. */
export function fingerprintOf({
  account,
  command,
  body,
}: Pick<Deciding, "account" | "command" | "body">): string {
  const { operation, kind, amount, symbol, counterparty, leverage, limitPrice, again } = command;
  const limit = limitPrice === undefined ? undefined : String(limitPrice);
  const all = [body, account, operation, kind, String(amount), String(notionalOf(command))];
  const rest = [symbol, counterparty, leverage, limit, again].map((one) => one ?? null);
  return createHash("sha256")
    .update(JSON.stringify([...all, ...rest]))
    .digest("hex");
}

/** How an effect stands when it is written down. */
interface Stands {
  readonly state: EffectState;
  readonly failure?: Failure | undefined;
  readonly cost?: bigint | undefined;
  readonly at: number;
  readonly fingerprint: string;
}

/** The values of an effect, in the order of the columns. */
export function effectValues(effect: GuardedEffect, stands: Stands): readonly Value[] {
  const { key, ref, account, workflow, venue, command } = effect;
  const { state, failure, cost, fingerprint, at } = stands;
  return [
    key,
    ref,
    account,
    workflow,
    venue,
    command.operation,
    command.kind,
    command.symbol ?? null,
    command.counterparty ?? null,
    Number((command.edge ?? 0) < 0),
    command.amount,
    notionalOf(command),
    cost ?? null,
    fingerprint,
    state,
    failure === undefined ? null : encode(failure),
    at,
  ];
}

/** Places of the values of one effect in a statement. */
export const EFFECT_PLACES = `(${EFFECT_COLUMNS.replaceAll(/\w+/gu, "?")})`;

/** Writes an effect down as it is decided now: what was denied under its key may have been another command. */
export function* putEffect(effect: Deciding, stands: Omit<Stands, "fingerprint">): Steps<void> {
  yield* rows(
    `INSERT INTO guard_effect (${EFFECT_COLUMNS}) VALUES ${EFFECT_PLACES}
     ON CONFLICT (key) DO UPDATE SET
       ref = excluded.ref, account = excluded.account, workflow = excluded.workflow, venue = excluded.venue,
       operation = excluded.operation, kind = excluded.kind, symbol = excluded.symbol,
       counterparty = excluded.counterparty, edge = excluded.edge, amount = excluded.amount,
       notional = excluded.notional, cost = NULL, fingerprint = excluded.fingerprint,
       state = excluded.state, failure = excluded.failure, at = excluded.at`,
    ...effectValues(effect, { ...stands, fingerprint: fingerprintOf(effect) }),
  );
}

/** The counters that are kept: a policy's, or those of a book that several share. */
export type Counting = Pick<GuardPolicy, "trackers">;

/** Adds to the counters of an effect, as far as their spans are not over. */
export function* count(
  policy: Counting,
  effect: Dated,
  by: { readonly amount: bigint; readonly count: number; readonly now: number },
): Steps<void> {
  for (const counter of countersOf(policy.trackers, effect, effect.at)) {
    const end = spanEnd(counter.span, counter.start);
    if (end !== undefined && end <= by.now) continue;
    yield* addTo(counter, by);
  }
}

/** What effects that have happened add to the counters, as far as their spans are not over: as `recount` would. */
export function* countPosted(
  policy: Counting,
  effects: readonly Posted[],
  now: number,
): Steps<void> {
  for (const tracker of policy.trackers) {
    const sums = new Map<string, Sum>();
    const from = spanStart(tracker.span, now);
    for (const effect of effects)
      if (effect.at >= from && effect.command.kind === "open")
        addUp(sums, tracker, effect, effect.cost);
    for (const { counter, ...by } of sums.values()) yield* addTo(counter, by);
  }
}

function* addTo(
  counter: CounterKey,
  by: { readonly amount: bigint; readonly count: number },
): Steps<void> {
  yield* rows(
    `INSERT INTO guard_counter (name, per, span, value, start, amount, count) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET
       amount = guard_counter.amount + excluded.amount, count = guard_counter.count + excluded.count`,
    counterName(counter),
    counter.per,
    counter.span,
    counter.value,
    counter.start,
    by.amount,
    by.count,
  );
}

/** What counters have counted, by name. */
export function* counted(
  counters: readonly CounterKey[],
): Steps<
  ReadonlyMap<string, { readonly amount: ReturnType<typeof micros>; readonly count: number }>
> {
  const names = counters.map(counterName);
  if (names.length === 0) return new Map();
  const found = yield* rows(
    `SELECT name, amount, count FROM guard_counter WHERE name IN (${names.map(() => "?").join(", ")})`,
    ...names,
  );
  return new Map(
    found.map((row) => [
      text(row["name"]),
      { amount: micros(integer(row["amount"])), count: number(row["count"]) },
    ]),
  );
}

/** Works the counters out anew from the ledger, as another policy needs others. */
export function* recount(trackers: readonly Tracker[], now: number): Steps<void> {
  yield* rows("DELETE FROM guard_counter");
  for (const tracker of trackers)
    for (const { counter, ...by } of (yield* sumsOf(tracker, now)).values())
      yield* addTo(counter, by);
}

/** The invariant of the counters: each is the sum over the ledger. Gives what does not hold, in words. */
export function* checkCounters(
  trackers: readonly Tracker[],
  now: number,
): Steps<readonly string[]> {
  const faults: string[] = [];
  for (const tracker of trackers) {
    const start = spanStart(tracker.span, now);
    const kept = yield* rows(
      "SELECT name, amount FROM guard_counter WHERE per = ? AND span = ? AND start = ?",
      tracker.per,
      tracker.span,
      start,
    );
    const amounts = new Map(kept.map((row) => [text(row["name"]), integer(row["amount"])]));
    const sums = yield* sumsOf(tracker, now);
    for (const name of new Set([...amounts.keys(), ...sums.keys()])) {
      const [is, should] = [amounts.get(name) ?? 0n, sums.get(name)?.amount ?? 0n];
      if (is !== should)
        faults.push(`counter ${name} is ${is}, and its effects add up to ${should}`);
    }
  }
  return faults;
}

/** Effects that are read in one step. */
const PAGE = 1_000;

interface Sum {
  readonly counter: CounterKey;
  amount: bigint;
  count: number;
}

type Dated = Pick<EffectRow, "account" | "workflow" | "venue" | "command" | "at">;
type Posted = Dated & { readonly cost: bigint };

function addUp(sums: Map<string, Sum>, tracker: Tracker, effect: Dated, amount: bigint): void {
  for (const counter of countersOf([tracker], effect, effect.at)) {
    const name = counterName(counter);
    const sum = sums.get(name) ?? { counter, amount: 0n, count: 0 };
    sum.amount += amount;
    sum.count += 1;
    sums.set(name, sum);
  }
}

/** What a tracker's counters of the present span are, by name. */
function* sumsOf(tracker: Tracker, now: number): Steps<ReadonlyMap<string, Sum>> {
  const sums = new Map<string, Sum>();
  const from = spanStart(tracker.span, now);
  let after = "";
  for (;;) {
    const page = yield* rows(
      `SELECT ${EFFECT_COLUMNS} FROM guard_effect WHERE key > ? AND at >= ? AND kind = 'open'
       AND state <> 'denied' ORDER BY key LIMIT ?`,
      after,
      from,
      PAGE,
    );
    for (const effect of page.map(effectOf)) {
      after = effect.key;
      const cost = effect.cost ?? effect.command.amount;
      addUp(sums, tracker, effect, effect.state === "void" ? 0n : cost);
    }
    if (page.length < PAGE) return sums;
  }
}

/** Lets go of counters whose span is over; "total" never is. */
export function* forgetCounters(now: number): Steps<void> {
  for (const span of ["second", "minute", "hour", "day", "week"] as const) {
    yield* rows(
      "DELETE FROM guard_counter WHERE span = ? AND start < ?",
      span,
      spanStart(span, now),
    );
  }
}
