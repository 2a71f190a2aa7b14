// The guard's tables. The same text makes them on SQLite and on PostgreSQL.

export const GUARD_TABLES: string = `
-- Every effect that the guard has judged: the ledger of budgets.
CREATE TABLE IF NOT EXISTS guard_effect (
  key          TEXT PRIMARY KEY,
  ref          TEXT NOT NULL,
  account      TEXT NOT NULL,
  workflow     TEXT NOT NULL,
  venue        TEXT NOT NULL,
  operation    TEXT NOT NULL,
  kind         TEXT NOT NULL,
  symbol       TEXT,
  counterparty TEXT,
  edge         INTEGER NOT NULL,  -- 1 where it loses on average
  amount       BIGINT NOT NULL,   -- reserved, in micro-USDC
  notional     BIGINT NOT NULL,
  cost         BIGINT,            -- what it did cost, once that is certain
  fingerprint  TEXT NOT NULL,
  state        TEXT NOT NULL,     -- reserved, asking, posted, void, denied
  failure      TEXT,              -- why it was denied, or is asked for
  at           BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS guard_effect_open ON guard_effect (account) WHERE state IN ('reserved', 'asking');
CREATE INDEX IF NOT EXISTS guard_effect_twin ON guard_effect (fingerprint, at);
CREATE INDEX IF NOT EXISTS guard_effect_paid ON guard_effect (counterparty) WHERE state = 'posted';
CREATE INDEX IF NOT EXISTS guard_effect_at ON guard_effect (at);

-- Sums over that ledger by span of time, so that a decision reads a few rows.
CREATE TABLE IF NOT EXISTS guard_counter (
  name   TEXT PRIMARY KEY,
  per    TEXT NOT NULL,
  span   TEXT NOT NULL,
  value  TEXT NOT NULL,
  start  BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  count  BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS guard_mode (
  scope  TEXT NOT NULL,
  cause  TEXT NOT NULL,
  mode   TEXT NOT NULL,
  reason TEXT NOT NULL,
  actor  TEXT NOT NULL,
  since  BIGINT NOT NULL,
  until  BIGINT,
  PRIMARY KEY (scope, cause)
);

CREATE TABLE IF NOT EXISTS guard_mark (
  venue  TEXT NOT NULL,
  symbol TEXT NOT NULL,
  price  BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  PRIMARY KEY (venue, symbol)
);

CREATE TABLE IF NOT EXISTS guard_position (
  account  TEXT NOT NULL,
  venue    TEXT NOT NULL,
  id       TEXT NOT NULL,
  symbol   TEXT NOT NULL,
  notional BIGINT NOT NULL,
  PRIMARY KEY (account, venue, id)
);

CREATE TABLE IF NOT EXISTS guard_equity (
  account    TEXT NOT NULL,
  venue      TEXT NOT NULL,
  equity     BIGINT NOT NULL,
  available  BIGINT NOT NULL,
  peak       BIGINT NOT NULL,
  day        BIGINT NOT NULL,
  day_equity BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (account, venue)
);

CREATE TABLE IF NOT EXISTS guard_approval (
  id          TEXT PRIMARY KEY,
  key         TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  run         TEXT NOT NULL,
  ref         TEXT NOT NULL,
  account     TEXT NOT NULL,
  command     TEXT NOT NULL,
  why         TEXT NOT NULL,
  state       TEXT NOT NULL,  -- asked, approved, rejected, expired
  asked_at    BIGINT NOT NULL,
  asked_by    TEXT NOT NULL,
  expires_at  BIGINT NOT NULL,
  decided_at  BIGINT,
  decided_by  TEXT,
  reason      TEXT
);
CREATE INDEX IF NOT EXISTS guard_approval_key ON guard_approval (key);
CREATE INDEX IF NOT EXISTS guard_approval_open ON guard_approval (state) WHERE state = 'asked';

-- What was decided, by whom and why: each row's hash covers the one before it.
CREATE TABLE IF NOT EXISTS guard_audit (
  position BIGINT PRIMARY KEY,
  at       BIGINT NOT NULL,
  action   TEXT NOT NULL,
  actor    TEXT NOT NULL,
  reason   TEXT NOT NULL,
  subject  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  hash     TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS guard_meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
`;
