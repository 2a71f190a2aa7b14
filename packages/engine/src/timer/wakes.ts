// Wake-ups of sleeping runs. Only those of the near future are in memory; the others lie in the run table and
// are loaded when their time comes near.

import type { Clock } from "@holdfast/core";
import type { Alarm, Alarms } from "../clock/alarms.ts";
import { TIMER_WINDOW_MS } from "../options.ts";
import type { RunTable } from "../store/runs.ts";

export class Wakes {
  readonly #alarms: Alarms;
  readonly #clock: Clock;
  readonly #runs: RunTable;
  readonly #onDue: (row: number) => void;
  readonly #byRow = new Map<number, Alarm>();
  #windowEnd = 0;
  #nextWindow: Alarm | undefined;

  constructor(alarms: Alarms, clock: Clock, runs: RunTable, onDue: (row: number) => void) {
    this.#alarms = alarms;
    this.#clock = clock;
    this.#runs = runs;
    this.#onDue = onDue;
  }

  /** Sets, moves or removes the wake-up of a run. */
  set(row: number, at: number | undefined): void {
    const before = this.#byRow.get(row);
    if (before !== undefined && before.at === at) return;
    this.#alarms.cancel(before);
    this.#byRow.delete(row);
    if (at === undefined) return;
    if (at > this.#windowEnd) {
      this.#openFor(at);
      return;
    }
    const alarm = this.#alarms.set(at, () => {
      this.#byRow.delete(row);
      this.#onDue(row);
    });
    this.#byRow.set(row, alarm);
  }

  /** Loads the wake-ups of the near future, overdue ones in due order. */
  open(): void {
    this.#windowEnd = this.#clock.now() + TIMER_WINDOW_MS;
    for (const { row, at } of this.#runs.wakingUntil(this.#windowEnd)) this.set(row, at);
    const later = this.#runs.nextWakeAfter(this.#windowEnd);
    if (later !== undefined) this.#openFor(later);
  }

  /** Sees to it that the window moves on in time for a wake-up beyond it. */
  #openFor(at: number): void {
    const when = at - TIMER_WINDOW_MS / 2;
    if (this.#nextWindow !== undefined && this.#nextWindow.at <= when) return;
    this.#alarms.cancel(this.#nextWindow);
    this.#nextWindow = this.#alarms.set(when, () => {
      this.#nextWindow = undefined;
      this.open();
    });
  }
}
