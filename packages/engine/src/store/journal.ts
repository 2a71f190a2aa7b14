// The journal table, and the inbox of facts that a run could not take yet.

import type { DatabaseSync } from "node:sqlite";
import type { Fact, HistoryEntry } from "@holdfast/core";
import type { JournalRow } from "../run/replay.ts";
import { entriesFromText, entriesToText } from "./entry-text.ts";

export interface JournalTable {
  append(run: number, sequence: number, at: number, entries: readonly HistoryEntry[]): void;
  read(run: number): readonly JournalRow[];
  /** Number of entries of a run. */
  length(run: number): number;
  last(run: number): JournalRow | undefined;
  keep(run: number, fact: Fact): void;
  kept(run: number): readonly Fact[];
  dropKept(run: number): void;
}

export function journalTable(database: DatabaseSync): JournalTable {
  const append = database.prepare(
    "INSERT INTO journal (run, sequence, at, entries) VALUES (?, ?, ?, ?)",
  );
  const read = database.prepare(
    "SELECT sequence, at, entries FROM journal WHERE run = ? ORDER BY position",
  );
  const last = database.prepare(
    "SELECT sequence, at, entries FROM journal WHERE run = ? ORDER BY position DESC LIMIT 1",
  );
  const keep = database.prepare("INSERT INTO inbox (run, fact) VALUES (?, ?)");
  const kept = database.prepare("SELECT fact FROM inbox WHERE run = ? ORDER BY position");
  const dropKept = database.prepare("DELETE FROM inbox WHERE run = ?");
  const parse = (found: Record<string, unknown>): JournalRow => ({
    sequence: Number(found["sequence"]),
    at: Number(found["at"]),
    entries: entriesFromText(String(found["entries"])),
  });
  const lastOf = (run: number): JournalRow | undefined => {
    const found = last.get(run);
    return found === undefined ? undefined : parse(found);
  };
  return {
    append(run, sequence, at, entries) {
      append.run(run, sequence, at, entriesToText(entries));
    },
    read: (run) => read.all(run).map(parse),
    length(run) {
      const row = lastOf(run);
      return row === undefined ? 0 : row.sequence + row.entries.length;
    },
    last: lastOf,
    keep(run, fact) {
      keep.run(run, JSON.stringify(fact));
    },
    kept: (run) => kept.all(run).map((found) => JSON.parse(String(found["fact"])) as Fact),
    dropKept(run) {
      dropKept.run(run);
    },
  };
}
