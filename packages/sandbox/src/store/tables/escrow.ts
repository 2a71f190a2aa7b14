// The tables of escrows and jobs.

export const ESCROW_TABLES = `
-- "paid" is what the payee got, "fee" with its part "referral" what was taken of it, "refunded" what went back.
CREATE TABLE escrow (
  id         TEXT PRIMARY KEY,
  number     INTEGER NOT NULL,        -- that of the command that made it
  payer      TEXT NOT NULL,
  payee      TEXT NOT NULL,
  simulated  INTEGER NOT NULL,        -- 1 when the payee is no agent of this venue
  referrer   TEXT,
  amount     INTEGER NOT NULL CHECK (amount > 0),
  condition  TEXT NOT NULL,
  status     TEXT NOT NULL,           -- locked, completed, disputed, released, refunded, split
  ended_by   TEXT,                    -- release, refund, expiry, resolve, cancel
  paid       INTEGER NOT NULL,
  fee        INTEGER NOT NULL,
  referral   INTEGER NOT NULL,
  refunded   INTEGER NOT NULL,
  reason     TEXT,                    -- of the dispute
  was_done   INTEGER NOT NULL,        -- 1 once the payee has said that the work is done
  tx_hash    TEXT NOT NULL,
  job        TEXT,
  ref        TEXT,
  created_at INTEGER NOT NULL,
  deadline   INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX escrow_of_payer ON escrow (payer, number);
CREATE INDEX escrow_of_payee ON escrow (payee, number) WHERE simulated = 0;
CREATE INDEX escrow_live ON escrow (payer) WHERE status IN ('locked', 'completed', 'disputed');

CREATE TABLE job (
  id           TEXT PRIMARY KEY,
  number       INTEGER NOT NULL,
  payer        TEXT NOT NULL,
  worker       TEXT NOT NULL,
  simulated    INTEGER NOT NULL,
  escrow       TEXT NOT NULL,
  spec         TEXT NOT NULL,
  auto_release INTEGER NOT NULL,
  status       TEXT NOT NULL,         -- open, taken, completed, failed, cancelled
  result_hash  TEXT,
  delivery_uri TEXT,
  reason       TEXT,
  created_at   INTEGER NOT NULL,
  taken_at     INTEGER,
  ended_at     INTEGER
) WITHOUT ROWID;
CREATE INDEX job_of_payer ON job (payer, number);
CREATE INDEX job_of_worker ON job (worker, number) WHERE simulated = 0;
`;
