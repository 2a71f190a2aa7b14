// A terminated run as it stood before somebody put an end to it.

import { effective } from "./effective.ts";
import type { JournalRow } from "./replay.ts";

/** Its rows without the end; undefined where it was not terminated. */
export function beforeEnd(journal: readonly JournalRow[]): readonly JournalRow[] | undefined {
  const { rows } = effective(journal);
  const last = rows.at(-1);
  if (last?.entries.at(-1)?.kind !== "terminated") return undefined;
  return [...rows.slice(0, -1), { ...last, entries: last.entries.slice(0, -1) }];
}
