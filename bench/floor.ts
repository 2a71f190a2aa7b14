// The floor: virtual workflows over node:sqlite with group commit and no features. It is the physical limit
// of the approach, not a peer; every figure of the engine stands beside it, taken in the same call.

import { DatabaseSync } from "node:sqlite";

/** A bare journal with the same durability as the engine's default. */
export class Floor implements Disposable {
  readonly #database: DatabaseSync;
  readonly #append: ReturnType<DatabaseSync["prepare"]>;
  readonly #begin: ReturnType<DatabaseSync["prepare"]>;
  readonly #commit: ReturnType<DatabaseSync["prepare"]>;
  #queue: { readonly run: number; readonly data: string; readonly resolve: () => void }[] = [];
  #scheduled = false;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.#database.exec("CREATE TABLE IF NOT EXISTS journal (run INTEGER, data TEXT)");
    this.#append = this.#database.prepare("INSERT INTO journal (run, data) VALUES (?, ?)");
    this.#begin = this.#database.prepare("BEGIN");
    this.#commit = this.#database.prepare("COMMIT");
  }

  /** Appends a row; resolves when it is on disk. All rows of one turn of the loop share a commit. */
  step(run: number, data: string): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ run, data, resolve });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#flush();
      });
    });
  }

  rows(): number {
    return Number(this.#database.prepare("SELECT count(*) AS count FROM journal").get()?.["count"]);
  }

  #flush(): void {
    this.#scheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    this.#begin.run();
    for (const { run, data } of queue) this.#append.run(run, data);
    this.#commit.run();
    for (const { resolve } of queue) resolve();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
