// The tables of the paper venue. Money is integer micro-USDC, quantities are 1e-8 of the asset.

export const FORMAT_VERSION = 1;

/** "HFV1", in `PRAGMA application_id`. */
export const APPLICATION_ID = 0x48465631;

export const CREATE_TABLES: string = `
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE agent (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  key_hash    TEXT NOT NULL UNIQUE,
  created_at  INTEGER NOT NULL,
  peak        INTEGER NOT NULL,      -- highest equity seen
  claimed_at  INTEGER                -- last faucet claim
) WITHOUT ROWID;

-- Running totals of posted transfers. "may_owe" accounts are the venue's own side of the book.
CREATE TABLE account (
  id      TEXT PRIMARY KEY,
  debits  INTEGER NOT NULL,
  credits INTEGER NOT NULL,
  may_owe INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE transfer (
  id      INTEGER PRIMARY KEY,
  debit   TEXT NOT NULL,
  credit  TEXT NOT NULL,
  amount  INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  agent   TEXT NOT NULL,
  subject TEXT NOT NULL,
  at      INTEGER NOT NULL,
  command INTEGER NOT NULL
);
CREATE INDEX transfer_by_agent ON transfer (agent, id);

CREATE TABLE position (
  id          TEXT PRIMARY KEY,
  agent       TEXT NOT NULL,
  symbol      TEXT NOT NULL,
  side        TEXT NOT NULL,
  quantity    INTEGER NOT NULL,
  entry_price INTEGER NOT NULL,
  margin      INTEGER NOT NULL,
  leverage    INTEGER NOT NULL,
  opened_at   INTEGER NOT NULL,
  closed_at   INTEGER,
  exit_price  INTEGER,
  realised    INTEGER,
  ref         TEXT
) WITHOUT ROWID;
CREATE INDEX position_open ON position (agent, opened_at, id) WHERE closed_at IS NULL;

-- Every write that was answered for good: its key, its effect and its answer, in one row of one transaction.
CREATE TABLE command (
  id          INTEGER PRIMARY KEY,
  agent       TEXT NOT NULL,
  operation   TEXT NOT NULL,
  key         TEXT,
  ref         TEXT,
  fingerprint TEXT NOT NULL,
  at          INTEGER NOT NULL,
  effect      INTEGER NOT NULL,      -- 1 when it changed anything
  amount      INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  body        TEXT NOT NULL,
  replays     INTEGER NOT NULL
);
CREATE INDEX command_by_key ON command (agent, operation, key) WHERE key IS NOT NULL;

CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY,
  agent   TEXT NOT NULL,
  type    TEXT NOT NULL,
  payload TEXT NOT NULL,
  at      INTEGER NOT NULL,
  command INTEGER NOT NULL
);
`;
