// A file of an older format becomes one that looks as if it had been made today.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openDatabase } from "./database.ts";
import { GUARD_TABLES, auditPage, carrierOf, carryOut, verifyAudit } from "@holdfast/guard";
import { FORMAT_VERSION } from "./schema.ts";

/** What formats 2 and 3 have added, taken away again. */
const BACK_TO_1 = `
  ${[...GUARD_TABLES.matchAll(/TABLE IF NOT EXISTS (\w+)/gu)].map(([, name]) => `DROP TABLE ${name};`).join(" ")}
  CREATE TABLE audit (position INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
    reason TEXT NOT NULL, subject TEXT NOT NULL);
  INSERT INTO audit (at, action, actor, reason, subject) VALUES (7, 'resolve done', 'ann', 'seen at the venue', 'key');
  DROP TABLE tag;
  DROP TABLE dead_letter;
  ALTER TABLE run DROP COLUMN parent;
  ALTER TABLE run DROP COLUMN parent_run;
  ALTER TABLE run DROP COLUMN child;
  ALTER TABLE journal DROP COLUMN sum;
  ALTER TABLE delivery DROP COLUMN run;
  ALTER TABLE call DROP COLUMN elsewhere;
  ALTER TABLE call DROP COLUMN crashes;
  ALTER TABLE call DROP COLUMN crashes_alone;
  ALTER TABLE call DROP COLUMN alone;
  PRAGMA user_version = 1;
`;

/** Names, types and defaults of all columns, whatever their order. */
function columnsOf(database: DatabaseSync): readonly unknown[] {
  return database
    .prepare(
      `SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' ORDER BY t.name, c.name`,
    )
    .all();
}

test("openDatabase() brings a file of format 1 up to date, with what stands in it", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-schema-"));
  try {
    const path = join(folder, "journal.sqlite");
    let current: readonly unknown[];
    {
      using database = openDatabase(path, {});
      current = columnsOf(database);
      database.exec(BACK_TO_1);
      database.exec("INSERT INTO call VALUES (1, 2, 3, 4, NULL, NULL)");
    }
    using database = openDatabase(path, {});
    assert.deepEqual(columnsOf(database), current);
    assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], FORMAT_VERSION);
    const { attempt, crashes, alone } = database.prepare("SELECT * FROM call").get() ?? {};
    assert.deepEqual([attempt, crashes, alone], [3, 0, 0]);
    const carry = carrierOf(database);
    const [first] = carryOut(auditPage(0), carry);
    assert.deepEqual([first?.at, first?.action, first?.actor], [7, "resolve done", "ann"]);
    assert.deepEqual(carryOut(verifyAudit(), carry).fault, undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
