// Instants at which the venue has something to do by itself, in due order. A timer is set and removed in the
// transaction of what it is about.

import type { Database } from "./database.ts";
import { integer, prepared, text } from "./row.ts";

export interface Timer {
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
}

export interface TimerTable {
  set(at: number, kind: string, subject: string): void;
  /** Removes those of a kind about a subject. */
  clear(kind: string, subject: string): void;
  /** The first one due. */
  next(): Timer | undefined;
  remove(id: number): void;
}

export function timerTable({ raw }: Database): TimerTable {
  const insert = raw.prepare("INSERT INTO timer (at, kind, subject) VALUES (?, ?, ?)");
  const clear = raw.prepare("DELETE FROM timer WHERE kind = ? AND subject = ?");
  const next = prepared(raw, "SELECT id, at, kind, subject FROM timer ORDER BY at, id LIMIT 1");
  const remove = raw.prepare("DELETE FROM timer WHERE id = ?");
  return {
    set(at, kind, subject) {
      insert.run(at, kind, subject);
    },
    clear(kind, subject) {
      clear.run(kind, subject);
    },
    next() {
      const row = next.get();
      if (row === undefined) return undefined;
      const kind = text(row, "kind");
      return {
        id: integer(row, "id"),
        at: integer(row, "at"),
        kind,
        subject: text(row, "subject"),
      };
    },
    remove(id) {
      remove.run(id);
    },
  };
}
