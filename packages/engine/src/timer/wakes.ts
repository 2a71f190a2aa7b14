// Wake-ups of sleeping runs. The list of them is the index of the run table: in memory there is only when the
// earliest one is, so that a run asleep costs nothing here. Runs that have left memory are brought back shortly
// before they are due, so that replaying them does not make them late.

import type { Clock } from "@holdfast/core";
import type { Alarm, Alarms } from "../clock/alarms.ts";
import { systemClock } from "../clock/system.ts";
import { AHEAD_MAX, AHEAD_MS, DUE_MAX } from "../options.ts";
import type { RunState, RunTable, WakeUp } from "../store/runs.ts";

export class Wakes {
  readonly #alarms: Alarms;
  readonly #clock: Clock;
  readonly #runs: RunTable;
  readonly #onDue: () => void;
  /** A virtual clock has no time to use before something is due: it jumps there. */
  readonly #looksAhead: boolean;
  /** The earliest wake-up; later than it is only while `#isStale`. */
  #next: number | undefined;
  #isStale = true;
  #dueAlarm: Alarm | undefined;
  #aheadAlarm: Alarm | undefined;
  /** The last that was brought back ahead of its time. */
  #ahead: WakeUp = { at: 0, row: 0 };
  #lookedAt = 0;
  #isAhead = false;

  constructor(alarms: Alarms, clock: Clock, runs: RunTable, onDue: () => void) {
    this.#alarms = alarms;
    this.#clock = clock;
    this.#runs = runs;
    this.#onDue = onDue;
    this.#looksAhead = clock === systemClock;
  }

  /** Notes that a run's state was one and is another. */
  moved(before: RunState, after: RunState): void {
    const [was, at] = [wakeOf(before), wakeOf(after)];
    if (was === at) return;
    if (was === this.#next) this.#isStale = true;
    if (at !== undefined && (this.#next === undefined || at < this.#next)) this.#next = at;
  }

  /** True when a run is due, or may be brought back. */
  get hasWork(): boolean {
    return this.#isAhead || this.#isDue(this.#clock.now());
  }

  /** The runs that are due, in due order: as many as one turn takes, the others come with the next one. */
  due(now: number): readonly number[] {
    if (!this.#isDue(now)) return [];
    this.#isStale = true;
    return this.#runs.wakingUntil(now, DUE_MAX);
  }

  /** Wake-ups of runs that will be due soon: as many as one turn takes, each until it `isBack`. */
  soon(now: number): readonly WakeUp[] {
    if (!this.#isAhead) return [];
    if (this.#ahead.at < now) this.#ahead = { at: now, row: 0 };
    const found = this.#runs.wakingBetween(this.#ahead, now + AHEAD_MS, AHEAD_MAX);
    this.#isAhead = found.length > 0;
    this.#lookedAt = now;
    return found;
  }

  /** The run of a wake-up that `soon` gave is in memory, and all those before it. */
  isBack(wakeUp: WakeUp): void {
    this.#ahead = wakeUp;
  }

  /** Sets the alarms for the earliest wake-up, once what moved it is committed. */
  rearm(): void {
    if (this.#isStale) this.#next = this.#runs.nextWake();
    this.#isStale = false;
    this.#dueAlarm = this.#moved(this.#dueAlarm, this.#next, () => {
      this.#dueAlarm = undefined;
    });
    if (!this.#looksAhead || this.#isAhead) return;
    const ahead =
      this.#next === undefined
        ? undefined
        : Math.max(this.#next - AHEAD_MS, this.#lookedAt + AHEAD_MS / 2);
    this.#aheadAlarm = this.#moved(this.#aheadAlarm, ahead, () => {
      this.#aheadAlarm = undefined;
      this.#isAhead = true;
    });
  }

  #isDue(now: number): boolean {
    return this.#next !== undefined && this.#next <= now;
  }

  #moved(alarm: Alarm | undefined, at: number | undefined, ring: () => void): Alarm | undefined {
    if (alarm?.at === at) return alarm;
    this.#alarms.cancel(alarm);
    if (at === undefined) return undefined;
    return this.#alarms.set(at, () => {
      ring();
      this.#onDue();
    });
  }
}

/** A stuck run stays due until its code fits. */
function wakeOf({ status, wakeAt }: RunState): number | undefined {
  return status === "stuck" ? undefined : wakeAt;
}
