// Parts of a workflow that are cancelled together: a tree, with the run at its root. A shielded part does not
// see what is cancelled above it.

export class CancelScope {
  readonly #parent: CancelScope | undefined;
  readonly #shielded: boolean;
  /** Why this part itself was cancelled. */
  reason: string | undefined;

  constructor(parent: CancelScope | undefined, shielded = false) {
    this.#parent = parent;
    this.#shielded = shielded;
  }

  /** Why whatever waits here is interrupted; undefined while it may wait. */
  get cancelled(): string | undefined {
    if (this.reason !== undefined || this.#shielded) return this.reason;
    return this.#parent?.cancelled;
  }
}
