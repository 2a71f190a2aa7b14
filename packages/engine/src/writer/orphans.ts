// Money calls whose run was terminated while they were open. Nothing is sent any more; what was sent is followed
// up, by its late answer or by asking the venue, until its intent says what became of it.

import type { Fact } from "@holdfast/core";
import { effective } from "../run/effective.ts";
import type { JournalRow } from "../run/replay.ts";
import type { Store } from "../store/store.ts";

/** Writes down what became of an orphan; the last one takes its run from the dead letters. */
export function settleOrphan(store: Store, row: number, fact: Fact, at: number): void {
  if (fact.kind !== "done" && fact.kind !== "failed") return;
  const orphans = orphansOf(store.journal.read(row));
  const key = orphans.get(fact.call);
  if (key === undefined) return;
  if (fact.kind === "done") store.intents.settle(key, "done", at, fact.output);
  else store.intents.settle(key, "refused", at, undefined);
  const isOpen = (other: string): boolean => store.intents.get(other)?.state === "in-doubt";
  if (![...orphans.values()].some(isOpen)) store.letters.drop(row);
}

/** The keys of the money calls that were open at a run's end, by number. */
function orphansOf(journal: readonly JournalRow[]): ReadonlyMap<number, string> {
  const open = new Map<number, string>();
  for (const { entries } of effective(journal).rows) {
    for (const entry of entries) {
      switch (entry.kind) {
        case "call":
          if (entry.effect === "money" && entry.key !== undefined) open.set(entry.call, entry.key);
          break;
        case "done":
        case "failed":
        case "call-cancelled":
          open.delete(entry.call);
          break;
        default:
          break;
      }
    }
  }
  return open;
}
