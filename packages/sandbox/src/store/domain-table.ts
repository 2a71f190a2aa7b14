// Registrations of domains as rows, held and released.

import { type Usdc, micros } from "@holdfast/core";
import type { DomainStatus } from "@holdfast/purpleflea/wire";
import type { Registration } from "../domain/registration.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

export interface DomainTable {
  insert(registration: Registration): void;
  get(id: string): Registration | undefined;
  /** Writes down how far a registration has come. */
  update(registration: Registration): void;
  /** Who holds a name now; nobody does where it is free. */
  holder(name: string): Registration | undefined;
  /** An agent's newest registration of a name, also one that was released. */
  ownLast(agent: string, name: string): Registration | undefined;
  /** An agent's registrations, newest first; of one status where it is named. */
  list(agent: string, limit: number, status?: DomainStatus): readonly Registration[];
  /** How many names an agent holds. */
  countHeld(agent: string): number;
}

export function domainTable({ raw }: Database): DomainTable {
  const insert = raw.prepare(
    `INSERT INTO domain (id, number, name, agent, registered_at, ref, status, step, expires_at, paid_last, paid,
       renewals) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = raw.prepare(
    `UPDATE domain SET status = ?, step = ?, expires_at = ?, paid_last = ?, paid = ?, renewals = ?
     WHERE id = ?`,
  );
  const get = prepared(raw, "SELECT * FROM domain WHERE id = ?");
  const holder = prepared(raw, "SELECT * FROM domain WHERE name = ? AND status <> 'released'");
  const ownLast = prepared(
    raw,
    "SELECT * FROM domain WHERE agent = ? AND name = ? ORDER BY number DESC LIMIT 1",
  );
  const list = prepared(
    raw,
    `SELECT * FROM domain WHERE agent = ?1 AND (?2 IS NULL OR status = ?2)
     ORDER BY number DESC LIMIT ?3`,
  );
  const countHeld = prepared(
    raw,
    "SELECT count(*) AS count FROM domain WHERE agent = ? AND status <> 'released'",
  );
  const one = (row: Row | undefined): Registration | undefined =>
    row === undefined ? undefined : parse(row);
  return {
    insert(registration) {
      const { id, number, name, agent, registeredAt, ref } = registration;
      insert.run(id, number, name, agent, registeredAt, ref, ...progress(registration));
    },
    get: (id) => one(get.get(id)),
    update(registration) {
      update.run(...progress(registration), registration.id);
    },
    holder: (name) => one(holder.get(name)),
    ownLast: (agent, name) => one(ownLast.get(agent, name)),
    list: (agent, limit, status) => list.all(agent, status ?? null, limit).map(parse),
    countHeld: (agent) => integer(countHeld.get(agent) ?? {}, "count"),
  };
}

type Value = string | number | bigint;

function progress(registration: Registration): Value[] {
  const { status, step, expiresAt, paidLast, paid, renewals } = registration;
  return [status, step, expiresAt, paidLast, paid, renewals];
}

function parse(row: Row): Registration {
  const money = (column: string): Usdc => micros(big(row, column));
  return {
    id: text(row, "id"),
    number: integer(row, "number"),
    name: text(row, "name"),
    agent: text(row, "agent"),
    status: text(row, "status") as DomainStatus,
    step: integer(row, "step"),
    registeredAt: integer(row, "registered_at"),
    expiresAt: integer(row, "expires_at"),
    paidLast: money("paid_last"),
    paid: money("paid"),
    renewals: integer(row, "renewals"),
    ref: optionalText(row, "ref"),
  };
}
