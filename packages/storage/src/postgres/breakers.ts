// Breakers in the PostgreSQL schema of the intents.

import type { BreakerAudit, BreakerState, BreakerStep, BreakerStore } from "@holdfast/core";
import { AUDIT_MAX, auditOf, stateOf, textOfState } from "../breaker-row.ts";
import type { PostgresDatabase } from "./database.ts";

export const BREAKER_TABLES = `
  CREATE TABLE IF NOT EXISTS breaker (
    name TEXT COLLATE "C" PRIMARY KEY,
    state TEXT
  );
  CREATE TABLE IF NOT EXISTS breaker_audit (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    name TEXT NOT NULL,
    wish TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
  );
`;

const SQL = {
  find: "SELECT state FROM breaker WHERE name = $1 AND state IS NOT NULL",
  list: "SELECT state FROM breaker WHERE state IS NOT NULL ORDER BY name",
  /** A row there must be before it can be locked. */
  begin: "INSERT INTO breaker (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
  lock: "SELECT state FROM breaker WHERE name = $1 FOR UPDATE",
  put: "UPDATE breaker SET state = $2 WHERE name = $1",
  say: "INSERT INTO breaker_audit (at, name, wish, actor, reason) VALUES ($1, $2, $3, $4, $5)",
  said: "SELECT name, wish, actor, reason, at FROM breaker_audit ORDER BY position DESC LIMIT $1",
};

export function postgresBreakers(database: PostgresDatabase): BreakerStore {
  return {
    find: async (name) => stateOf((await database.rows(SQL.find, [name])).at(0)),
    list: async () => (await database.rows(SQL.list, [])).flatMap((row) => stateOf(row) ?? []),
    change<Value>(
      name: string,
      step: (before: BreakerState | undefined) => BreakerStep<Value>,
      audit?: BreakerAudit,
    ): Promise<Value> {
      return database.write(async (client) => {
        await client.query(SQL.begin, [name]);
        const [row] = (await client.query(SQL.lock, [name])).rows as Record<string, unknown>[];
        const before = row?.["state"] === null ? undefined : stateOf(row);
        const { state, value } = step(before);
        if (state !== before) await client.query(SQL.put, [name, textOfState(state)]);
        if (audit !== undefined) {
          const { at, wish, actor, reason } = audit;
          await client.query(SQL.say, [at, audit.name, wish, actor, reason]);
        }
        return value;
      });
    },
    audit: async () => (await database.rows(SQL.said, [AUDIT_MAX])).map(auditOf),
  };
}
