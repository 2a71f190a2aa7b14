// The tables of webhooks, and of the balances below which agents are told.

export const WEBHOOK_TABLES: string = `
-- Secrets lie here as they are: the venue signs with them.
CREATE TABLE webhook (
  id               TEXT PRIMARY KEY,
  number           INTEGER NOT NULL,     -- that of the command that registered it
  agent            TEXT NOT NULL,
  url              TEXT NOT NULL,
  topics           TEXT NOT NULL,        -- JSON list
  description      TEXT NOT NULL,
  enabled          INTEGER NOT NULL,
  disabled_reason  TEXT,                 -- asked, failing, gone
  secret           TEXT NOT NULL,
  old_secret       TEXT,
  old_secret_until INTEGER,
  created_at       INTEGER NOT NULL,
  failing_since    INTEGER               -- first attempt of those in a row that did not get through
) WITHOUT ROWID;
CREATE INDEX webhook_of_agent ON webhook (agent, number);
CREATE INDEX webhook_enabled ON webhook (id) WHERE enabled = 1;

-- One event for one endpoint. An event that has deliveries is not to be deleted.
CREATE TABLE delivery (
  id          INTEGER PRIMARY KEY,
  webhook     TEXT NOT NULL,
  event_id    TEXT NOT NULL REFERENCES outbox (event_id),
  state       TEXT NOT NULL,             -- waiting, held, delivered, failed
  attempts    INTEGER NOT NULL,          -- since it was queued or replayed
  created_at  INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  last_at     INTEGER,
  last_status INTEGER,
  last_error  TEXT,
  UNIQUE (webhook, event_id)
);
CREATE INDEX delivery_due ON delivery (next_at, id) WHERE state = 'waiting';
CREATE INDEX delivery_of_webhook ON delivery (webhook, id);

CREATE TABLE low_balance (
  agent     TEXT PRIMARY KEY,
  threshold INTEGER NOT NULL,
  is_low    INTEGER NOT NULL             -- 1 from the fall until the balance has recovered
) WITHOUT ROWID;
`;
