// Breakers in the SQLite file of the intents.

import type { DatabaseSync } from "node:sqlite";
import type { BreakerAudit, BreakerState, BreakerStep, BreakerStore } from "@holdfast/core";
import { AUDIT_MAX, auditOf, stateOf, textOfState } from "../breaker-row.ts";

export const BREAKER_TABLES = `
  CREATE TABLE IF NOT EXISTS breaker (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS breaker_audit (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    wish TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
`;

/** @param write runs a step in one transaction that is taken for writing at once */
export function sqliteBreakers(
  database: DatabaseSync,
  write: <Value>(step: () => Value) => Value,
): BreakerStore {
  const find = database.prepare("SELECT state FROM breaker WHERE name = ?");
  const list = database.prepare("SELECT state FROM breaker ORDER BY name");
  const put = database.prepare("INSERT OR REPLACE INTO breaker (name, state) VALUES (?, ?)");
  const say = database.prepare(
    "INSERT INTO breaker_audit (at, name, wish, actor, reason) VALUES (?, ?, ?, ?, ?)",
  );
  const said = database.prepare(
    "SELECT name, wish, actor, reason, at FROM breaker_audit ORDER BY position DESC LIMIT ?",
  );
  return {
    find: async (name) => stateOf(find.get(name)),
    list: async () => list.all().flatMap((row) => stateOf(row) ?? []),
    async change<Value>(
      name: string,
      step: (before: BreakerState | undefined) => BreakerStep<Value>,
      audit?: BreakerAudit,
    ): Promise<Value> {
      return write(() => {
        const before = stateOf(find.get(name));
        const { state, value } = step(before);
        if (state !== before) put.run(name, textOfState(state));
        if (audit !== undefined)
          say.run(audit.at, audit.name, audit.wish, audit.actor, audit.reason);
        return value;
      });
    },
    audit: async () => said.all(AUDIT_MAX).map(auditOf),
  };
}
