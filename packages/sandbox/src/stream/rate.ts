// Counts what one caller does in a minute of the machine's time: it guards the machine, so the venue's clock,
// which may stand still, has no say.

import type { Wall } from "../clock/wall.ts";

const MINUTE_MS = 60_000;

export class Rate {
  readonly #wall: Wall;
  readonly #most: number;
  #since: number;
  #count = 0;

  constructor(wall: Wall, most: number) {
    this.#wall = wall;
    this.#most = most;
    this.#since = wall.now();
  }

  /** Counts one more; false where that is too many. */
  take(): boolean {
    const now = this.#wall.now();
    if (now - this.#since >= MINUTE_MS || now < this.#since) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
