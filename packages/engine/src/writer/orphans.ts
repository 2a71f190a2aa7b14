// Money calls whose run was terminated while they were open. Nothing is sent any more; what was sent is followed
// up, by its late answer or by asking the venue, until its intent says what became of it.

import { type Fact, hasCode } from "@holdfast/core";
import type { Gateway } from "../guard/gateway.ts";
import { effective } from "../run/effective.ts";
import { openCalls } from "../run/open-calls.ts";
import type { Store } from "../store/store.ts";

/** Writes down what became of an orphan; the last one takes its run from the dead letters. */
export function settleOrphan(
  { store, guard }: { readonly store: Store; readonly guard: Gateway },
  row: number,
  fact: Fact,
  at: number,
): void {
  if (fact.kind !== "done" && fact.kind !== "failed") return;
  const orphans = orphansOf(store, row);
  const key = orphans.get(fact.call);
  if (key === undefined) return;
  if (fact.kind === "done") store.intents.settle(key, "done", at, fact.output);
  else store.intents.settle(key, "refused", at, undefined);
  guard.settledByKey(key, fact.kind === "done" ? "done" : "refused", at);
  const isOpen = (other: string): boolean => store.intents.get(other)?.state === "in-doubt";
  if (![...orphans.values()].some(isOpen)) store.letters.drop(row);
}

/** The keys of the money calls that were open at a run's end, by number. Of a damaged run none are known. */
function orphansOf(store: Store, row: number): ReadonlyMap<number, string> {
  const orphans = new Map<number, string>();
  try {
    const { rows } = effective(store.journal.read(row));
    for (const [call, { effect, key }] of openCalls(rows.flatMap(({ entries }) => entries))) {
      if (effect === "money" && key !== undefined) orphans.set(call, key);
    }
  } catch (error) {
    if (!hasCode(error, "HF-JOURNAL-DAMAGED")) throw error;
  }
  return orphans;
}
