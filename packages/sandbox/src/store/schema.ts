// The tables of the paper venue. Money is integer micro-USDC, quantities are 1e-8 of the asset, instants are
// milliseconds since the epoch on the venue's clock.

import { KEY_TABLES } from "./tables/key.ts";
import { ESCROW_TABLES } from "./tables/escrow.ts";
import { CASINO_TABLES } from "./tables/casino.ts";
import { CREATE_DOMAIN_TABLES } from "./tables/domain.ts";
import { WEBHOOK_TABLES } from "./tables/webhook.ts";
import { FAULT_TABLES } from "./tables/fault.ts";
import { RECORD_INDEXES } from "./tables/record.ts";

export const FORMAT_VERSION = 3;

/** "HFV1", in `PRAGMA application_id`: a file of another program is never touched. */
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
  created_at  INTEGER NOT NULL,
  peak        INTEGER NOT NULL,      -- highest equity seen, moved along with what was paid in
  claimed_at  INTEGER                -- last faucet claim
) WITHOUT ROWID;

-- Running totals. Accounts that "may owe" are the venue's own side of the book. The pending totals are for
-- transfers in two phases: reserved, then posted or voided.
CREATE TABLE account (
  id              TEXT PRIMARY KEY,
  debits          INTEGER NOT NULL DEFAULT 0,
  credits         INTEGER NOT NULL DEFAULT 0,
  debits_pending  INTEGER NOT NULL DEFAULT 0,
  credits_pending INTEGER NOT NULL DEFAULT 0,
  may_owe         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE transfer (
  id         INTEGER PRIMARY KEY,
  debit      TEXT NOT NULL,
  credit     TEXT NOT NULL,
  amount     INTEGER NOT NULL CHECK (amount > 0),
  kind       TEXT NOT NULL,
  agent      TEXT NOT NULL,
  subject    TEXT NOT NULL,
  at         INTEGER NOT NULL,
  command    INTEGER NOT NULL,
  state      TEXT NOT NULL,          -- posted; pending: reserved; voided: a reservation given back
  pending_of INTEGER                 -- the reservation that it posts or voids
);
CREATE INDEX transfer_by_agent ON transfer (agent, id);
CREATE UNIQUE INDEX transfer_pending ON transfer (subject) WHERE state = 'pending';
CREATE INDEX transfer_of_pending ON transfer (pending_of) WHERE pending_of IS NOT NULL;

-- "funding_index" is the market's index up to which funding is in the margin. "risk" is the liquidation price
-- less what the index has moved it by: it stays comparable between positions while funding accrues.
CREATE TABLE position (
  id                TEXT PRIMARY KEY,
  agent             TEXT NOT NULL,
  symbol            TEXT NOT NULL,
  side              TEXT NOT NULL,
  quantity          INTEGER NOT NULL,             -- what is left of it
  entry_price       INTEGER NOT NULL,
  liquidation_price INTEGER NOT NULL,
  margin            INTEGER NOT NULL,
  leverage          INTEGER NOT NULL,
  funding_index     INTEGER NOT NULL,
  risk              INTEGER NOT NULL,
  realised          INTEGER NOT NULL DEFAULT 0,   -- of what was closed, without fees and funding
  ref               TEXT,
  opened_at         INTEGER NOT NULL,
  closed_at         INTEGER,
  closed_by         TEXT,                         -- close, close-all, order, liquidation
  exit_price        INTEGER
) WITHOUT ROWID;
CREATE INDEX position_open ON position (agent, opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX position_risk ON position (symbol, side, risk) WHERE closed_at IS NULL;

-- The market's funding index at the last hour at which a position of it changed.
CREATE TABLE funding (
  symbol TEXT PRIMARY KEY,
  hour   INTEGER NOT NULL,           -- hours since the epoch
  value  INTEGER NOT NULL            -- millionths of a micro-USDC per unit
) WITHOUT ROWID;

-- "watch" and "level" say at which price an open order is due: ask-below, bid-above, mark-above, mark-below.
CREATE TABLE orders (
  id            TEXT PRIMARY KEY,
  number        INTEGER NOT NULL,    -- that of the command that placed it
  agent         TEXT NOT NULL,
  symbol        TEXT NOT NULL,
  type          TEXT NOT NULL,       -- market, limit, stop, take_profit
  side          TEXT NOT NULL,       -- long buys, short sells
  quantity      INTEGER NOT NULL,
  limit_price   INTEGER,
  trigger_price INTEGER,
  leverage      INTEGER NOT NULL,
  reduce_only   INTEGER NOT NULL,
  reduces       TEXT,                -- the one position that it may reduce
  key           TEXT,
  ref           TEXT,
  placed_at     INTEGER NOT NULL,
  watch         TEXT NOT NULL,
  level         INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,    -- the next fill
  reserved      INTEGER NOT NULL,
  filled        INTEGER NOT NULL,
  filled_value  INTEGER NOT NULL,
  fees          INTEGER NOT NULL,
  position      TEXT,                -- the position that it opened
  status        TEXT NOT NULL,       -- open, filled, cancelled, rejected
  reason        TEXT,
  changed_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_of_agent ON orders (agent, number);
CREATE INDEX orders_open ON orders (symbol, watch, level) WHERE status = 'open';
CREATE INDEX orders_by_position ON orders (reduces) WHERE status = 'open' AND reduces IS NOT NULL;

-- Every write that was answered for good: its key, its effect and its answer, in one row of one transaction.
-- "scope" is whose keys these are: the agent, or nobody for a registration. What the venue does by itself
-- (a liquidation, a fill of a resting order) is a row of actor "venue".
CREATE TABLE command (
  id          INTEGER PRIMARY KEY,
  actor       TEXT NOT NULL,
  scope       TEXT NOT NULL,
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
  replays     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX command_by_key ON command (scope, key, operation) WHERE key IS NOT NULL;
CREATE INDEX command_by_time ON command (at);

CREATE TABLE outbox (
  id       INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  agent    TEXT NOT NULL,
  type     TEXT NOT NULL,
  payload  TEXT NOT NULL,
  at       INTEGER NOT NULL,
  command  INTEGER NOT NULL,
  main     INTEGER NOT NULL          -- 1: says what the command did; 0: what follows from it
);
CREATE INDEX outbox_by_command ON outbox (command);
CREATE INDEX outbox_by_agent ON outbox (agent, id);

-- "kind" says what is done, "subject" what it is about.
CREATE TABLE timer (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL
);
CREATE INDEX timer_due ON timer (at, id);
CREATE INDEX timer_of ON timer (kind, subject);
${KEY_TABLES}
${ESCROW_TABLES}
${CASINO_TABLES}
${CREATE_DOMAIN_TABLES}
${WEBHOOK_TABLES}
${FAULT_TABLES}
${RECORD_INDEXES}
`;
