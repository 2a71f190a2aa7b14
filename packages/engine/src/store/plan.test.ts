// What is asked while a journal opens, and in each turn, must not look through all runs: a million may be asleep.

import assert from "node:assert/strict";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { test } from "node:test";
import { deadLetterTable } from "./dead-letters.ts";
import { runTable } from "./runs.ts";
import { CREATE_INDEXES, CREATE_TABLES } from "./schema.ts";

/** Notes how each statement will be carried out. */
class Explained extends DatabaseSync {
  readonly plans = new Map<string, readonly string[]>();

  override prepare(sql: string): StatementSync {
    const plan = super.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    this.plans.set(
      sql,
      plan.map(({ detail }) => String(detail)),
    );
    return super.prepare(sql);
  }
}

function scans(indexes: string): readonly string[] {
  using database = new Explained(":memory:");
  database.exec(`${CREATE_TABLES} ${indexes}`);
  runTable(database);
  const letters = deadLetterTable(database);
  letters.list({}, 10);
  letters.orphaned();
  return [...database.plans].flatMap(([sql, plan]) =>
    plan.some((step) => step.startsWith("SCAN run")) ? [sql] : [],
  );
}

test("no statement that runs without being asked for by a user looks through all runs", () => {
  assert.deepEqual(scans(CREATE_INDEXES), []);
  assert.notDeepEqual(scans(""), [], "without the indexes some do");
});
