// Many wake-ups over one timer of the clock: a binary heap by due time, from which an alarm can be removed.

import type { Clock, TimerHandle } from "@holdfast/core";
import { systemClock } from "./system.ts";

export interface Alarm {
  readonly at: number;
  readonly ring: () => void;
  /** Place in the heap; -1 when it is not in it. */
  index: number;
  /** Order among equal times. */
  readonly order: number;
}

export class Alarms implements Disposable {
  readonly #clock: Clock;
  /** A virtual clock is asked for exactly the next instant, because it jumps there. */
  readonly #exact: boolean;
  readonly #heap: Alarm[] = [];
  #order = 0;
  #armed: { readonly at: number; readonly handle: TimerHandle } | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#exact = clock !== systemClock;
  }

  /** The earliest alarm's time. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Sets an alarm; nothing rings before `rearm`, which the engine calls once a turn. */
  set(at: number, ring: () => void): Alarm {
    const alarm: Alarm = { at, ring, index: this.#heap.length, order: this.#order++ };
    this.#heap.push(alarm);
    this.#up(alarm.index);
    return alarm;
  }

  cancel(alarm: Alarm | undefined): void {
    if (alarm === undefined || alarm.index < 0) return;
    const { index } = alarm;
    alarm.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === alarm) return;
    this.#place(last, index);
    this.#up(index);
    this.#down(last.index);
  }

  /** Makes the clock call at the earliest alarm's time. */
  rearm(): void {
    const at = this.next;
    if (this.#closed || at === this.#armed?.at) return;
    // Most alarms are time-outs that never ring: a timer set for an earlier one may as well stay.
    if (!this.#exact && this.#armed !== undefined && (at === undefined || this.#armed.at < at))
      return;
    this.#armed?.handle.cancel();
    this.#armed =
      at === undefined ? undefined : { at, handle: this.#clock.setTimer(at, this.#due) };
  }

  readonly #due = (): void => {
    this.#armed = undefined;
    const now = this.#clock.now();
    for (let alarm = this.#heap[0]; alarm !== undefined && alarm.at <= now; alarm = this.#heap[0]) {
      this.cancel(alarm);
      alarm.ring();
    }
    this.rearm();
  };

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#armed?.handle.cancel();
    this.#armed = undefined;
    this.#heap.length = 0;
  }

  #before(a: Alarm, b: Alarm): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #place(alarm: Alarm, index: number): void {
    this.#heap[index] = alarm;
    alarm.index = index;
  }

  #up(start: number): void {
    const alarm = this.#heap[start];
    if (alarm === undefined) return;
    let index = start;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !this.#before(alarm, parent)) break;
      this.#place(parent, index);
      index = above;
    }
    this.#place(alarm, index);
  }

  #down(start: number): void {
    const alarm = this.#heap[start];
    if (alarm === undefined) return;
    let index = start;
    for (;;) {
      let below = 2 * index + 1;
      let child = this.#heap[below];
      if (child === undefined) break;
      const right = this.#heap[below + 1];
      if (right !== undefined && this.#before(right, child)) {
        below += 1;
        child = right;
      }
      if (!this.#before(child, alarm)) break;
      this.#place(child, index);
      index = below;
    }
    this.#place(alarm, index);
  }
}
