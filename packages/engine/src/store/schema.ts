// The tables of the journal file, and how an older file becomes a current one. A newer one is refused.

import type { DatabaseSync } from "node:sqlite";
import { GUARD_TABLES, audit, carrierOf, carryOut } from "@holdfast/guard";

/** Version of the file format, in `PRAGMA user_version`. */
export const FORMAT_VERSION = 3;

/** "HFJ1": marks the file as a Holdfast journal, in `PRAGMA application_id`. */
export const APPLICATION_ID = 0x48464a31;

const ADDED_IN_2 = `
-- What runs are found by. Values are JSON, so that 1 is not "1".
CREATE TABLE tag (
  run   INTEGER NOT NULL,
  name  TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE INDEX tag_by_value ON tag (name, value, run);

-- Runs that will not go on by themselves, kept for a person.
CREATE TABLE dead_letter (
  run         INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  code        TEXT NOT NULL,
  class       TEXT NOT NULL,
  message     TEXT NOT NULL,
  attempts    INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  suggestion  TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL
);
`;

/** What turns a file of the version before into one of the version that is the key. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  2: `
ALTER TABLE run ADD COLUMN parent TEXT;
ALTER TABLE run ADD COLUMN parent_run INTEGER;
ALTER TABLE run ADD COLUMN child INTEGER;
ALTER TABLE journal ADD COLUMN sum INTEGER;
ALTER TABLE delivery ADD COLUMN run INTEGER;
ALTER TABLE call ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call ADD COLUMN crashes_alone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
${ADDED_IN_2}`,
  3: GUARD_TABLES,
};

/** What follows a migration's text, in the same transaction. */
export const AFTER_MIGRATION: Readonly<Record<number, (database: DatabaseSync) => void>> = {
  // What was audited before begins the chain, as it is found.
  3(database) {
    const before = database.prepare(
      "SELECT at, action, actor, reason, subject, '' AS detail FROM audit ORDER BY position",
    );
    const entries = before.all() as unknown as Parameters<typeof audit>[0];
    carryOut(audit(entries), carrierOf(database));
    database.exec("DROP TABLE audit");
  },
};

export const CREATE_TABLES: string = `
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- One execution of a workflow. Everything from "status" on is a fold of its journal.
CREATE TABLE run (
  row        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  run_id     TEXT NOT NULL,
  workflow   TEXT NOT NULL,
  account    TEXT NOT NULL,
  root       TEXT NOT NULL,
  generation INTEGER NOT NULL,
  request    TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  status     TEXT NOT NULL,
  active     INTEGER NOT NULL,  -- 1 while calls are pending, so that a restart must look at it
  wake_at    INTEGER,           -- the earliest timer
  closed_at  INTEGER,
  cancel     INTEGER NOT NULL,
  problem    TEXT,              -- why it is stuck; not of the journal
  parent     TEXT,              -- workflow id of the run that started it,
  parent_run INTEGER,           -- its row,
  child      INTEGER            -- and the number of this child there
);
CREATE INDEX run_by_id ON run (id, row);
CREATE INDEX run_active ON run (active) WHERE active = 1;

-- What one commit added to one run: facts as delivered, each followed by the commands it led to. Appended,
-- so that the runs of one commit share pages: clustered by run, each commit rewrote four times as many.
CREATE TABLE journal (
  position INTEGER PRIMARY KEY,
  run      INTEGER NOT NULL,
  sequence INTEGER NOT NULL,    -- place of the first entry in its run
  at       INTEGER NOT NULL,
  entries  TEXT NOT NULL,
  sum      INTEGER              -- CRC-32 of the other columns: a flipped bit is found and named
);
CREATE INDEX journal_by_run ON journal (run);

-- Facts that were accepted for a run which cannot take them now, because its code does not fit.
CREATE TABLE inbox (
  position INTEGER PRIMARY KEY,
  run      INTEGER NOT NULL,
  fact     TEXT NOT NULL
);
CREATE INDEX inbox_by_run ON inbox (run, position);

-- What is known of a pending call beyond its command. Most calls need no row.
CREATE TABLE call (
  run           INTEGER NOT NULL,
  call          INTEGER NOT NULL,
  attempt       INTEGER NOT NULL,
  next_at       INTEGER,           -- when it is tried again
  failure       TEXT,              -- why
  heartbeat     TEXT,              -- its last details
  elsewhere     INTEGER NOT NULL DEFAULT 0,  -- 1 while somebody else completes it
  crashes       INTEGER NOT NULL DEFAULT 0,  -- in which it was in flight, in a row,
  crashes_alone INTEGER NOT NULL DEFAULT 0,  -- and those when nothing else was
  alone         INTEGER NOT NULL DEFAULT 0,  -- 1 while it is in flight alone
  PRIMARY KEY (run, call)
) WITHOUT ROWID;

-- Every decided effect with money, for ever: recorded before it is sent.
CREATE TABLE intent (
  key         TEXT PRIMARY KEY,
  ref         TEXT NOT NULL,
  account     TEXT NOT NULL,
  activity    TEXT NOT NULL,
  venue       TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  run         INTEGER NOT NULL,
  call        INTEGER NOT NULL,
  state       TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  sent_at     INTEGER,          -- of the first send whose outcome may be unknown
  settled_at  INTEGER,
  output      TEXT
) WITHOUT ROWID;

-- Ids of delivered messages: the same id is one delivery.
CREATE TABLE delivery (
  request TEXT PRIMARY KEY,
  run     INTEGER               -- whom it was delivered to
) WITHOUT ROWID;

CREATE TABLE cursor (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

${ADDED_IN_2}
${GUARD_TABLES}`;

/**
 * Indexes that have come since: they are no part of the format, because an older program keeps them up to date
 * without knowing them. A file that lacks one is given it.
 */
export const CREATE_INDEXES: string = `
CREATE INDEX IF NOT EXISTS run_due ON run (wake_at) WHERE wake_at IS NOT NULL AND status <> 'stuck';
CREATE INDEX IF NOT EXISTS run_stuck ON run (status) WHERE status = 'stuck';
DROP INDEX IF EXISTS run_wake;
`;
