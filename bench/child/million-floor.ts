// The floor of very many sleeping runs: a row for each start in a bare journal, and one in a table with an index by
// wake time. "cold" opens it, finds what is due, and writes a row for each.
// Arguments: load or cold, the file, the number of runs, how many of them are due.

import { DatabaseSync } from "node:sqlite";
import { memoryMib } from "../memory.ts";
import { payload } from "../payload.ts";
import { say } from "./process.ts";

/** Rows that share a commit. */
const BATCH = 500;
const DAY_MS = 86_400_000;
const MS_PER_S = 1_000;

const [mode, path = "", ...numbers] = process.argv.slice(2);
const [count = 0, due = 0] = numbers.map(Number);

const database = new DatabaseSync(path);
database.exec(`
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS journal (run INTEGER, data TEXT);
  CREATE TABLE IF NOT EXISTS run (row INTEGER PRIMARY KEY, wake_at INTEGER);
  CREATE INDEX IF NOT EXISTS run_wake ON run (wake_at);`);
const append = database.prepare("INSERT INTO journal (run, data) VALUES (?, ?)");

function load(): readonly number[] {
  const insert = database.prepare("INSERT INTO run (row, wake_at) VALUES (?, ?)");
  const now = Date.now();
  const data = JSON.stringify(payload(0));
  const started = performance.now();
  for (let row = 0; row < count;) {
    database.exec("BEGIN");
    for (const end = Math.min(count, row + BATCH); row < end; row += 1) {
      append.run(row, data);
      insert.run(row, row < count - due ? now + DAY_MS + row : now);
    }
    database.exec("COMMIT");
  }
  return [(count * MS_PER_S) / (performance.now() - started), memoryMib()];
}

function cold(): readonly number[] {
  const overdue = database.prepare("SELECT row FROM run WHERE wake_at <= ? LIMIT ?");
  const wake = database.prepare("UPDATE run SET wake_at = NULL WHERE row = ?");
  const woken: number[] = [];
  for (;;) {
    const rows = overdue.all(Date.now(), BATCH);
    if (rows.length === 0) break;
    database.exec("BEGIN");
    for (const found of rows) {
      const row = Number(found["row"]);
      wake.run(row);
      append.run(row, "{}");
    }
    database.exec("COMMIT");
    woken.push(Date.now());
  }
  return [Math.min(...woken), Math.max(...woken), memoryMib()];
}

say(JSON.stringify(mode === "load" ? load() : cold()));
database.close();
