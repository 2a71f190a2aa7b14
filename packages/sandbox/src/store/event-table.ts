// Reads of the outbox, for those who tell of events: numbers and ids of its rows rise together, and no row is
// ever changed.

import type { Database } from "./database.ts";
import { type Row, integer, prepared, text } from "./row.ts";

/** An event as it is kept. */
export interface KeptEvent {
  /** Number of its row: later events have greater ones. */
  readonly number: number;
  readonly eventId: string;
  readonly agent: string;
  readonly type: string;
  /** JSON. */
  readonly payload: string;
  readonly at: number;
}

export interface EventTable {
  /** The newest event of anybody; undefined when there is none. */
  newest(): Pick<KeptEvent, "number" | "eventId" | "at"> | undefined;
  /** Number of the last event whose id is not beyond one; 0 when there is none. */
  numberAt(eventId: string): number;
  /** Events of everybody after a number, in order, at most `limit`. */
  after(number: number, limit: number): readonly KeptEvent[];
  /** Events of an agent after a number, in order, at most `limit`. */
  ofAgent(agent: string, after: number, limit: number): readonly KeptEvent[];
  /** Agents that have events after a number. */
  agentsAfter(number: number): readonly string[];
  /** How many events of each type an agent has after a number. */
  countsOf(agent: string, after: number): ReadonlyMap<string, number>;
}

const COLUMNS = "id, event_id, agent, type, payload, at";

export function eventTable({ raw }: Database): EventTable {
  const newest = prepared(raw, "SELECT id, event_id, at FROM outbox ORDER BY id DESC LIMIT 1");
  const numberAt = prepared(
    raw,
    "SELECT id FROM outbox WHERE event_id <= ? ORDER BY event_id DESC LIMIT 1",
  );
  const after = prepared(raw, `SELECT ${COLUMNS} FROM outbox WHERE id > ? ORDER BY id LIMIT ?`);
  const ofAgent = prepared(
    raw,
    `SELECT ${COLUMNS} FROM outbox WHERE agent = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const agentsAfter = prepared(raw, "SELECT DISTINCT +agent AS agent FROM outbox WHERE id > ?");
  const countsOf = prepared(
    raw,
    "SELECT type, count(*) AS n FROM outbox WHERE agent = ? AND id > ? GROUP BY type",
  );
  return {
    newest() {
      const row = newest.get();
      if (row === undefined) return undefined;
      return {
        number: integer(row, "id"),
        eventId: text(row, "event_id"),
        at: integer(row, "at"),
      };
    },
    numberAt(eventId) {
      const row = numberAt.get(eventId);
      return row === undefined ? 0 : integer(row, "id");
    },
    after: (number, limit) => after.all(number, limit).map(parse),
    ofAgent: (agent, number, limit) => ofAgent.all(agent, number, limit).map(parse),
    agentsAfter: (number) => agentsAfter.all(number).map((row) => text(row, "agent")),
    countsOf: (agent, number) =>
      new Map(countsOf.all(agent, number).map((row) => [text(row, "type"), integer(row, "n")])),
  };
}

function parse(row: Row): KeptEvent {
  return {
    number: integer(row, "id"),
    eventId: text(row, "event_id"),
    agent: text(row, "agent"),
    type: text(row, "type"),
    payload: text(row, "payload"),
    at: integer(row, "at"),
  };
}
