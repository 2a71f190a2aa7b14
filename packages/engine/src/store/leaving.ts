// Runs that have left for another engine and have not begun there yet, by the row of the generation that was closed.
// They are few and stand among the notes of the journal, so that they need no table of their own.

import type { DatabaseSync } from "node:sqlite";
import type { LeavingRun } from "@holdfast/core";

export interface LeavingRow extends LeavingRun {
  readonly row: number;
}

export interface LeavingTable {
  /** In the commit that closes the run, or later ones. */
  put(row: number, run: LeavingRun): void;
  drop(row: number): void;
  find(runId: string): LeavingRow | undefined;
  /** In the order in which they left. */
  all(): readonly LeavingRow[];
}

const PREFIX = "leaving/";
/** The text behind all that begin so. */
const END = "leaving0";

export function leavingTable(database: DatabaseSync): LeavingTable {
  const put = database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
  const drop = database.prepare("DELETE FROM meta WHERE name = ?");
  const some = database.prepare("SELECT name, value FROM meta WHERE name >= ? AND name < ?");
  const all = (): readonly LeavingRow[] =>
    some
      .all(PREFIX, END)
      .map(({ name, value }) => ({
        ...(JSON.parse(String(value)) as LeavingRun),
        row: Number(String(name).slice(PREFIX.length)),
      }))
      .sort((a, b) => a.row - b.row);
  return {
    put(row, run) {
      const { row: _row, ...kept } = { row, ...run };
      put.run(`${PREFIX}${row}`, JSON.stringify(kept));
    },
    drop(row) {
      drop.run(`${PREFIX}${row}`);
    },
    find: (runId) => all().find((found) => found.runId === runId),
    all,
  };
}
