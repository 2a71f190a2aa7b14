// The journal table, and the inbox of facts that a run could not take yet.

import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { type Fact, type HistoryEntry, HoldfastError } from "@holdfast/core";
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
    "INSERT INTO journal (run, sequence, at, entries, sum) VALUES (?, ?, ?, ?, ?)",
  );
  const read = database.prepare(
    "SELECT sequence, at, entries, sum FROM journal WHERE run = ? ORDER BY position",
  );
  const last = database.prepare(
    "SELECT sequence, at, entries, sum FROM journal WHERE run = ? ORDER BY position DESC LIMIT 1",
  );
  const keep = database.prepare("INSERT INTO inbox (run, fact) VALUES (?, ?)");
  const kept = database.prepare("SELECT fact FROM inbox WHERE run = ? ORDER BY position");
  const dropKept = database.prepare("DELETE FROM inbox WHERE run = ?");
  const lastOf = (run: number): JournalRow | undefined => {
    const found = last.get(run);
    return found === undefined ? undefined : parse(run, found);
  };
  return {
    append(run, sequence, at, entries) {
      const text = entriesToText(entries);
      append.run(run, sequence, at, text, sumOf(run, sequence, at, text));
    },
    read(run) {
      let next = 0;
      return read.all(run).map((found) => {
        const row = parse(run, found);
        if (row.sequence !== next) throw damaged(run, next, "entries before it are missing");
        next += row.entries.length;
        return row;
      });
    },
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

function parse(run: number, found: Record<string, unknown>): JournalRow {
  const sequence = Number(found["sequence"]);
  const at = Number(found["at"]);
  const text = String(found["entries"]);
  const { sum } = found;
  // Rows of the first format have no sum.
  if (sum !== null && sum !== sumOf(run, sequence, at, text)) {
    throw damaged(run, sequence, "its checksum does not fit");
  }
  return { sequence, at, entries: entriesFromText(text) };
}

function sumOf(run: number, sequence: number, at: number, text: string): number {
  return crc32(`${run} ${sequence} ${at}\n${text}`);
}

function damaged(run: number, sequence: number, why: string): HoldfastError {
  return new HoldfastError(
    "HF-JOURNAL-DAMAGED",
    `The journal is damaged at entry ${sequence} of the run in row ${run}: ${why}. Other runs are not concerned. Restore the file from a backup, or discard this run.`,
    { class: "state", details: { row: run, sequence } },
  );
}
