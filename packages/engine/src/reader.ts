// Reads the journal of a process that is not there: the Engine port's questions, without definitions, without
// the lock, and without a change to the file. What only running code knows, it cannot answer.

import { type Command, type Engine, HoldfastError, type PendingCall } from "@holdfast/core";
import { callKey, callRef } from "./call/attempt.ts";
import { type ReadingGuard, readingGuard } from "./guard/offline.ts";
import { keptBreakers } from "./policy/breakers.ts";
import { describeRun, historyOf, latestRun } from "./run/describe.ts";
import { effective } from "./run/effective.ts";
import type { Parking } from "./run/fold.ts";
import { LiveRun } from "./run/live-run.ts";
import { resultOf } from "./run/result.ts";
import { deadLetters, runPage } from "./store/page.ts";
import type { RunRow } from "./store/runs.ts";
import { type Store, openStore } from "./store/store.ts";

export interface Reader
  extends
    Pick<Engine, "describe" | "list" | "history" | "result" | "dead" | "breakers">,
    Disposable {
  /** What the guard has written; its policy, and so its budgets, only running code knows. */
  readonly guard: ReadingGuard;
  inspect<Value>(look: (store: Store) => Value): Promise<Value>;
}

/**
 * Opens a journal for reading, also beside its owner.
 *
 * @throws HF-STATE-MISSING, HF-STATE-OLDER, HF-STATE-NEWER, HF-STATE-FOREIGN
 * @example
 * using reader = openReader(".holdfast/journal.sqlite");
 * const { runs } = await reader.list({ status: "open" });
 */
export function openReader(path: string): Reader {
  const store = openStore(path, { readOnly: true });
  return {
    describe: async (id) => {
      const run = latestRun(store, id, "describe");
      return describeRun(store, run, pendingCalls(store, run));
    },
    list: async (filter = {}) => runPage(store, filter),
    history: async (id) => historyOf(store, latestRun(store, id, "read the history of")),
    dead: async (filter = {}) => deadLetters(store, filter),
    guard: readingGuard(store),
    result: async ({ id }) => {
      const run = latestRun(store, id, "wait for");
      const result = resultOf(store.journal.last(run.row)?.entries.at(-1));
      if (result !== undefined && run.state.closedAt !== undefined) return result;
      throw new HoldfastError(
        "HF-NOT-RUNNING",
        `Cannot wait for run "${id}": it is open, and no process brings it on.`,
        { class: "state" },
      );
    },
    breakers: async () => keptBreakers(store),
    inspect: async (look) => look(store),
    [Symbol.dispose]() {
      store[Symbol.dispose]();
    },
  };
}

interface Open {
  readonly command: Command & { readonly kind: "call" };
  readonly at: number;
  readonly parked: Parking | undefined;
}

/** The calls that a process would take up, as far as the journal and the tables beside it have them. */
function pendingCalls(store: Store, run: RunRow): readonly PendingCall[] {
  if (run.state.closedAt !== undefined) return [];
  const { identity } = new LiveRun(run, store.meta("namespace") ?? "");
  return openCalls(store, run).map(({ command, at, parked }) => {
    const stored = store.calls.get({ run: run.row, call: command.call });
    return {
      call: command.call,
      activity: command.activity,
      effect: command.effect,
      key: callKey({ command, identity }),
      ref: callRef({ command, identity }),
      state: parked?.kind ?? (stored?.elsewhere === true ? "elsewhere" : "waiting"),
      attempt: stored?.attempt ?? 0,
      scheduledAt: at,
      deadlineAt: at + command.totalMs,
      nextAttemptAt: parked === undefined ? stored?.nextAt : undefined,
      // A parked call has no row: its last failure is the cause of its doubt.
      lastFailure: stored?.lastFailure ?? parked?.failure.cause ?? parked?.failure,
    };
  });
}

function openCalls(store: Store, { row }: RunRow): readonly Open[] {
  const { rows, resumedAt = 0 } = effective(store.journal.read(row));
  const open = new Map<number, Open>();
  const park = (call: number, parked: Parking | undefined): void => {
    const found = open.get(call);
    if (found !== undefined) open.set(call, { ...found, parked });
  };
  for (const { at, entries } of rows) {
    for (const entry of entries) {
      switch (entry.kind) {
        case "call":
          open.set(entry.call, { command: entry, at: Math.max(at, resumedAt), parked: undefined });
          break;
        case "done":
        case "failed":
        case "call-cancelled":
          open.delete(entry.call);
          break;
        case "in-doubt":
        case "quarantined":
        case "awaiting-approval":
          park(entry.call, entry);
          break;
        case "resent":
          park(entry.call, undefined);
          break;
        default:
          break;
      }
    }
  }
  return [...open.values()];
}
