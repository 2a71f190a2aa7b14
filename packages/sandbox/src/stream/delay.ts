// Events that a fault holds back until an instant.

import type { Told } from "./event.ts";

export interface Delayed<Receiver> {
  /** On the venue's clock. */
  readonly at: number;
  readonly to: Receiver;
  readonly event: Told;
}

export class DelayQueue<Receiver> {
  readonly #waiting: Delayed<Receiver>[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  add(delayed: Delayed<Receiver>): void {
    const index = this.#waiting.findIndex(({ at }) => at > delayed.at);
    if (index < 0) this.#waiting.push(delayed);
    else this.#waiting.splice(index, 0, delayed);
  }

  /** The first instant at which one is due. */
  next(): number | undefined {
    return this.#waiting[0]?.at;
  }

  /** Takes those that are due, in due order. */
  takeDue(instant: number): readonly Delayed<Receiver>[] {
    const later = this.#waiting.findIndex(({ at }) => at > instant);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later);
  }
}
