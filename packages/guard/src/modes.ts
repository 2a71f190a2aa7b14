// Modes on disk: one row for each cause in a scope. Whoever changes one writes it down in the audit log too, in the
// same transaction.

import {
  HoldfastError,
  type Mode,
  type ModeCause,
  type ModeChange,
  type ModeRow,
} from "@holdfast/core";
import { LATCHED, strictness } from "@holdfast/core/internal";
import { audit, auditHead } from "./audit.ts";
import { type Row, type Steps, first, number, optional, rows, text } from "./steps.ts";

const COLUMNS = "scope, cause, mode, reason, actor, since, until";

export function* modes(): Steps<readonly ModeRow[]> {
  return (yield* rows(`SELECT ${COLUMNS} FROM guard_mode ORDER BY scope, cause`)).map(modeOf);
}

function modeOf(row: Row): ModeRow {
  return {
    scope: text(row["scope"]),
    cause: text(row["cause"]) as ModeCause,
    mode: text(row["mode"]) as Mode,
    reason: text(row["reason"]),
    actor: text(row["actor"]),
    since: number(row["since"]),
    until: optional(row["until"]),
  };
}

function* findMode(scope: string, cause: ModeCause): Steps<ModeRow | undefined> {
  const found = yield* first(
    `SELECT ${COLUMNS} FROM guard_mode WHERE scope = ? AND cause = ?`,
    scope,
    cause,
  );
  return found === undefined ? undefined : modeOf(found);
}

/** Who puts on the modes that no person has asked for. */
export const GUARD = "guard";

export interface WantedMode {
  readonly scope: string;
  readonly cause: ModeCause;
  readonly mode: Mode;
  readonly reason: string;
  readonly actor: string;
  readonly until?: number | undefined;
}

/** Puts a mode on. Nothing where it is on already; one that is about to go stays. */
export function* putMode(wanted: WantedMode, now: number): Steps<readonly ModeChange[]> {
  const { scope, cause, mode, reason, actor, until } = wanted;
  const before = yield* findMode(scope, cause);
  const isOver = before?.until !== undefined && before.until <= now;
  if (before !== undefined && !isOver && before.mode === mode) {
    if (before.until !== until) yield* setUntil(scope, cause, until);
    return [];
  }
  yield* rows(
    `INSERT INTO guard_mode (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scope, cause) DO UPDATE SET mode = excluded.mode, reason = excluded.reason,
       actor = excluded.actor, since = excluded.since, until = excluded.until`,
    scope,
    cause,
    mode,
    reason,
    actor,
    now,
    until ?? null,
  );
  return yield* told({
    scope,
    cause,
    from: isOver ? undefined : before?.mode,
    to: mode,
    reason,
    actor,
    at: now,
  });
}

/** Lets a mode end by itself: at once, or when its cause has been away for long enough. */
export function* endMode(
  { scope, cause }: Pick<WantedMode, "scope" | "cause">,
  at: number,
): Steps<void> {
  const before = yield* findMode(scope, cause);
  if (before !== undefined && (before.until ?? at + 1) > at) yield* setUntil(scope, cause, at);
}

function* setUntil(scope: string, cause: ModeCause, until: number | undefined): Steps<void> {
  yield* rows(
    "UPDATE guard_mode SET until = ? WHERE scope = ? AND cause = ?",
    until ?? null,
    scope,
    cause,
  );
}

/** Takes away what is over, and gives the instant at which something will be. */
export function* endModes(
  now: number,
): Steps<{ readonly changes: readonly ModeChange[]; readonly nextAt: number | undefined }> {
  const changes: ModeChange[] = [];
  let nextAt: number | undefined;
  for (const row of yield* modes()) {
    if (row.until === undefined) continue;
    if (row.until > now) {
      nextAt = Math.min(nextAt ?? row.until, row.until);
      continue;
    }
    changes.push(...(yield* dropMode(row, { actor: GUARD, reason: `over: ${row.reason}`, now })));
  }
  return { changes, nextAt };
}

export interface Word {
  /** Who decided, and why. */
  readonly actor: string;
  readonly reason: string;
  readonly now: number;
}

function* dropMode(row: ModeRow, { actor, reason, now }: Word): Steps<readonly ModeChange[]> {
  yield* rows("DELETE FROM guard_mode WHERE scope = ? AND cause = ?", row.scope, row.cause);
  const { scope, cause } = row;
  return yield* told({ scope, cause, from: row.mode, to: undefined, reason, actor, at: now });
}

/**
 * A person lifts what is on in a scope: its kill switch and what else waits for a person. What lasts as long as its
 * cause does goes by itself. After losses they count anew, from what there is now.
 *
 * @throws HF-GUARD-NOTHING-TO-LIFT
 */
export function* liftModes(scope: string, word: Word): Steps<readonly ModeChange[]> {
  const changes: ModeChange[] = [];
  for (const row of yield* modes()) {
    if (row.scope !== scope || !LATCHED.has(row.cause)) continue;
    changes.push(...(yield* dropMode(row, word)));
    if (row.cause === "drawdown") {
      yield* rows(
        "UPDATE guard_equity SET peak = equity WHERE account = ?",
        scope.replace(/^agent:/u, ""),
      );
    }
  }
  if (changes.length > 0) return changes;
  throw new HoldfastError(
    "HF-GUARD-NOTHING-TO-LIFT",
    `Cannot lift anything in scope "${scope}": nothing that waits for a person is on there. See what is: holdfast guard.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

function* told(change: ModeChange): Steps<readonly ModeChange[]> {
  const { scope, cause, from = "FULL", to = "FULL", reason, actor, at } = change;
  const isStricter = strictness(to) > strictness(from);
  yield* audit([
    {
      at,
      action: isStricter ? "mode on" : "mode off",
      actor,
      reason,
      subject: scope,
      detail: JSON.stringify({ cause, from, to }),
    },
  ]);
  return [change];
}

/** Changes that are read in one step. */
const NEWS_MAX = 100;

/** Modes that have changed behind a position of the audit log, whoever changed them, and the position behind those. */
export function* modeNews(
  after: number,
): Steps<{ readonly changes: readonly ModeChange[]; readonly position: number }> {
  const found = yield* rows(
    `SELECT position, at, actor, reason, subject, detail FROM guard_audit
     WHERE position > ? AND action IN ('mode on', 'mode off') ORDER BY position LIMIT ?`,
    after,
    NEWS_MAX,
  );
  const { position } = yield* auditHead();
  const last = found.length < NEWS_MAX ? position : number(found.at(-1)?.["position"]);
  return { changes: found.map(changeOf), position: last };
}

function changeOf(row: Row): ModeChange {
  const { cause, from, to } = JSON.parse(text(row["detail"])) as Pick<ModeChange, "cause"> & {
    readonly from: Mode;
    readonly to: Mode;
  };
  return {
    scope: text(row["subject"]),
    cause,
    from: from === "FULL" ? undefined : from,
    to: to === "FULL" ? undefined : to,
    reason: text(row["reason"]),
    actor: text(row["actor"]),
    at: number(row["at"]),
  };
}
