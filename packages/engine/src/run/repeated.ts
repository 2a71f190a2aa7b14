// What a resume of a failed run calls again: the calls that were open, or had failed for good, at the place to
// which its journal goes back. Those with money come first.

import type { Effect, HistoryEntry } from "@holdfast/core";
import { type CallCommand, openCalls } from "./open-calls.ts";
import { isFact } from "./replay.ts";

export type RepeatedCall = Pick<CallCommand, "activity" | "effect" | "ref">;

const ORDER: readonly Effect[] = ["money", "external", "none"];

/** @param history all entries of the run's journal, in order */
export function repeatedCalls(history: readonly HistoryEntry[]): readonly RepeatedCall[] {
  let entries: HistoryEntry[] = [];
  for (const entry of history) {
    if (entry.kind === "resumed") entries = entries.slice(0, entry.keep);
    else entries.push(entry);
  }
  const before = entries.slice(0, Math.max(0, entries.findLastIndex(isFact)));
  return [...openCalls(before).values()]
    .map(({ activity, effect, ref }) => ({ activity, effect, ref }))
    .sort((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect));
}
