// The journal table, and the inbox of facts that a run could not take yet.

import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { type Fact, type HistoryEntry, HoldfastError } from "@holdfast/core";
import type { JournalRow } from "../run/replay.ts";
import { optionalNumber } from "./column.ts";
import { entriesFromText, entriesToText } from "./entry-text.ts";

export interface JournalTable {
  /** Rows are written together, by the time that anything is read or the transaction ends. */
  append(run: number, sequence: number, at: number, entries: readonly HistoryEntry[]): void;
  read(run: number): readonly JournalRow[];
  /** Number of entries of a run; at least so many where its last row is damaged. Never throws. */
  length(run: number): number;
  last(run: number): JournalRow | undefined;
  /** The last position of all, and its time; 0 where there is none. */
  end(): { readonly position: number; readonly at: number | undefined };
  keep(run: number, fact: Fact): void;
  kept(run: number): readonly Fact[];
  dropKept(run: number): void;
  /** Writes what was appended: to be called before the transaction ends. */
  flush(): void;
  /** The transaction has failed: nothing of what was appended counts. */
  forget(): void;
}

/** Rows that are written by one statement: each of them takes less than one that is written alone. */
const ROWS = 16;

export function journalTable(database: DatabaseSync): JournalTable {
  const rows = appender(database);
  const read = database.prepare(
    "SELECT sequence, at, entries, sum FROM journal WHERE run = ? ORDER BY position",
  );
  const last = database.prepare(
    "SELECT sequence, at, entries, sum FROM journal WHERE run = ? ORDER BY position DESC LIMIT 1",
  );
  const keep = database.prepare("INSERT INTO inbox (run, fact) VALUES (?, ?)");
  const kept = database.prepare("SELECT fact FROM inbox WHERE run = ? ORDER BY position");
  const dropKept = database.prepare("DELETE FROM inbox WHERE run = ?");
  const end = database.prepare("SELECT position, at FROM journal ORDER BY position DESC LIMIT 1");
  const idOf = database.prepare("SELECT id FROM run WHERE row = ?");
  read.setReturnArrays(true);
  last.setReturnArrays(true);
  const parse = (run: number, found: Found): JournalRow => {
    const row = parsed(run, found);
    if (typeof row !== "string") return row;
    throw damage(run, found[0], row);
  };
  const lastFound = (run: number): Found | undefined => {
    rows.flush();
    return last.get(run) as unknown as Found | undefined;
  };
  const damage = (run: number, sequence: number, why: string): HoldfastError =>
    damaged(String(idOf.get(run)?.["id"] ?? ""), sequence, why);
  const lastOf = (run: number): JournalRow | undefined => {
    const found = lastFound(run);
    return found === undefined ? undefined : parse(run, found);
  };
  return {
    ...rows,
    read(run) {
      rows.flush();
      let next = 0;
      return (read.all(run) as unknown as Found[]).map((found) => {
        const row = parse(run, found);
        if (row.sequence !== next) throw damage(run, next, "entries before it are missing");
        next += row.entries.length;
        return row;
      });
    },
    length(run) {
      const found = lastFound(run);
      if (found === undefined) return 0;
      try {
        const { sequence, entries } = parse(run, found);
        return sequence + entries.length;
      } catch {
        return found[0] + 1;
      }
    },
    last: lastOf,
    end() {
      rows.flush();
      const found = end.get();
      return { position: Number(found?.["position"] ?? 0), at: optionalNumber(found?.["at"]) };
    },
    keep(run, fact) {
      keep.run(run, JSON.stringify(fact));
    },
    kept: (run) => kept.all(run).map((found) => JSON.parse(String(found["fact"])) as Fact),
    dropKept(run) {
      dropKept.run(run);
    },
  };
}

/** Collects rows and writes them many at a time. */
function appender(database: DatabaseSync): Pick<JournalTable, "append" | "flush" | "forget"> {
  const into = "INSERT INTO journal (run, sequence, at, entries, sum) VALUES";
  const places = "(?, ?, ?, ?, ?)";
  const one = database.prepare(`${into} ${places}`);
  const many = database.prepare(`${into} ${Array<string>(ROWS).fill(places).join(", ")}`);
  let rows: Appended[] = [];
  const forget = (): void => {
    rows = [];
  };
  return {
    append(run, sequence, at, entries) {
      const text = entriesToText(entries);
      rows.push([run, sequence, at, text, sumOf(run, sequence, at, text)]);
      if (rows.length < ROWS) return;
      many.run(...rows.flat());
      forget();
    },
    flush() {
      for (const row of rows) one.run(...row);
      if (rows.length > 0) forget();
    },
    forget,
  };
}

type Appended = readonly [run: number, sequence: number, at: number, entries: string, sum: number];

/** A row as it comes, as an array: rows are many and small. */
type Found = readonly [sequence: number, at: number, entries: string, sum: number | null];

/** A row as it was written; where it is not, in what way. */
function parsed(run: number, [sequence, at, text, sum]: Found): JournalRow | string {
  // Rows of the first format have no sum.
  if (sum !== null && sum !== sumOf(run, sequence, at, text)) return "its checksum does not fit";
  try {
    return { sequence, at, entries: entriesFromText(text) };
  } catch {
    return "it cannot be read";
  }
}

function sumOf(run: number, sequence: number, at: number, text: string): number {
  return crc32(`${run} ${sequence} ${at}\n${text}`);
}

export function damaged(id: string, sequence: number, why: string): HoldfastError {
  return new HoldfastError(
    "HF-JOURNAL-DAMAGED",
    `The journal of run "${id}" is damaged at entry ${sequence}: ${why}. Other runs are not concerned. Restore the file from a backup, or discard this run.`,
    { class: "state", details: { id, sequence } },
  );
}
