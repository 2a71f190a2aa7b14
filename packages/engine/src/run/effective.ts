// The entries of a journal that count: where a failed run was resumed, what came after the place it went back
// to stays in the journal to be looked at, and does not count.

import type { JournalRow } from "./replay.ts";

export interface Effective {
  readonly rows: readonly JournalRow[];
  /** Entries in the journal, those included that do not count. */
  readonly length: number;
  readonly resumes: number;
  /** When the run was last resumed. */
  readonly resumedAt: number | undefined;
}

export function effective(journal: readonly JournalRow[]): Effective {
  let rows: JournalRow[] = [];
  let length = 0;
  let resumes = 0;
  let resumedAt: number | undefined;
  for (const row of journal) {
    length += row.entries.length;
    const mark = row.entries[0];
    if (mark?.kind !== "resumed") rows.push(row);
    else {
      rows = firstEntries(rows, mark.keep);
      resumes += 1;
      resumedAt = row.at;
    }
  }
  return { rows, length, resumes, resumedAt };
}

/** The rows of the first so many entries; the last of them may be cut. */
function firstEntries(rows: readonly JournalRow[], count: number): JournalRow[] {
  const kept: JournalRow[] = [];
  let left = count;
  for (const row of rows) {
    if (left <= 0) break;
    kept.push(row.entries.length <= left ? row : { ...row, entries: row.entries.slice(0, left) });
    left -= row.entries.length;
  }
  return kept;
}
