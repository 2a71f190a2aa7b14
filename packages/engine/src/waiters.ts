// Those who wait for something that an engine will tell: by name, each with a time-out of its own.

import type { Clock } from "@holdfast/core";

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface Wait<Result> {
  readonly name: string;
  /** Looks whether it has happened already; asked once the waiter stands, so that nothing falls between. */
  readonly look: () => Promise<Result | undefined>;
  readonly timeoutMs: number | undefined;
  /** What is thrown when the time is over. */
  readonly late: (timeoutMs: number) => Error;
}

export class Waiters<Result> {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Set<Waiting<Result>>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async wait({ name, look, timeoutMs, late }: Wait<Result>): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    promise.catch(() => undefined);
    const waiting = { resolve, reject };
    const others = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, others.add(waiting));
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#clock.setTimer(this.#clock.now() + timeoutMs, () => {
            reject(late(timeoutMs));
          });
    try {
      return (await look()) ?? (await promise);
    } finally {
      timer?.cancel();
      others.delete(waiting);
      if (others.size === 0 && this.#byName.get(name) === others) this.#byName.delete(name);
    }
  }

  tell(name: string, result: Result): void {
    const waiting = this.#byName.get(name);
    this.#byName.delete(name);
    for (const { resolve } of waiting ?? []) resolve(result);
  }

  end(error: Error): void {
    for (const waiting of this.#byName.values()) for (const { reject } of waiting) reject(error);
    this.#byName.clear();
  }
}
