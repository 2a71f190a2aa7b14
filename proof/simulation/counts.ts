// How often each kind of thing has happened: what a simulation never meets it says nothing about.

export class Counts {
  readonly #times = new Map<string, number>();

  add(name: string, times = 1): void {
    if (times > 0) this.#times.set(name, (this.#times.get(name) ?? 0) + times);
  }

  addAll(counts: Readonly<Record<string, number>>): void {
    for (const [name, times] of Object.entries(counts)) this.add(name, times);
  }

  of(name: string): number {
    return this.#times.get(name) ?? 0;
  }

  /** By name, in the order of the alphabet. */
  get all(): Readonly<Record<string, number>> {
    const names = [...this.#times.keys()].toSorted();
    return Object.fromEntries(names.map((name) => [name, this.of(name)]));
  }
}
