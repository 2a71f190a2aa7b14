// Answers that are held until an instant, and those who wait for a number of them. Knows no time of its own.

/** An answer that is held back. */
export interface Held {
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly until: number;
  readonly method: string;
  readonly path: string;
  readonly agent: string | undefined;
  readonly key: string | undefined;
}

/** How a hold ended: its time came, it was called off, or the venue closes. */
export type HoldEnd = "due" | "cancelled" | "closed";

export interface Hold {
  readonly ended: Promise<HoldEnd>;
  /** The caller no longer waits for the answer; the request goes on. */
  readonly gone: () => void;
  readonly cancel: () => void;
}

interface Waiting {
  readonly held: Held;
  readonly order: number;
  readonly end: (how: HoldEnd) => void;
  connected: boolean;
}

interface Watcher {
  readonly count: number;
  readonly done: () => void;
}

export class HoldQueue {
  #waiting: Waiting[] = [];
  readonly #watchers = new Set<Watcher>();
  #order = 0;
  #closed = false;

  add(held: Held): Hold {
    const { promise: ended, resolve: end } = Promise.withResolvers<HoldEnd>();
    const waiting: Waiting = { held, order: this.#order++, end, connected: true };
    if (this.#closed) {
      end("closed");
    } else {
      this.#waiting.push(waiting);
      this.#waiting.sort((a, b) => a.held.until - b.held.until || a.order - b.order);
    }
    for (const watcher of this.#watchers) this.#look(watcher);
    return {
      ended,
      gone: () => {
        waiting.connected = false;
      },
      cancel: () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        end("cancelled");
      },
    };
  }

  held(): readonly Held[] {
    return this.#waiting.filter(({ connected }) => connected).map(({ held }) => held);
  }

  dueInstants(): readonly number[] {
    return this.#waiting.map(({ held }) => held.until);
  }

  /** Takes the first that is due at an instant out of the queue; it goes on when released. */
  takeDue(instant: number): { readonly until: number; readonly release: () => void } | undefined {
    const [first] = this.#waiting;
    if (first === undefined || first.held.until > instant) return undefined;
    this.#waiting.shift();
    return {
      until: first.held.until,
      release: () => {
        first.end("due");
      },
    };
  }

  waitFor(count: number): { readonly reached: Promise<void>; readonly giveUp: () => void } {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const watcher: Watcher = {
      count,
      done: () => {
        this.#watchers.delete(watcher);
        resolve();
      },
    };
    this.#watchers.add(watcher);
    this.#look(watcher);
    return { reached, giveUp: watcher.done };
  }

  close(): void {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.end("closed");
    for (const watcher of this.#watchers) watcher.done();
  }

  #look({ count, done }: Watcher): void {
    if (this.#closed || this.held().length >= count) done();
  }
}
