// What an entry sets going once it is on disk: attempts end or begin again, answers go to those who wait.

import type { HistoryEntry, Log, UpdateResult } from "@holdfast/core";
import type { Dispatcher } from "../call/dispatcher.ts";
import { approvedAt } from "../call/pending.ts";
import type { LiveRun } from "../run/live-run.ts";

export interface Outlets {
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Tells who waits for the answer of an update. */
  readonly onUpdated: (requestId: string, result: UpdateResult) => void;
}

export function letOut(live: LiveRun, entry: HistoryEntry, outlets: Outlets): void {
  const { dispatcher } = outlets;
  switch (entry.kind) {
    case "done":
    case "failed": {
      const call = live.calls.get(entry.call);
      if (call !== undefined) call.phase = "settled";
      live.calls.delete(entry.call);
      break;
    }
    case "in-doubt":
    case "quarantined":
    case "awaiting-approval": {
      const call = live.calls.get(entry.call);
      if (call !== undefined) call.phase = entry.kind;
      outlets.log.warn(entry.failure.message, { run: live.row.id, call: entry.call });
      break;
    }
    case "resent": {
      const call = live.calls.get(entry.call);
      if (call?.phase === "awaiting-approval") approvedAt(call, live.fold.lastAt);
      if (call !== undefined) dispatcher.resend(call);
      break;
    }
    case "call-cancel-asked": {
      const call = live.calls.get(entry.call);
      if (call !== undefined) dispatcher.cancel(call);
      break;
    }
    case "update-done":
      outlets.onUpdated(entry.id, { kind: "done", output: entry.output });
      break;
    case "update-failed":
      outlets.onUpdated(entry.id, { kind: "failed", failure: entry.failure });
      break;
    case "call-cancelled": {
      const call = live.calls.get(entry.call);
      live.calls.delete(entry.call);
      if (call !== undefined) dispatcher.cancel(call);
      break;
    }
    case "terminated":
      for (const call of live.calls.values()) {
        // What may have been sent is followed up, so that its intent says in the end what became of it.
        if (call.command.effect === "money") dispatcher.orphan(call);
        else dispatcher.drop(call);
      }
      live.calls.clear();
      break;
    default:
      break;
  }
}
