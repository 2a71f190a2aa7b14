// The book of an engine that is left, as far as the one that takes over must know it: what was spent, who is halted,
// how high equity was. What is reserved or asked for belongs to runs that stay; marks and positions are read anew.

import {
  type ModeRow,
  type MovedBook,
  type MovedEffect,
  type MovedEquity,
  micros,
} from "@holdfast/core";
import { LATCHED } from "@holdfast/core/internal";
import { meta, setMeta } from "./admit.ts";
import { type Head, audit, auditHead } from "./audit.ts";
import { EFFECT_COLUMNS, EFFECT_PLACES, countPosted, effectOf, effectValues } from "./effect.ts";
import { GUARD, modes, putMode } from "./modes.ts";
import { EQUITY_COLUMNS, equityIn, equityOf, keepEquity } from "./observe.ts";
import { counting } from "./shared.ts";
import { type Row, type Steps, first, rows, text } from "./steps.ts";

/** Effects of one page. */
const PAGE = 1_000;
/** Effects that are written in one statement. */
const CHUNK = 50;

export interface BookFilter {
  /** The key of the last one seen. */
  readonly after?: string | undefined;
  /** Effects with these keys alone. Default: all. */
  readonly keys?: readonly string[] | undefined;
}

/** A page of what goes along. Where keys are named, it is the only one. */
export function* movedBook({ after, keys }: BookFilter): Steps<MovedBook> {
  const found = keys === undefined ? yield* postedPage(after ?? "") : yield* postedOf(keys);
  const isFirst = after === undefined;
  const { position, hash, at } = yield* auditHead();
  return {
    head: { position, hash, at },
    modes: isFirst ? (yield* modes()).filter(({ cause }) => LATCHED.has(cause)) : [],
    equity: isFirst ? yield* seenEquity() : [],
    effects: found.map(movedOf),
    after: keys === undefined && found.length === PAGE ? text(found.at(-1)?.["key"]) : undefined,
  };
}

function* postedPage(after: string): Steps<readonly Row[]> {
  return yield* rows(
    `SELECT ${EFFECT_COLUMNS} FROM guard_effect WHERE key > ? AND state = 'posted' ORDER BY key LIMIT ?`,
    after,
    PAGE,
  );
}

function* postedOf(keys: readonly string[]): Steps<readonly Row[]> {
  const found: Row[] = [];
  for (const key of keys) {
    const row = yield* first(
      `SELECT ${EFFECT_COLUMNS} FROM guard_effect WHERE key = ? AND state = 'posted'`,
      key,
    );
    if (row !== undefined) found.push(row);
  }
  return found;
}

function movedOf(row: Row): MovedEffect {
  const { key, ref, account, workflow, venue, command, cost = command.amount, at } = effectOf(row);
  const fingerprint = text(row["fingerprint"]);
  return { key, ref, account, workflow, venue, command, cost: micros(cost), fingerprint, at };
}

/** Where nobody has told an equity yet, there is no peak to remember. */
function* seenEquity(): Steps<readonly MovedEquity[]> {
  const found = yield* rows(
    `SELECT account, venue, ${EQUITY_COLUMNS} FROM guard_equity WHERE peak <> 0 ORDER BY account, venue`,
  );
  return found.map((row) => ({
    account: text(row["account"]),
    venue: text(row["venue"]),
    ...equityIn(row),
  }));
}

/** Takes a page over; gives how many effects were new. */
export function* adoptBook(book: MovedBook, clock: number): Steps<number> {
  const { head, effects } = book;
  if (effects.length + book.modes.length + book.equity.length === 0) return 0;
  const own = yield* auditHead();
  const now = Math.max(clock, own.at, head.at);
  yield* noteHead(head, own, now);
  for (const mode of book.modes) yield* bringMode(mode, now);
  for (const equity of book.equity) yield* bringEquity(equity);
  const added = yield* bringEffects(effects);
  yield* countPosted(yield* counting(), added, now);
  return added.length;
}

/** The row keeps the guard's time from going back as well. */
function* noteHead({ position, hash }: MovedBook["head"], own: Head, now: number): Steps<void> {
  const name = "moved head";
  const subject = `${position}:${hash}`;
  if ((yield* meta(name)) === subject) return;
  yield* setMeta(name, subject);
  const reason = "what another engine has counted came along; its audit log ends here so far";
  yield* audit(
    [{ at: now, action: "book adopted", actor: GUARD, reason, subject, detail: "" }],
    own,
  );
}

/** Once for its instant: where it is on no more, a person has lifted it here. */
function* bringMode(
  { scope, cause, mode, reason, actor, since }: ModeRow,
  now: number,
): Steps<void> {
  const name = `moved mode ${JSON.stringify([scope, cause])}`;
  if ((yield* meta(name)) === String(since)) return;
  yield* setMeta(name, String(since));
  const words = `${reason} (on since ${new Date(since).toISOString()}; came along with the move)`;
  yield* putMode({ scope, cause, mode, reason: words, actor }, now);
}

/** A peak that came along before is not brought again: where it is lower by now, a person has lifted its losses here. */
function* bringEquity({ account, venue, ...state }: MovedEquity): Steps<void> {
  const name = `moved peak ${JSON.stringify([account, venue])}`;
  if (BigInt((yield* meta(name)) ?? 0) >= state.peak) return;
  yield* setMeta(name, String(state.peak));
  const own = yield* equityOf({ account, venue });
  if (own === undefined || own.peak === 0n) {
    yield* keepEquity({ account, venue }, state);
    return;
  }
  const isSameDay = own.day === state.day && state.dayEquity > own.dayEquity;
  yield* keepEquity(
    { account, venue },
    {
      ...own,
      peak: state.peak > own.peak ? state.peak : own.peak,
      dayEquity: isSameDay ? state.dayEquity : own.dayEquity,
    },
  );
}

/** Gives those that were not known. */
function* bringEffects(effects: readonly MovedEffect[]): Steps<readonly MovedEffect[]> {
  const added: MovedEffect[] = [];
  for (let from = 0; from < effects.length; from += CHUNK) {
    const chunk = effects.slice(from, from + CHUNK);
    const found = yield* rows(
      `INSERT INTO guard_effect (${EFFECT_COLUMNS}) VALUES ${chunk.map(() => EFFECT_PLACES).join(", ")}
       ON CONFLICT (key) DO NOTHING RETURNING key`,
      ...chunk.flatMap((effect) => effectValues(effect, { ...effect, state: "posted" })),
    );
    const fresh = new Set(found.map((row) => text(row["key"])));
    added.push(...chunk.filter(({ key }) => fresh.has(key)));
  }
  return added;
}
