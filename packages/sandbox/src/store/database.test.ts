// One owner, one format, one program: every other file is refused in words that help, and left as it was.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { hasCode } from "@holdfast/core";
import { testFolder } from "../fixture/kit.ts";
import { Database } from "./database.ts";
import { FORMAT_VERSION } from "./schema.ts";

function refuses(path: string, code: string, words: RegExp): void {
  assert.throws(
    () => new Database(path),
    (error) => {
      assert.ok(hasCode(error, code), String(error));
      assert.match(error.message, words);
      assert.equal(error.details["path"], path);
      return true;
    },
  );
}

describe("Database", () => {
  test("refuses a file that another owner has open, and takes it when that one is gone", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const first = new Database(path);
    refuses(path, "HF-VENUE-STATE-LOCKED", /another process owns it/);
    first[Symbol.dispose]();
    new Database(path)[Symbol.dispose]();
  });

  test("refuses a file from a newer version and leaves it as it was", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    new Database(path)[Symbol.dispose]();
    {
      using raw = new DatabaseSync(path);
      raw.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${FORMAT_VERSION + 1}`);
    }
    const before = readFileSync(path);
    refuses(path, "HF-VENUE-STATE-NEWER", /upgrade Holdfast/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("refuses a file in an older format, says what to do, and leaves it as it was", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    new Database(path)[Symbol.dispose]();
    {
      using raw = new DatabaseSync(path);
      raw.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 1");
    }
    const before = readFileSync(path);
    refuses(path, "HF-VENUE-STATE-OLDER", /format 1, .* keeps format 3\. .* move this one away/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("refuses another program's database and leaves it as it was", () => {
    using folder = testFolder();
    const path = folder.path("other.sqlite");
    {
      using raw = new DatabaseSync(path);
      raw.exec("CREATE TABLE theirs (id INTEGER)");
    }
    const before = readFileSync(path);
    refuses(path, "HF-VENUE-STATE-FOREIGN", /another program/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("refuses a folder that does not exist, a folder in place of a file, and what is no database", () => {
    using folder = testFolder();
    refuses(folder.path("none/venue.sqlite"), "HF-VENUE-STATE-UNUSABLE", /folder must exist/);
    mkdirSync(folder.path("a-folder"));
    refuses(folder.path("a-folder"), "HF-VENUE-STATE-UNUSABLE", /readable and writable/);
    writeFileSync(
      folder.path("text"),
      "This is a text, and longer than the header of a database. ".repeat(20),
    );
    refuses(folder.path("text"), "HF-VENUE-STATE-UNUSABLE", /not a database/);
  });

  test("writes through to the disk unless durability is relaxed", () => {
    using folder = testFolder();
    const synchronous = (database: Database): unknown =>
      database.raw.prepare("PRAGMA synchronous").get()?.["synchronous"];
    using full = new Database(folder.path("full.sqlite"));
    using relaxed = new Database(folder.path("relaxed.sqlite"), "relaxed");
    assert.deepEqual([synchronous(full), synchronous(relaxed)], [2, 1]);
  });
});

describe("transaction()", () => {
  test("leaves nothing when its work throws", () => {
    using database = new Database(":memory:");
    assert.throws(
      () =>
        database.transaction(() => {
          database.setMeta("name", "value");
          throw new Error("enough");
        }),
      /enough/,
    );
    assert.equal(database.meta("name"), undefined);
  });
});
