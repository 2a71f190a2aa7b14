// One life of a process that crashes in a test. When it is over, nothing leaves it any more and nothing reaches
// it: its connections are cut, and whoever waits in it for an answer waits for ever.

export class Life {
  readonly #end = new AbortController();
  readonly #gone = Promise.withResolvers<never>();

  constructor() {
    this.#gone.promise.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** Rejects when it is over. */
  get gone(): Promise<never> {
    return this.#gone.promise;
  }

  end(): void {
    this.#end.abort();
    this.#gone.reject(new Error("This process has ended, as the test wanted."));
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
