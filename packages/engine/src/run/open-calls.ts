// The calls that are decided and not settled after some entries of a journal, by number.

import type { Command, HistoryEntry } from "@holdfast/core";

export type CallCommand = Command & { readonly kind: "call" };

export function openCalls(entries: Iterable<HistoryEntry>): ReadonlyMap<number, CallCommand> {
  const open = new Map<number, CallCommand>();
  for (const entry of entries) {
    switch (entry.kind) {
      case "call":
        open.set(entry.call, entry);
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
  return open;
}
