// The floor: virtual workflows over node:sqlite with group commit and no features. It is the physical limit
// of the approach, not a peer; every figure of the engine stands beside it, taken in the same call.

import { DatabaseSync } from "node:sqlite";
import { payload } from "./payload.ts";

/** A bare journal with the same durability as the engine's default. */
export class Floor implements Disposable {
  readonly #database: DatabaseSync;
  readonly #append: ReturnType<DatabaseSync["prepare"]>;
  readonly #begin: ReturnType<DatabaseSync["prepare"]>;
  readonly #commit: ReturnType<DatabaseSync["prepare"]>;
  #queue: { readonly run: number; readonly data: string; readonly resolve: () => void }[] = [];
  #scheduled = false;
  #byRun: ReturnType<DatabaseSync["prepare"]> | undefined;

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

  /** The workflows with fewer rows than a whole one has, and how many they have. */
  unfinished(whole: number): readonly { readonly run: number; readonly rows: number }[] {
    return this.#database
      .prepare("SELECT run, count(*) AS rows FROM journal GROUP BY run HAVING count(*) < ?")
      .all(whole)
      .map((row) => ({ run: Number(row["run"]), rows: Number(row["rows"]) }));
  }

  /** What a workflow has written, parsed. */
  read(run: number): readonly unknown[] {
    this.#byRun ??= this.#indexed();
    return this.#byRun.all(run).map((row) => JSON.parse(String(row["data"])) as unknown);
  }

  /** Only reading by workflow needs an index. */
  #indexed(): ReturnType<DatabaseSync["prepare"]> {
    this.#database.exec("CREATE INDEX IF NOT EXISTS by_run ON journal (run)");
    return this.#database.prepare("SELECT data FROM journal WHERE run = ? ORDER BY rowid");
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

/** What every row holds: as many bytes as a step's input or output. */
const ROW = JSON.stringify(payload(0));

/** Rows of a whole workflow: its start, its steps, its end. */
export const wholeRows = (steps: number): number => steps + 2;

/** Writes rows of a virtual workflow one after the other, each waiting for its commit. */
export async function appendRows(floor: Floor, run: number, rows: number): Promise<void> {
  for (let n = 0; n < rows; n += 1) await floor.step(run, ROW);
}
