// The dead letters: runs that will not go on by themselves. A row is written in the commit that makes a run
// such a letter, and goes in the commit that takes it further.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { DeadLetter, DeadLetterFilter, FailureClass } from "@holdfast/core";

/** What a letter says, apart from whose it is and since when. */
export type LetterText = Pick<
  DeadLetter,
  "kind" | "code" | "class" | "message" | "attempts" | "fingerprint" | "suggestion"
>;

export interface DeadLetterTable {
  has(run: number): boolean;
  put(run: number, letter: LetterText, at: number): void;
  drop(run: number): void;
  /** Terminated runs whose money calls are still followed up. */
  orphaned(): readonly number[];
  /** Newest first; `cursor` is the row of the run listed last. */
  list(filter: DeadLetterFilter, limit: number): readonly (DeadLetter & { readonly row: number })[];
  count(filter: DeadLetterFilter): number;
}

export function deadLetterTable(database: DatabaseSync): DeadLetterTable {
  const has = database.prepare("SELECT 1 FROM dead_letter WHERE run = ?");
  const put = database.prepare(
    `INSERT INTO dead_letter (run, kind, code, class, message, attempts, fingerprint, suggestion, first_at, last_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
     ON CONFLICT (run) DO UPDATE SET kind = ?2, code = ?3, class = ?4, message = ?5, attempts = ?6,
       fingerprint = ?7, suggestion = ?8, last_at = ?9`,
  );
  const drop = database.prepare("DELETE FROM dead_letter WHERE run = ?");
  const orphaned = database.prepare(`SELECT run.row ${FROM} WHERE run.status = 'terminated'`);
  return {
    has: (run) => has.get(run) !== undefined,
    put(run, letter, at) {
      const { kind, code, message, attempts, fingerprint, suggestion } = letter;
      put.run(run, kind, code, letter.class, message, attempts, fingerprint, suggestion, at);
    },
    drop(run) {
      drop.run(run);
    },
    orphaned: () => orphaned.all().map((found) => Number(found["row"])),
    list(filter, limit) {
      const { where, values } = conditions(filter, filter.cursor);
      return database
        .prepare(
          `SELECT run.row, run.id, run.run_id, run.workflow, run.account, dead_letter.* ${FROM} ${where}
           ORDER BY dead_letter.run DESC LIMIT ?`,
        )
        .all(...values, limit)
        .map(read);
    },
    count(filter) {
      const { where, values } = conditions(filter, undefined);
      const found = database.prepare(`SELECT count(*) AS count ${FROM} ${where}`).get(...values);
      return Number(found?.["count"] ?? 0);
    },
  };
}

/** CROSS keeps the order: letters are few, and looking through all runs for them is slow. */
const FROM = "FROM dead_letter CROSS JOIN run ON run.row = dead_letter.run";

function conditions(
  filter: DeadLetterFilter,
  cursor: string | undefined,
): { readonly where: string; readonly values: readonly SQLInputValue[] } {
  const wanted: readonly (readonly [string, string | undefined])[] = [
    ["run.id", filter.id],
    ["kind", filter.kind],
    ["workflow", filter.workflow],
    ["code", filter.code],
    ["class", filter.class],
    ["fingerprint", filter.fingerprint],
  ];
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  for (const [column, value] of wanted) {
    if (value === undefined) continue;
    terms.push(`${column} = ?`);
    values.push(value);
  }
  if (cursor !== undefined) {
    terms.push("dead_letter.run < ?");
    values.push(Number(cursor));
  }
  return { where: terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`, values };
}

function read(found: Record<string, unknown>): DeadLetter & { readonly row: number } {
  return {
    row: Number(found["row"]),
    id: String(found["id"]),
    runId: String(found["run_id"]),
    workflow: String(found["workflow"]),
    account: String(found["account"]),
    kind: found["kind"] as DeadLetter["kind"],
    code: String(found["code"]),
    class: found["class"] as FailureClass,
    message: String(found["message"]),
    attempts: Number(found["attempts"]),
    firstAt: Number(found["first_at"]),
    lastAt: Number(found["last_at"]),
    fingerprint: String(found["fingerprint"]),
    suggestion: found["suggestion"] as DeadLetter["suggestion"],
  };
}
