// The state of a run as a fold of its journal, entry by entry. The run's row is this fold, written in the
// same commit as the entries.

import type { Fact, HistoryEntry, RunStatus, Standstill } from "@holdfast/core";
import type { RunState } from "../store/runs.ts";
import type { Effective } from "./effective.ts";
import { LazyMap } from "./lazy-map.ts";

/** A call that nobody may try again by itself, and why. */
export type Parking = Fact & { readonly kind: Standstill };

/** By the numbers of the calls. */
type Parked = Iterable<[call: number, parking: Parking]> & {
  get(call: number): Parking | undefined;
};

export class Fold {
  readonly #calls = new Set<number>();
  readonly #parked = new LazyMap<number, Parking>();
  readonly #children = new LazyMap<number, true>();
  readonly #timers = new LazyMap<number, number>();
  #closing = false;
  #cancelRequested = false;
  #closed: RunStatus | undefined;
  #closedAt: number | undefined;
  /** Entries in the journal, those included that no longer count. */
  length = 0;
  lastAt = 0;
  /** Signals taken. */
  signals = 0;
  /** How often the run was resumed after it had failed. */
  resumes = 0;

  /** The fold of a whole journal. */
  static of({ rows, length, resumes, resumedAt }: Effective): Fold {
    const fold = new Fold();
    for (const row of rows) for (const entry of row.entries) fold.apply(entry, row.at);
    fold.length = length;
    fold.resumes = resumes;
    fold.lastAt = Math.max(fold.lastAt, resumedAt ?? 0);
    return fold;
  }

  /** Calls that wait for a person. */
  get parked(): Parked {
    return this.#parked;
  }

  apply(entry: HistoryEntry, at: number): void {
    this.length += 1;
    this.lastAt = at;
    switch (entry.kind) {
      case "call":
        this.#calls.add(entry.call);
        break;
      case "done":
      case "failed":
      case "call-cancelled":
        this.#calls.delete(entry.call);
        this.#parked.delete(entry.call);
        break;
      case "in-doubt":
      case "quarantined":
      case "awaiting-approval":
        if (this.#calls.has(entry.call)) this.#parked.set(entry.call, entry);
        break;
      case "resent":
        this.#parked.delete(entry.call);
        break;
      case "child":
        this.#children.set(entry.child, true);
        break;
      case "child-done":
      case "child-failed":
      case "child-cancelled":
        this.#children.delete(entry.child);
        break;
      case "timer":
        this.#timers.set(entry.timer, entry.at);
        break;
      case "fired":
      case "timer-cancelled":
        this.#timers.delete(entry.timer);
        break;
      case "signal":
        this.signals += 1;
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
      default:
        break;
    }
  }

  get state(): RunState {
    const moving = this.#calls.size > this.#parked.size;
    let wakeAt: number | undefined;
    for (const at of this.#timers.values()) if (wakeAt === undefined || at < wakeAt) wakeAt = at;
    const stands = !moving && wakeAt === undefined && this.#children.size === 0;
    return {
      status: this.#closed ?? this.#openStatus(stands),
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

  /** `stands`: nothing but a person can move the run, where a call is parked. */
  #openStatus(stands: boolean): RunStatus {
    if (stands) for (const { kind } of this.#parked.values()) return kind;
    return this.#closing ? "closing" : "running";
  }

  #close(status: RunStatus, at: number): void {
    this.#closed = status;
    this.#closedAt = at;
    this.#calls.clear();
    this.#parked.clear();
    this.#children.clear();
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
