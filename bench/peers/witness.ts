// What the world saw of the steps of W6: the lines of a file that outlives the process that was killed.

import { closeSync, openSync, readSync } from "node:fs";

const CHUNK = 65_536;

/** Reads the lines "run step" as they are appended, and counts each. */
export class Witness implements Disposable {
  readonly #file: number;
  readonly #seen = new Map<string, number>();
  readonly #buffer = Buffer.alloc(CHUNK);
  #rest = "";

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /** Reads what is new; how many different steps there are now. */
  read(): number {
    for (;;) {
      const length = readSync(this.#file, this.#buffer);
      if (length === 0) return this.#seen.size;
      const lines = `${this.#rest}${this.#buffer.toString("utf8", 0, length)}`.split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#seen.set(line, (this.#seen.get(line) ?? 0) + 1);
    }
  }

  /** Steps whose effect happened more than once. */
  get twice(): number {
    return [...this.#seen.values()].filter((count) => count > 1).length;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
