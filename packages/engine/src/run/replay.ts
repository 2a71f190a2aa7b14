// Brings a run back to where its journal ends: delivers the facts as they were delivered, and demands that
// the code gives the commands that stand in the journal.

import type { Command, Fact, HistoryEntry } from "@holdfast/core";
import { difference } from "./difference.ts";
import { drained } from "./drain.ts";
import type { Machine } from "./machine.ts";

/** A row of the journal: what one commit added to a run. */
export interface JournalRow {
  readonly sequence: number;
  readonly at: number;
  readonly entries: readonly HistoryEntry[];
}

const FACTS: ReadonlySet<HistoryEntry["kind"]> = new Set<Fact["kind"]>([
  "started",
  "done",
  "failed",
  "in-doubt",
  "resent",
  "fired",
  "signal",
  "cancel",
  "terminated",
]);

export function isFact(entry: HistoryEntry): entry is Fact {
  return FACTS.has(entry.kind);
}

/** Replays rows into a fresh machine. Afterwards `machine.problem` is set where the code does not fit. */
export async function replay(machine: Machine, rows: Iterable<JournalRow>): Promise<void> {
  for (const row of rows) {
    for (let index = 0; index < row.entries.length;) {
      const fact = row.entries[index];
      if (fact === undefined || !isFact(fact)) {
        machine.bug(
          "HF-DETERMINISM",
          `its journal does not begin with a fact at entry ${row.sequence + index}`,
        );
        return;
      }
      index += 1;
      const expected: Command[] = [];
      for (
        let entry = row.entries[index];
        entry !== undefined && !isFact(entry);
        entry = row.entries[index]
      ) {
        expected.push(entry);
        index += 1;
      }
      machine.deliver(fact, row.at);
      do await drained();
      while (machine.settle());
      if (machine.problem !== undefined) return;
      const found = difference(
        row.sequence + index - expected.length,
        expected,
        machine.takeCommands(),
      );
      if (found !== undefined) {
        machine.bug(
          "HF-DETERMINISM",
          `its code no longer fits its history at entry ${found.sequence}. Expected from history: ${found.expected}. Got from code: ${found.got}`,
          { ...found },
        );
        return;
      }
    }
  }
  machine.takeLogged();
}
