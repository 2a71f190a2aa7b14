// The gateway: in the transaction that records an intent, its command is judged, what it may cost is reserved, and
// both are written down. Asked again under the same key, it gives the same word and reserves nothing.

import {
  type Failure,
  type GuardPolicy,
  type GuardedCommand,
  formatUsdc,
  micros,
  encode,
  toFailure,
} from "@holdfast/core";
import {
  type CheckResult,
  type Judgement,
  type Standing,
  counterName,
  countersOf,
  decide,
  deniedBy,
  heldBy,
  limitsFor,
  modeOf,
} from "@holdfast/core/internal";
import {
  approvedOf,
  askApproval,
  decideApproval,
  findApproval,
  withdrawApprovals,
} from "./approvals.ts";
import { type Head, audit, auditHead } from "./audit.ts";
import {
  type Counting,
  type Deciding,
  type EffectRow,
  count,
  counted,
  findEffect,
  fingerprintOf,
  putEffect,
} from "./effect.ts";
import { GUARD, modes } from "./modes.ts";
import { markOf } from "./observe.ts";
import { type Steps, first, integer, number, optionalText, rows, text } from "./steps.ts";

/** An effect that is about to be recorded; without a command, its activity says nothing to the guard. */
export interface Asked extends Omit<Deciding, "command"> {
  readonly activity: string;
  readonly command: GuardedCommand | undefined;
}

/** The guard's word. */
export type Admission =
  | { readonly kind: "admitted" }
  /** It is not sent, and never will be by this decision. */
  | { readonly kind: "denied"; readonly failure: Failure }
  /** A person is asked first. */
  | { readonly kind: "asked"; readonly failure: Failure };

const ADMITTED: Admission = { kind: "admitted" };

/** Judges an effect, once for its key; one that was denied or never happened is judged anew. */
export function* admit(
  policy: GuardPolicy | undefined,
  asked: Asked,
  clock: number,
): Steps<Admission> {
  const known = yield* findEffect(asked.key);
  const word = known === undefined ? undefined : wordOn(known);
  if (known !== undefined && word !== undefined && known.state !== "denied") return word;
  const head = yield* auditHead();
  const now = Math.max(clock, head.at);
  const { command } = asked;
  if (policy === undefined || command === undefined)
    return yield* admitUnjudged(policy, asked, head, now);
  const effect: Deciding = { ...asked, command };
  const standing = yield* standingOf(policy, effect, now);
  if (standing.newestVersion < policy.version) yield* keepVersion(policy.version);
  const decision = decide(effect, policy, standing);
  return yield* write(policy, effect, decision, head, now);
}

/** The word that was given under a key; undefined where it is to be judged (again). */
export function* recall(key: string): Steps<Admission> {
  const known = yield* findEffect(key);
  return (known === undefined ? undefined : wordOn(known)) ?? ADMITTED;
}

function wordOn({ state, failure }: EffectRow): Admission | undefined {
  switch (state) {
    case "reserved":
    case "posted":
      return ADMITTED;
    case "asking":
    case "denied":
      if (failure === undefined) return undefined;
      return { kind: state === "asking" ? "asked" : "denied", failure };
    case "void":
      return undefined;
  }
}

/** Where no policy judges, or an activity says nothing: modes count all the same. */
function* admitUnjudged(
  policy: GuardPolicy | undefined,
  asked: Asked,
  head: Head,
  now: number,
): Steps<Admission> {
  const row = modeOf(asked, asked.command, yield* modes(), now);
  const isUnguarded =
    policy !== undefined && asked.command === undefined && !policy.unguarded.has(asked.activity);
  if (row === undefined && !isUnguarded) return ADMITTED;
  const check = row === undefined ? "UNGUARDED" : "MODE";
  const note =
    row === undefined
      ? `activity "${asked.activity}" does not say what it does; give it guard, or list it in unguarded`
      : `${row.scope} is ${row.mode} (${row.cause}: ${row.reason})`;
  return yield* deny(asked, { check, note, mode: row?.mode }, head, now);
}

/** Denies an effect that no policy has judged. */
export function* deny(
  asked: Asked,
  why: Parameters<typeof deniedBy>[0],
  head: Head,
  now: number,
): Steps<Admission> {
  const command = asked.command ?? nothingSaid(asked.activity);
  const failure = toFailure(deniedBy(why, { ref: asked.ref, operation: command.operation }));
  yield* putEffect({ ...asked, command }, { state: "denied", failure, at: now });
  yield* audit(
    [entry("guard denied", asked.ref, `${why.check}: ${why.note ?? ""}`, "", now)],
    head,
  );
  return { kind: "denied", failure };
}

function nothingSaid(activity: string): GuardedCommand {
  return { operation: activity, kind: "open", amount: micros(0) };
}

function* write(
  policy: GuardPolicy,
  effect: Deciding,
  decision: Judgement,
  head: Head,
  now: number,
): Steps<Admission> {
  const { denied, asked } = decision;
  const { command, ref } = effect;
  const of = { ref, operation: command.operation };
  const detail = JSON.stringify({
    ...of,
    amount: formatUsdc(command.amount),
    checks: short(decision.checks),
  });
  if (denied !== undefined) {
    const failure = toFailure(deniedBy(denied, of));
    yield* putEffect(effect, { state: "denied", failure, at: now });
    yield* audit([entry("guard denied", ref, reasonOf(denied), detail, now)], head);
    return { kind: "denied", failure };
  }
  let failure: Failure | undefined;
  if (asked !== undefined && policy.approval !== undefined)
    failure = yield* askApproval(effect, asked, policy.approval, now);
  yield* putEffect(effect, {
    state: failure === undefined ? "reserved" : "asking",
    failure,
    at: now,
  });
  if (command.kind === "open")
    yield* count(policy, { ...effect, at: now }, { amount: command.amount, count: 1, now });
  const action = failure === undefined ? "guard admitted" : "guard asked";
  yield* audit([entry(action, ref, reasonOf(asked), detail, now)], head);
  return failure === undefined ? ADMITTED : { kind: "asked", failure };
}

function reasonOf(result: CheckResult | undefined): string {
  return result === undefined ? "" : `${result.check}: ${result.note ?? ""}`;
}

/** "MODE ok", or with what there is to say. */
function short(checks: readonly CheckResult[]): readonly string[] {
  return checks.map(({ check, result, note }) =>
    note === undefined ? `${check} ${result}` : `${check} ${result}: ${note}`,
  );
}

function entry(action: string, subject: string, reason: string, detail: string, at: number) {
  return { at, action, actor: GUARD, reason, subject, detail };
}

function* standingOf(policy: GuardPolicy, effect: Deciding, now: number): Steps<Standing> {
  const { command, account, venue } = effect;
  const limits = limitsFor(policy, account);
  const held = yield* holdings(account);
  const counts = yield* counted(countersOf(policy.trackers, effect, now));
  const mark = command.symbol === undefined ? undefined : yield* markOf(venue, command.symbol);
  const twin = limits.duplicates === undefined ? undefined : yield* twinOf(effect);
  const isKnown =
    command.counterparty === undefined ||
    policy.approval?.newCounterparty !== true ||
    (yield* hasPaid(account, command.counterparty));
  const isApproved =
    policy.approval !== undefined && (yield* approvedOf(effect.key, fingerprintOf(effect), now));
  const version = yield* first("SELECT value FROM guard_meta WHERE name = 'version'");
  return {
    now,
    modes: yield* modes(),
    newestVersion: number(version?.["value"] ?? 0),
    twin,
    mark,
    ...held,
    counted: (counter) => counts.get(counterName(counter)) ?? { amount: micros(0), count: 0 },
    isKnown: () => isKnown,
    isApproved,
  };
}

/** What an agent holds, and what is on its way: reserved, asked for and in doubt. */
function* holdings(account: string): Steps<Pick<Standing, "positions" | "exposure">> {
  const open = yield* first(
    "SELECT COUNT(*) AS count, COALESCE(SUM(notional), 0) AS notional FROM guard_position WHERE account = ?",
    account,
  );
  const coming = yield* first(
    `SELECT COUNT(*) AS count, COALESCE(SUM(notional), 0) AS notional FROM guard_effect
     WHERE account = ? AND state IN ('reserved', 'asking') AND kind = 'open' AND symbol IS NOT NULL`,
    account,
  );
  return {
    positions: number(open?.["count"]) + number(coming?.["count"]),
    exposure: micros(integer(open?.["notional"]) + integer(coming?.["notional"])),
  };
}

function* twinOf(effect: Deciding): Steps<Standing["twin"]> {
  const found = yield* first(
    `SELECT ref, at FROM guard_effect WHERE fingerprint = ? AND key <> ? AND state IN ('reserved', 'asking', 'posted')
     ORDER BY at DESC LIMIT 1`,
    fingerprintOf(effect),
    effect.key,
  );
  return found === undefined ? undefined : { ref: text(found["ref"]), at: number(found["at"]) };
}

function* hasPaid(account: string, counterparty: string): Steps<boolean> {
  const found = yield* first(
    "SELECT 1 AS found FROM guard_effect WHERE counterparty = ? AND account = ? AND state = 'posted' LIMIT 1",
    counterparty,
    account,
  );
  return found !== undefined;
}

function* keepVersion(version: number): Steps<void> {
  yield* setMeta("version", String(version));
}

export function* setMeta(name: string, value: string): Steps<void> {
  yield* rows(
    "INSERT INTO guard_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    name,
    value,
  );
}

export function* meta(name: string): Steps<string | undefined> {
  return optionalText(
    (yield* first("SELECT value FROM guard_meta WHERE name = ?", name))?.["value"],
  );
}

/** What holds back an effect that was let through before: read in the commit before each send. */
export function* heldBack(
  of: {
    readonly account: string;
    readonly workflow: string;
    readonly venue: string;
    readonly ref: string;
  },
  command: Pick<GuardedCommand, "kind" | "symbol"> | undefined,
  now: number,
): Steps<Failure | undefined> {
  return heldBy(of, command, yield* modes(), now);
}

/** How an effect ended, as far as its budget goes. Certainty alone ends a reservation. */
export type Ended =
  | { readonly kind: "done"; readonly cost: bigint | undefined }
  | { readonly kind: "refused" };

/** Posts what an effect did cost, or lets go of what it had reserved. What was posted stays. */
export function* settle(
  policy: Counting | undefined,
  key: string,
  ended: Ended,
  now: number,
): Steps<void> {
  const known = yield* findEffect(key);
  if (known === undefined || known.state === "posted") return;
  const isReserved = known.state === "reserved" || known.state === "asking";
  if (ended.kind === "refused") {
    if (!isReserved) return;
    if (known.state === "asking") yield* withdrawApprovals(key, now);
    yield* rows("UPDATE guard_effect SET state = 'void' WHERE key = ?", key);
    yield* adjust(policy, known, -known.command.amount, now);
    return;
  }
  const cost = ended.cost ?? known.command.amount;
  yield* rows(
    "UPDATE guard_effect SET state = 'posted', cost = ?, failure = NULL WHERE key = ?",
    cost,
    key,
  );
  yield* adjust(policy, known, isReserved ? cost - known.command.amount : cost, now);
}

/** An approval's time is over and its run cannot be told now: it is when it asks again. */
export function* expireUnheard(
  policy: GuardPolicy | undefined,
  id: string,
  now: number,
): Steps<void> {
  const row = yield* findApproval(id);
  if (row?.state !== "asked") return;
  const answer = { id, approved: false, isExpired: true, actor: GUARD, reason: UNANSWERED };
  yield* decideApproval(row, answer, now);
  const effect = yield* findEffect(row.key);
  if (effect?.state !== "asking") return;
  const of = { ref: effect.ref, operation: effect.command.operation };
  const failure = toFailure(deniedBy({ check: "EXPIRED", note: UNANSWERED }, of));
  yield* rows(
    "UPDATE guard_effect SET state = 'denied', failure = ? WHERE key = ?",
    encode(failure),
    row.key,
  );
  yield* adjust(policy, effect, -effect.command.amount, now);
}

export const UNANSWERED = "nobody answered in time";

function* adjust(
  policy: Counting | undefined,
  effect: EffectRow,
  amount: bigint,
  now: number,
): Steps<void> {
  if (policy === undefined || effect.command.kind !== "open" || amount === 0n) return;
  yield* count(policy, effect, { amount, count: 0, now });
}
