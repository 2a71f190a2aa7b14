// Wakes attempts of this worker that wait for a lane, when another one of it has left the lane, and those that a mode
// holds back, when modes have changed. Whether they may send then, the store of intents says.

import type { Clock } from "@holdfast/core";

/** Attempts that wait here at once; the server waits for the others. */
const WAITING_MAX = 50;

export interface LaneWait {
  readonly lane: string;
  /** When its call was decided, and its key: of those who wait, the first is woken. */
  readonly since: number;
  readonly key: string;
  /** Until when it waits. */
  readonly at: number;
  /** Whoever does not want it any more. */
  readonly unwanted: readonly AbortSignal[];
}

interface Waiting extends Omit<LaneWait, "at" | "unwanted"> {
  readonly wake: () => void;
}

export class LaneBells {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#waiting.size >= WAITING_MAX;
  }

  /** True where somebody has left the lane meanwhile. */
  async wait({ at, unwanted, ...who }: LaneWait): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting: Waiting = { ...who, wake: () => resolve(true) };
    const leave = (): void => resolve(false);
    const timer = this.#clock.setTimer(at, leave);
    const gone = AbortSignal.any([...unwanted]);
    if (gone.aborted) leave();
    gone.addEventListener("abort", leave, { once: true });
    this.#waiting.add(waiting);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiting);
      timer.cancel();
      gone.removeEventListener("abort", leave);
    }
  }

  /** Wakes all that wait for a lane. */
  ringAll(lane: string): void {
    for (const waiting of this.#waiting) if (waiting.lane === lane) waiting.wake();
  }

  /** Wakes who was decided first of those who wait for a lane: where it is not let in, no other one would be. */
  ring(lane: string): void {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.lane === lane && (first === undefined || isBefore(waiting, first)))
        first = waiting;
    }
    first?.wake();
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.since < b.since || (a.since === b.since && a.key < b.key);
}
