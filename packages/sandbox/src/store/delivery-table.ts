// Deliveries: one event for one endpoint, when its next attempt is due and what came of the last one. Rows are
// inserted in the transaction of their event.

import type { Database } from "./database.ts";
import { type Row, integer, optionalInteger, optionalText, prepared, text } from "./row.ts";

export type DeliveryState = "waiting" | "held" | "delivered" | "failed";

export interface Delivery {
  readonly id: number;
  readonly webhook: string;
  readonly eventId: string;
  readonly state: DeliveryState;
  /** Ended ones, since it was queued or replayed. */
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAt: number;
  readonly lastAt: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  /** Of its event. */
  readonly type: string;
}

/** A delivery with all that is sent of its event. */
export interface DueDelivery extends Delivery {
  readonly agent: string;
  /** JSON. */
  readonly payload: string;
  readonly at: number;
}

export interface DeliveryTable {
  /** Queues an event for an endpoint, or queues it anew: due at once, with all its attempts. */
  queue(webhook: string, eventId: string, at: number): void;
  get(id: number): Delivery | undefined;
  /** Newest first; of one state where it is named. */
  list(webhook: string, limit: number, state?: DeliveryState): readonly Delivery[];
  /** The first one due by an instant, of other endpoints and other ids than these. */
  due(to: number, busy: Busy): DueDelivery | undefined;
  /** When the first of them is due. */
  nextAt(busy: Busy): number | undefined;
  update(delivery: Delivery): void;
  /** What waits is held back. */
  hold(webhook: string): void;
  /** What was held back is due at an instant, with all its attempts. */
  release(webhook: string, at: number): void;
  removeOf(webhook: string): void;
  /** Events of an agent from an instant on and after an event, in order. */
  events(
    agent: string,
    since: number,
    after: string,
    limit: number,
  ): readonly { readonly eventId: string; readonly type: string }[];
}

/** Deliveries under way, and endpoints that have as many of them as they may. */
export interface Busy {
  readonly ids: readonly number[];
  readonly webhooks: readonly string[];
}

const SELECT = `SELECT d.id, d.webhook, d.event_id, d.state, d.attempts, d.created_at, d.next_at, d.last_at,
  d.last_status, d.last_error, o.type, o.agent, o.payload, o.at
  FROM delivery d JOIN outbox o ON o.event_id = d.event_id`;
const FREE = `state = 'waiting' AND id NOT IN (SELECT value FROM json_each(?1))
  AND webhook NOT IN (SELECT value FROM json_each(?2))`;

export function deliveryTable(database: Database): DeliveryTable {
  return { ...dueOf(database), ...listsOf(database), ...changesOf(database) };
}

function dueOf({ raw }: Database): Pick<DeliveryTable, "due" | "nextAt"> {
  const due = prepared(
    raw,
    `${SELECT} WHERE d.id = (SELECT id FROM delivery WHERE ${FREE} AND next_at <= ?3
       ORDER BY next_at, id LIMIT 1)`,
  );
  const nextAt = prepared(
    raw,
    `SELECT next_at FROM delivery WHERE ${FREE} ORDER BY next_at, id LIMIT 1`,
  );
  const free = ({ ids, webhooks }: Busy): [string, string] => [
    JSON.stringify(ids),
    JSON.stringify(webhooks),
  ];
  return {
    due(to, busy) {
      const row = due.get(...free(busy), to);
      if (row === undefined) return undefined;
      const [agent, payload] = [text(row, "agent"), text(row, "payload")];
      return { ...parse(row), agent, payload, at: integer(row, "at") };
    },
    nextAt(busy) {
      const row = nextAt.get(...free(busy));
      return row === undefined ? undefined : integer(row, "next_at");
    },
  };
}

function listsOf({ raw }: Database): Pick<DeliveryTable, "get" | "list" | "events"> {
  const get = prepared(raw, `${SELECT} WHERE d.id = ?`);
  const list = prepared(
    raw,
    `${SELECT} WHERE d.webhook = ?1 AND (?2 IS NULL OR d.state = ?2) ORDER BY d.id DESC LIMIT ?3`,
  );
  const events = prepared(
    raw,
    `SELECT event_id, type FROM outbox WHERE agent = ? AND at >= ? AND event_id > ?
     ORDER BY id LIMIT ?`,
  );
  return {
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    list: (webhook, limit, state) => list.all(webhook, state ?? null, limit).map(parse),
    events: (agent, since, after, limit) =>
      events
        .all(agent, since, after, limit)
        .map((row) => ({ eventId: text(row, "event_id"), type: text(row, "type") })),
  };
}

type Change = "queue" | "update" | "hold" | "release" | "removeOf";

function changesOf({ raw }: Database): Pick<DeliveryTable, Change> {
  const queue = raw.prepare(
    `INSERT INTO delivery (webhook, event_id, state, attempts, created_at, next_at)
     VALUES (?1, ?2, 'waiting', 0, ?3, ?3)
     ON CONFLICT (webhook, event_id) DO UPDATE SET state = 'waiting', attempts = 0, next_at = ?3`,
  );
  const update = raw.prepare(
    `UPDATE delivery SET state = ?, attempts = ?, next_at = ?, last_at = ?, last_status = ?,
       last_error = ? WHERE id = ?`,
  );
  const hold = raw.prepare(
    "UPDATE delivery SET state = 'held' WHERE webhook = ? AND state = 'waiting'",
  );
  const release = raw.prepare(
    `UPDATE delivery SET state = 'waiting', attempts = 0, next_at = ?2
     WHERE webhook = ?1 AND state = 'held'`,
  );
  const removeOf = raw.prepare("DELETE FROM delivery WHERE webhook = ?");
  return {
    queue(webhook, eventId, at) {
      queue.run(webhook, eventId, at);
    },
    update({ id, state, attempts, nextAt, lastAt, lastStatus, lastError }) {
      update.run(state, attempts, nextAt, lastAt, lastStatus, lastError, id);
    },
    hold(webhook) {
      hold.run(webhook);
    },
    release(webhook, at) {
      release.run(webhook, at);
    },
    removeOf(webhook) {
      removeOf.run(webhook);
    },
  };
}

function parse(row: Row): Delivery {
  return {
    id: integer(row, "id"),
    webhook: text(row, "webhook"),
    eventId: text(row, "event_id"),
    state: text(row, "state") as DeliveryState,
    attempts: integer(row, "attempts"),
    createdAt: integer(row, "created_at"),
    nextAt: integer(row, "next_at"),
    lastAt: optionalInteger(row, "last_at"),
    lastStatus: optionalInteger(row, "last_status"),
    lastError: optionalText(row, "last_error"),
    type: text(row, "type"),
  };
}
