// Commands as rows: key, effect and answer of a write, together with the event that tells of it.

import type { Usdc } from "@holdfast/core";
import type { Database } from "./database.ts";
import { type Row, integer, optionalText, prepared, text } from "./row.ts";

export interface CommandRow {
  readonly id: number;
  /** Who caused it: a caller, or the venue by itself. */
  readonly actor: "caller" | "venue";
  /** Whose keys these are: the agent, or "" for a registration. */
  readonly scope: string;
  readonly agent: string;
  readonly operation: string;
  readonly key: string | null;
  readonly ref: string | null;
  readonly fingerprint: string;
  readonly at: number;
  readonly effect: boolean;
  readonly amount: Usdc;
  readonly status: number;
  readonly body: string;
}

export interface EventRow {
  readonly eventId: string;
  readonly agent: string;
  readonly type: string;
  readonly payload: string;
  readonly at: number;
  readonly command: number;
  /** True for the one event of each effect that says what was done. */
  readonly main: boolean;
}

export type KeptCommand = Pick<
  CommandRow,
  "id" | "operation" | "fingerprint" | "status" | "body" | "at" | "ref"
>;

export interface CommandTable {
  nextId(): number;
  /** The newest command under a key, which has two names; of any operation where none is named. */
  byKey(
    scope: string,
    names: readonly [string, string],
    operation?: string,
  ): KeptCommand | undefined;
  /** Forgets the key of a command for ever. */
  forgetKey(command: number): void;
  insert(command: CommandRow): void;
  insertEvent(event: EventRow): void;
  nextEventId(): number;
  countReplay(id: number): void;
  /** Instant of the latest command; 0 when there is none. */
  lastAt(): number;
}

export function commandTable({ raw }: Database): CommandTable {
  const nextId = prepared(raw, "SELECT coalesce(max(id), 0) + 1 AS id FROM command");
  const nextEventId = prepared(raw, "SELECT coalesce(max(id), 0) + 1 AS id FROM outbox");
  const byKey = prepared(
    raw,
    `SELECT id, operation, fingerprint, status, body, at, ref FROM command
     WHERE scope = ?1 AND key IN (?2, ?4) AND (?3 IS NULL OR operation = ?3)
       AND id NOT IN (SELECT command FROM forgotten_key) ORDER BY id DESC LIMIT 1`,
  );
  const forgetKey = raw.prepare("INSERT OR IGNORE INTO forgotten_key (command) VALUES (?)");
  const insert = raw.prepare(
    `INSERT INTO command (id, actor, scope, agent, operation, key, ref, fingerprint, at, effect, amount,
       status, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEvent = raw.prepare(
    `INSERT INTO outbox (event_id, agent, type, payload, at, command, main)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const countReplay = raw.prepare("UPDATE command SET replays = replays + 1 WHERE id = ?");
  const lastAt = prepared(raw, "SELECT coalesce(max(at), 0) AS at FROM command");
  return {
    nextId: () => first(nextId.get(), "id"),
    nextEventId: () => first(nextEventId.get(), "id"),
    byKey(scope, [key, digest], operation) {
      const row = byKey.get(scope, key, operation ?? null, digest);
      return row === undefined ? undefined : parse(row);
    },
    forgetKey(command) {
      forgetKey.run(command);
    },
    insert(row) {
      insert.run(
        row.id,
        row.actor,
        row.scope,
        row.agent,
        row.operation,
        row.key,
        row.ref,
        row.fingerprint,
        row.at,
        row.effect ? 1 : 0,
        row.amount,
        row.status,
        row.body,
      );
    },
    insertEvent({ eventId, agent, type, payload, at, command, main }) {
      insertEvent.run(eventId, agent, type, payload, at, command, main ? 1 : 0);
    },
    countReplay(id) {
      countReplay.run(id);
    },
    lastAt: () => first(lastAt.get(), "at"),
  };
}

function first(row: Row | undefined, column: string): number {
  return row === undefined ? 0 : integer(row, column);
}

function parse(row: Row): KeptCommand {
  return {
    id: integer(row, "id"),
    operation: text(row, "operation"),
    fingerprint: text(row, "fingerprint"),
    status: integer(row, "status"),
    body: text(row, "body"),
    at: integer(row, "at"),
    ref: optionalText(row, "ref"),
  };
}
