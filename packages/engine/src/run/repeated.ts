// What a resume of a failed run calls again: the calls that were open, or had failed for good, at the place to
// which its journal goes back. Those with money come first.

import type { Command, Effect, HistoryEntry } from "@holdfast/core";
import { isFact } from "./replay.ts";

export type RepeatedCall = Pick<Command & { readonly kind: "call" }, "activity" | "effect" | "ref">;

const ORDER: readonly Effect[] = ["money", "external", "none"];

/** @param history all entries of the run's journal, in order */
export function repeatedCalls(history: readonly HistoryEntry[]): readonly RepeatedCall[] {
  let entries: HistoryEntry[] = [];
  for (const entry of history) {
    if (entry.kind === "resumed") entries = entries.slice(0, entry.keep);
    else entries.push(entry);
  }
  const boundary = entries.findLastIndex(isFact);
  const open = new Map<number, RepeatedCall>();
  for (const entry of entries.slice(0, boundary)) {
    switch (entry.kind) {
      case "call": {
        const { activity, effect, ref } = entry;
        open.set(entry.call, { activity, effect, ref });
        break;
      }
      case "done":
      case "failed":
      case "call-cancelled":
        open.delete(entry.call);
        break;
      default:
        break;
    }
  }
  return [...open.values()].sort((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect));
}
