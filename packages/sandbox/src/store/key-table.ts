// API keys as rows. A key is found by its hash; the key itself is nowhere in the file.

import type { Database } from "./database.ts";
import { type Row, integer, optionalInteger, prepared, text } from "./row.ts";

export interface KeyRow {
  readonly id: string;
  readonly agent: string;
  /** Its first characters, for people to tell it from others. */
  readonly prefix: string;
  readonly label: string;
  /** As the scopes are written: "*" or a list. */
  readonly scopes: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly usedAt: number | null;
}

export interface NewKey extends Omit<KeyRow, "revokedAt" | "usedAt"> {
  readonly hash: string;
  /** That of the command that makes it. */
  readonly number: number;
}

/** A key and the name of its agent. */
export interface FoundKey extends KeyRow {
  readonly agentName: string;
}

export interface KeyTable {
  insert(key: NewKey): void;
  byHash(hash: string): FoundKey | undefined;
  get(id: string): KeyRow | undefined;
  /** An agent's keys, oldest first, revoked ones included. */
  ofAgent(agent: string): readonly KeyRow[];
  revoke(id: string, at: number): void;
  used(id: string, at: number): void;
}

/** Keys remembered in memory, at most. */
const FOUND_MAX = 1_000;

const COLUMNS =
  "k.id, k.agent, k.prefix, k.label, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.used_at";

export function keyTable({ raw }: Database): KeyTable {
  const insert = raw.prepare(
    `INSERT INTO api_key (hash, id, number, agent, prefix, label, scopes, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byHash = prepared(
    raw,
    `SELECT ${COLUMNS}, a.name AS agent_name FROM api_key k JOIN agent a ON a.id = k.agent
     WHERE k.hash = ?`,
  );
  const get = prepared(raw, `SELECT ${COLUMNS} FROM api_key k WHERE k.id = ?`);
  const ofAgent = prepared(
    raw,
    `SELECT ${COLUMNS} FROM api_key k WHERE k.agent = ? ORDER BY k.number`,
  );
  /** What was found lately, by hash: every request asks. */
  const found = new Map<string, FoundKey>();
  const revoke = raw.prepare("UPDATE api_key SET revoked_at = ? WHERE id = ?");
  const used = raw.prepare("UPDATE api_key SET used_at = ? WHERE id = ?");
  return {
    insert({ hash, id, number, agent, prefix, label, scopes, createdAt, expiresAt }) {
      insert.run(hash, id, number, agent, prefix, label, scopes, createdAt, expiresAt);
    },
    byHash(hash) {
      const known = found.get(hash);
      if (known !== undefined) return known;
      const row = byHash.get(hash);
      if (row === undefined) return undefined;
      const key = { ...parse(row), agentName: text(row, "agent_name") };
      if (found.size >= FOUND_MAX) found.clear();
      found.set(hash, key);
      return key;
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    ofAgent: (agent) => ofAgent.all(agent).map(parse),
    revoke(id, at) {
      found.clear();
      revoke.run(at, id);
    },
    used(id, at) {
      used.run(at, id);
    },
  };
}

function parse(row: Row): KeyRow {
  return {
    id: text(row, "id"),
    agent: text(row, "agent"),
    prefix: text(row, "prefix"),
    label: text(row, "label"),
    scopes: text(row, "scopes"),
    createdAt: integer(row, "created_at"),
    expiresAt: optionalInteger(row, "expires_at"),
    revokedAt: optionalInteger(row, "revoked_at"),
    usedAt: optionalInteger(row, "used_at"),
  };
}
