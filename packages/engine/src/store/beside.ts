// What lies beside a journal and says how far it has come. A file that is put in the journal's place, and a journal
// that is taken to another one, do not fit it.

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { storeFailure } from "./database.ts";

/** How far a journal had come when somebody last looked. */
export interface Beside {
  /** The journal's mark: another one each time it is opened. */
  readonly mark: string;
  /** While it is being opened: the mark before, which a crash may have left in it. "none": it had none. */
  readonly before?: string | undefined;
  /** The last position of the journal; it may have come further. */
  readonly position: number;
}

/** Every write is as long, so that it lands in one sector: a power cut leaves the old one or the new one. */
const BYTES = 160;
/** How often the position is written down at most, in milliseconds of the engine's clock. */
const EVERY_MS = 1_000;

export class BesideFile implements Disposable {
  readonly found: Beside | undefined;
  readonly #path: string;
  readonly #file: number;
  #last: Beside | undefined;
  #notedAt = 0;

  /** @throws HF-STORE-FAILED */
  constructor(journal: string) {
    this.#path = `${journal}.mark`;
    try {
      this.found = read(this.#path);
      this.#file = openSync(this.#path, this.found === undefined ? "w" : "r+");
    } catch (error) {
      throw storeFailure(error, this.#path);
    }
  }

  /** Writes it down, on disk when this returns. */
  set(beside: Beside): void {
    try {
      this.#write(beside);
      fsyncSync(this.#file);
    } catch (error) {
      throw storeFailure(error, this.#path);
    }
  }

  /** The journal has come on: that is noted now and then, and always where `at` is not given. */
  note(position: () => number, at?: number): void {
    if (this.#last === undefined) return;
    if (at !== undefined) {
      if (at < this.#notedAt + EVERY_MS && at >= this.#notedAt) return;
      this.#notedAt = at;
    }
    try {
      // Whoever commits has taken the journal over: the mark before it is gone.
      this.#write({ mark: this.#last.mark, position: position() });
    } catch {
      // It says less than it could: how far the journal had come a while ago.
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(beside: Beside): void {
    this.#last = beside;
    writeSync(this.#file, `${JSON.stringify(beside).padEnd(BYTES - 1)}\n`, 0);
  }
}

/** Undefined where there is none, or none that can be read. */
function read(path: string): Beside | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Beside;
  } catch {
    return undefined;
  }
}
