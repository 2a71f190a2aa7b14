// How long the event loop stood still. The histogram of `node:perf_hooks` forgets when it ticked last as it is reset:
// a stand that ends just before it is asked is lost there. Here what has begun is counted as well.

import { performance } from "node:perf_hooks";
import type { Clock, TimerHandle } from "@holdfast/core";

/** How finely the loop's delay is measured, in milliseconds. */
export const RESOLUTION_MS = 20;

/**
 * Ticks from the first question on, until it is disposed of: a process that starts stands still, too (it bundles, it
 * replays), and is not short of anything.
 */
export class LoopDelay implements Disposable {
  readonly #clock: Clock;
  readonly #monotonic: () => number;
  #tickedAt: number | undefined;
  #longest = 0;
  #timer: TimerHandle | undefined;

  /** @param monotonic milliseconds that only grow, whatever the clock is set to */
  constructor(clock: Clock, monotonic: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#monotonic = monotonic;
  }

  /** The longest time that the loop stood still since it was asked last, in milliseconds; 0 the first time. */
  longest(): number {
    if (this.#tickedAt === undefined) {
      this.#tickedAt = this.#monotonic();
      this.#tick();
    }
    this.#note(this.#tickedAt);
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #tick(): void {
    this.#timer = this.#clock.setTimer(this.#clock.now() + RESOLUTION_MS, () => {
      if (this.#tickedAt !== undefined) this.#note(this.#tickedAt);
      this.#tick();
    });
  }

  #note(before: number): void {
    const now = this.#monotonic();
    this.#longest = Math.max(this.#longest, now - before - RESOLUTION_MS);
    this.#tickedAt = now;
  }
}
