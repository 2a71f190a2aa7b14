// The state of a run as a fold of its journal, entry by entry. The run's row is this fold, written in the
// same commit as the entries.

import type { HistoryEntry, RunStatus } from "@holdfast/core";
import type { RunState } from "../store/runs.ts";
import type { JournalRow } from "./replay.ts";

export class Fold {
  /** Pending calls; true for those in doubt. */
  readonly #calls = new Map<number, boolean>();
  readonly #timers = new Map<number, number>();
  #closing = false;
  #cancelRequested = false;
  #closed: RunStatus | undefined;
  #closedAt: number | undefined;
  length = 0;
  lastAt = 0;

  /** The fold of a whole journal. */
  static of(rows: Iterable<JournalRow>): Fold {
    const fold = new Fold();
    for (const row of rows) for (const entry of row.entries) fold.apply(entry, row.at);
    return fold;
  }

  apply(entry: HistoryEntry, at: number): void {
    this.length += 1;
    this.lastAt = at;
    switch (entry.kind) {
      case "call":
        this.#calls.set(entry.call, false);
        break;
      case "done":
      case "failed":
      case "call-cancelled":
        this.#calls.delete(entry.call);
        break;
      case "in-doubt":
      case "resent":
        if (this.#calls.has(entry.call)) this.#calls.set(entry.call, entry.kind === "in-doubt");
        break;
      case "timer":
        this.#timers.set(entry.timer, entry.at);
        break;
      case "fired":
      case "timer-cancelled":
        this.#timers.delete(entry.timer);
        break;
      case "cancel":
        this.#cancelRequested = true;
        break;
      case "closing":
        this.#closing = true;
        break;
      case "completed":
        this.#close("completed", at);
        break;
      case "run-failed":
        this.#close("failed", at);
        break;
      case "cancelled":
        this.#close("cancelled", at);
        break;
      case "continued":
        this.#close("continued", at);
        break;
      case "terminated":
        this.#close("terminated", at);
        break;
      case "started":
      case "signal":
        break;
    }
  }

  get state(): RunState {
    let doubts = 0;
    for (const inDoubt of this.#calls.values()) if (inDoubt) doubts += 1;
    const moving = this.#calls.size > doubts;
    let wakeAt: number | undefined;
    for (const at of this.#timers.values()) if (wakeAt === undefined || at < wakeAt) wakeAt = at;
    return {
      status: this.#closed ?? this.#openStatus(doubts > 0 && !moving && wakeAt === undefined),
      active: this.#closed === undefined && moving,
      wakeAt: this.#closed === undefined ? wakeAt : undefined,
      closedAt: this.#closedAt,
      cancelRequested: this.#cancelRequested,
      problem: undefined,
    };
  }

  /** Timers due at an instant, in due order. */
  due(now: number): readonly number[] {
    const due: [timer: number, at: number][] = [];
    for (const entry of this.#timers) if (entry[1] <= now) due.push(entry);
    return due.sort((a, b) => a[1] - b[1] || a[0] - b[0]).map(([timer]) => timer);
  }

  #openStatus(inDoubt: boolean): RunStatus {
    if (inDoubt) return "in-doubt";
    return this.#closing ? "closing" : "running";
  }

  #close(status: RunStatus, at: number): void {
    this.#closed = status;
    this.#closedAt = at;
    this.#calls.clear();
    this.#timers.clear();
  }
}

export function sameState(a: RunState, b: RunState): boolean {
  return (
    a.status === b.status &&
    a.active === b.active &&
    a.wakeAt === b.wakeAt &&
    a.closedAt === b.closedAt &&
    a.cancelRequested === b.cancelRequested &&
    a.problem === b.problem
  );
}
