// Counts effects for the audit, straight from the rows that committed together with them. Only what callers
// caused counts; registrations are grouped without their agent, so that two agents for one ref show.

import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

export interface AuditFilter {
  readonly agent?: string | undefined;
  /** From this instant on, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Before this instant. */
  readonly until?: number | undefined;
}

export interface EffectCounts {
  readonly effects: number;
  /** Effects that carry a ref. */
  readonly named: number;
  /** Different refs among them. */
  readonly refs: number;
  readonly keyless: number;
}

/** A ref or key with more than one effect. */
export interface Repeated {
  /** Whose it is; null for registrations, which nobody has signed. */
  readonly agent: string | null;
  readonly operation: string | null;
  readonly name: string;
  readonly effects: number;
}

/** One committed write that changed something. */
export interface Effect {
  readonly id: number;
  readonly ref: string | null;
  /** As the caller sent it; of a registration only its SHA-256, because it opens the stored answer. */
  readonly key: string | null;
  readonly operation: string;
  readonly agent: string;
  readonly amountMicros: string;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly at: number;
  readonly replays: number;
}

export interface AuditQuery {
  counts(filter: AuditFilter): EffectCounts;
  byAgent(
    filter: AuditFilter,
    limit: number,
  ): readonly (EffectCounts & { readonly agent: string })[];
  replays(filter: AuditFilter): number;
  repeatedRefs(filter: AuditFilter, limit: number): readonly Repeated[];
  repeatedKeys(filter: AuditFilter, limit: number): readonly Repeated[];
  /** Effects after a number, in order. */
  effects(filter: AuditFilter, after: number, limit: number): readonly Effect[];
}

const FILTER = `actor = 'caller' AND (?1 IS NULL OR agent = ?1) AND at >= ?2 AND at < ?3`;
const COUNTS = `count(*) AS effects, count(ref) AS named,
  count(DISTINCT iif(ref IS NULL, NULL, scope || char(10) || ref)) AS refs,
  count(*) - count(key) AS keyless`;

export function auditQuery({ raw }: Database): AuditQuery {
  const counts = prepared(raw, `SELECT ${COUNTS} FROM command WHERE ${FILTER} AND effect = 1`);
  const byAgent = prepared(
    raw,
    `SELECT agent, ${COUNTS} FROM command WHERE ${FILTER} AND effect = 1
     GROUP BY agent ORDER BY agent LIMIT ?4`,
  );
  const replays = prepared(
    raw,
    `SELECT coalesce(sum(replays), 0) AS replays FROM command WHERE ${FILTER}`,
  );
  const repeatedRefs = prepared(
    raw,
    `SELECT scope, NULL AS operation, ref AS name, count(*) AS effects FROM command
     WHERE ${FILTER} AND effect = 1 AND ref IS NOT NULL
     GROUP BY scope, ref HAVING count(*) > 1 ORDER BY count(*) DESC, ref LIMIT ?4`,
  );
  const repeatedKeys = prepared(
    raw,
    `SELECT scope, operation, key AS name, count(*) AS effects FROM command
     WHERE ${FILTER} AND effect = 1 AND key IS NOT NULL
     GROUP BY scope, operation, key HAVING count(*) > 1 ORDER BY count(*) DESC, key LIMIT ?4`,
  );
  const effects = prepared(
    raw,
    `SELECT id, ref, key, operation, agent, amount, at, replays FROM command
     WHERE ${FILTER} AND effect = 1 AND id > ?4 ORDER BY id LIMIT ?5`,
  );
  return {
    counts: (filter) => parseCounts(counts.get(...values(filter)) ?? {}),
    byAgent: (filter, limit) =>
      byAgent
        .all(...values(filter), limit)
        .map((row) => ({ agent: text(row, "agent"), ...parseCounts(row) })),
    replays: (filter) => integer(replays.get(...values(filter)) ?? {}, "replays"),
    repeatedRefs: (filter, limit) => repeatedRefs.all(...values(filter), limit).map(parseRepeated),
    repeatedKeys: (filter, limit) => repeatedKeys.all(...values(filter), limit).map(parseRepeated),
    effects: (filter, after, limit) =>
      effects.all(...values(filter), after, limit).map(parseEffect),
  };
}

function values({ agent, since, until }: AuditFilter): [string | null, number, number] {
  return [agent ?? null, since ?? 0, until ?? Number.MAX_SAFE_INTEGER];
}

function parseCounts(row: Row): EffectCounts {
  return {
    effects: integer(row, "effects"),
    named: integer(row, "named"),
    refs: integer(row, "refs"),
    keyless: integer(row, "keyless"),
  };
}

function parseRepeated(row: Row): Repeated {
  return {
    agent: text(row, "scope") || null,
    operation: optionalText(row, "operation"),
    name: text(row, "name"),
    effects: integer(row, "effects"),
  };
}

function parseEffect(row: Row): Effect {
  return {
    id: integer(row, "id"),
    ref: optionalText(row, "ref"),
    key: optionalText(row, "key"),
    operation: text(row, "operation"),
    agent: text(row, "agent"),
    amountMicros: big(row, "amount").toString(),
    at: integer(row, "at"),
    replays: integer(row, "replays"),
  };
}
