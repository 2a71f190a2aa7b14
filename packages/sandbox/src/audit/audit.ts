// The audit: counts effects per business name. A venue that honours keys can never show two effects under one
// key, so the bug to fear is a second key for one decision: that is why callers name their decisions (`ref`).

import type { Invariant } from "../ledger/invariants.ts";
import type { Database } from "../store/database.ts";

export interface AuditFilter {
  readonly agent?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface Audit {
  readonly venue: string;
  /** Business names with an effect. */
  readonly refs: number;
  /** Effects that carry a business name. */
  readonly effects: number;
  /** Effects beyond the first of their name: must be zero. */
  readonly duplicateEffects: number;
  /** Effects without a business name. */
  readonly unnamed: number;
  /** Effects sent without a key. */
  readonly keyless: number;
  /** Repetitions that were answered from memory. */
  readonly replays: number;
  readonly refsWithMoreThanOneEffect: readonly { readonly agent: string; readonly ref: string; readonly effects: number }[];
  readonly keysWithMoreThanOneEffect: readonly { readonly agent: string; readonly key: string; readonly effects: number }[];
  readonly ledgerSum: string;
  readonly invariants: readonly Invariant[];
}

/** At most so many names and keys are listed. */
const LISTED_MAX = 100;

export function audit(
  database: Database,
  venue: string,
  filter: AuditFilter,
  ledgerSum: bigint,
  invariants: readonly Invariant[],
): Audit {
  const where = `effect = 1 AND (?1 IS NULL OR agent = ?1) AND at >= ?2 AND at < ?3`;
  const values = [filter.agent ?? null, filter.since ?? 0, filter.until ?? Number.MAX_SAFE_INTEGER] as const;
  const count = (what: string, more = ""): number =>
    Number(database.raw.prepare(`SELECT ${what} AS count FROM command WHERE ${where} ${more}`).get(...values)?.["count"] ?? 0);
  const groups = (column: "ref" | "key", group: string): readonly Record<string, unknown>[] =>
    database.raw
      .prepare(
        `SELECT agent, ${column} AS name, count(*) AS effects FROM command WHERE ${where} AND ${column} IS NOT NULL
         GROUP BY ${group} HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT ${LISTED_MAX}`,
      )
      .all(...values);
  const effects = count("count(*)", "AND ref IS NOT NULL");
  const refs = count("count(DISTINCT agent || char(10) || ref)", "AND ref IS NOT NULL");
  return {
    venue,
    refs,
    effects,
    duplicateEffects: effects - refs,
    unnamed: count("count(*)", "AND ref IS NULL"),
    keyless: count("count(*)", "AND key IS NULL"),
    replays: count("coalesce(sum(replays), 0)"),
    refsWithMoreThanOneEffect: groups("ref", "agent, ref").map((row) => ({
      agent: String(row["agent"]),
      ref: String(row["name"]),
      effects: Number(row["effects"]),
    })),
    keysWithMoreThanOneEffect: groups("key", "agent, operation, key").map((row) => ({
      agent: String(row["agent"]),
      key: String(row["name"]),
      effects: Number(row["effects"]),
    })),
    ledgerSum: ledgerSum.toString(),
    invariants,
  };
}

/** One committed write that changed something. */
export interface Effect {
  readonly id: number;
  readonly agent: string;
  readonly operation: string;
  readonly key: string | null;
  readonly ref: string | null;
  readonly amountMicros: string;
  readonly at: number;
  readonly replays: number;
}

/** Effects in order, for proofs; at most `limit`, after number `after`. */
export function effectsAfter(database: Database, after: number, limit: number): readonly Effect[] {
  const statement = database.raw.prepare(
    "SELECT id, agent, operation, key, ref, amount, at, replays FROM command WHERE effect = 1 AND id > ? ORDER BY id LIMIT ?",
  );
  statement.setReadBigInts(true);
  return statement.all(after, limit).map((row) => ({
    id: Number(row["id"]),
    agent: String(row["agent"]),
    operation: String(row["operation"]),
    key: row["key"] === null ? null : String(row["key"]),
    ref: row["ref"] === null ? null : String(row["ref"]),
    amountMicros: String(row["amount"]),
    at: Number(row["at"]),
    replays: Number(row["replays"]),
  }));
}
