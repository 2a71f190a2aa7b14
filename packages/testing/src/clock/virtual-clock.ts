// A clock that stands still until it is told to go on. One per engine, so that tests run in parallel and a
// year passes in a second.

import type { Clock, TimerHandle } from "@holdfast/core";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Where virtual time begins by default: 2026-01-05T09:00:00Z, a Monday. */
export const VIRTUAL_START = 1_767_603_600_000;

/**
 * A virtual clock.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.setTimer(clock.now() + 1_000, () => console.log("a second has passed"));
 * clock.advanceTo(clock.now() + 1_000);
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #timers: Timer[] = [];

  constructor(start: number = VIRTUAL_START) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimer(at: number, callback: () => void): TimerHandle {
    const timer: Timer = { at, order: this.#order++, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** The next instant at which something is due; undefined when nothing is. */
  get next(): number | undefined {
    return this.#earliest()?.at;
  }

  /** Goes to an instant, calling back on the way in due order. A clock may also be set back. */
  advanceTo(instant: number): void {
    for (
      let timer = this.#earliest();
      timer !== undefined && timer.at <= instant;
      timer = this.#earliest()
    ) {
      const due = timer;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = instant;
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        earliest === undefined ||
        timer.at < earliest.at ||
        (timer.at === earliest.at && timer.order < earliest.order)
      ) {
        earliest = timer;
      }
    }
    return earliest;
  }
}
