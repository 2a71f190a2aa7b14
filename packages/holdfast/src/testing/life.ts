// One life of a process that crashes in a test. When it is over, nothing leaves it any more and nothing reaches
// it: its connections are cut, and whoever waits in it for an answer waits for ever.

export class Life {
  readonly #end = new AbortController();
  readonly #waiting = new Set<(reason: Error) => void>();

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** What a promise gives, unless this life ends before. A long life keeps nothing of what has settled. */
  async within<Value>(promise: Promise<Value>): Promise<Value> {
    if (this.isOver) throw ended();
    const over = Promise.withResolvers<never>();
    this.#waiting.add(over.reject);
    try {
      return await Promise.race([promise, over.promise]);
    } finally {
      this.#waiting.delete(over.reject);
    }
  }

  end(): void {
    this.#end.abort();
    for (const reject of this.#waiting) reject(ended());
  }

  /** `fetch` as this life knows it. */
  readonly fetch: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const { signal: own } = this.#end;
      if (own.aborted) return;
      const signal = init.signal ? AbortSignal.any([init.signal, own]) : own;
      fetch(input, { ...init, signal }).then(
        (response) => {
          if (!own.aborted) resolve(response);
        },
        (error: unknown) => {
          if (!own.aborted) reject(error);
        },
      );
    });
}

function ended(): Error {
  return new Error("This process has ended, as the test wanted.");
}
