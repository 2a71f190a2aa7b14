// The venue's clock, the only file of the paper venue that reads the machine's time. It is real, or frozen
// and moved by hand; under a frozen clock an answer can be held until a stated instant.

export type ClockMode = "real" | "frozen";

/** An answer that is held back. */
export interface Held {
  readonly until: number;
  readonly method: string;
  readonly path: string;
  readonly agent: string | undefined;
  readonly key: string | undefined;
}

interface Waiting {
  readonly held: Held;
  readonly release: () => void;
  readonly order: number;
  connected: boolean;
}

export class VenueClock {
  #mode: ClockMode;
  #now: number;
  #order = 0;
  #waiting: Waiting[] = [];
  #watchers = new Set<() => void>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(mode: ClockMode = "real", now: number = Date.now()) {
    this.#mode = mode;
    this.#now = now;
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#mode === "frozen" ? this.#now : Date.now();
  }

  /** Changes the mode; a frozen clock stands at `now` (default: where it is). */
  set(mode: ClockMode, now: number = this.now()): void {
    this.#mode = mode;
    this.#now = now;
    if (mode === "real") for (const waiting of this.#waiting.splice(0)) this.#releaseLater(waiting);
  }

  /** Moves a frozen clock, letting held answers go in due order. Never back. */
  async advanceTo(instant: number): Promise<void> {
    for (;;) {
      const next = this.#due(instant);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.held.until);
      next.release();
      // Each released request runs to its end before the next is let go, so that order is due order.
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    this.#now = Math.max(this.#now, instant);
  }

  /** Holds an answer until an instant. */
  hold(held: Held, disconnected?: (whenGone: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const waiting: Waiting = { held, release: resolve, order: this.#order++, connected: true };
      disconnected?.(() => {
        waiting.connected = false;
      });
      if (this.#mode === "real") {
        this.#releaseLater(waiting);
        return;
      }
      this.#waiting.push(waiting);
      for (const watcher of this.#watchers) watcher();
    });
  }

  /** Answers held for clients that still wait. */
  held(): readonly Held[] {
    return this.#waiting.filter(({ connected }) => connected).map(({ held }) => held);
  }

  /** Instants at which something held is due, for clients that wait and for those that have gone. */
  dueInstants(): readonly number[] {
    return this.#waiting.map(({ held }) => held.until);
  }

  /** Resolves when at least so many answers are held, or after some real milliseconds. */
  async waitForHeld(count: number, timeoutMs: number): Promise<void> {
    if (this.held().length >= count || timeoutMs <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      const watcher = (): void => {
        if (this.held().length >= count) done();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(watcher);
    });
  }

  /** Lets everything go, for a stop. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const waiting of this.#waiting.splice(0)) waiting.release();
  }

  #releaseLater(waiting: Waiting): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        waiting.release();
      },
      Math.max(0, waiting.held.until - Date.now()),
    );
    this.#timers.add(timer);
  }

  #due(instant: number): Waiting | undefined {
    let earliest: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.held.until > instant) continue;
      if (
        earliest === undefined ||
        waiting.held.until < earliest.held.until ||
        (waiting.held.until === earliest.held.until && waiting.order < earliest.order)
      ) {
        earliest = waiting;
      }
    }
    return earliest;
  }
}
