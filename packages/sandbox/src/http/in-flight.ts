// Writes under a key that are received and not yet carried out: a second one with the same key waits for the
// first instead of running beside it, and a look-up says that it may still happen.

/** How long a repetition waits for the first, in milliseconds of the venue's clock. */
export const IN_FLIGHT_WAIT_MS = 5_000;

export interface Turn {
  /** To be called when the write is carried out or given up. */
  readonly leave: () => void;
}

export class InFlight {
  readonly #running = new Map<string, { readonly operation: string; left: Promise<void> }>();

  /** Takes the turn of a key; undefined where another write has it. */
  enter(scope: string, operation: string, key: string): Turn | undefined {
    const name = nameOf(scope, operation, key);
    if (this.#running.has(name)) return undefined;
    const { promise: left, resolve } = Promise.withResolvers<void>();
    this.#running.set(name, { operation, left });
    return {
      leave: () => {
        this.#running.delete(name);
        resolve();
      },
    };
  }

  /** Resolves when the write that has the turn leaves. */
  async left(scope: string, operation: string, key: string): Promise<void> {
    await this.#running.get(nameOf(scope, operation, key))?.left;
  }

  /** The operation that is in flight under a key, of those named or of any. */
  find(scope: string, key: string, operations: readonly string[]): string | undefined {
    return operations.find((operation) => this.#running.has(nameOf(scope, operation, key)));
  }
}

function nameOf(scope: string, operation: string, key: string): string {
  return JSON.stringify([scope, operation, key]);
}
