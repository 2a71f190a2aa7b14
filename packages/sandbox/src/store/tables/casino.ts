// Tables of the casino. Server seeds lie here as they are, also those that are not revealed: who reads the file
// knows what the next bets will draw.

export const CASINO_TABLES = `
-- An agent has one active seed and one that comes next, whose hash is already published.
CREATE TABLE casino_seed (
  id               INTEGER PRIMARY KEY,
  agent            TEXT NOT NULL,
  server_seed      TEXT NOT NULL,
  server_seed_hash TEXT NOT NULL,
  client_seed      TEXT,             -- chosen when it becomes active
  nonce            INTEGER NOT NULL DEFAULT 0,   -- of the next bet: how many it has settled
  state            TEXT NOT NULL,    -- next, active, revealed
  at               INTEGER NOT NULL, -- since when it is in this state
  UNIQUE (agent, server_seed_hash)
);
CREATE INDEX casino_seed_used ON casino_seed (agent, state) WHERE state <> 'revealed';

CREATE TABLE casino_bet (
  id         TEXT PRIMARY KEY,
  command    INTEGER NOT NULL,
  agent      TEXT NOT NULL,
  seed       INTEGER NOT NULL,
  nonce      INTEGER NOT NULL,
  bet        TEXT NOT NULL,          -- game and what was bet on, as JSON
  stake      INTEGER NOT NULL,
  payout     INTEGER NOT NULL,
  multiplier INTEGER NOT NULL,       -- in ten-thousandths
  outcome    TEXT NOT NULL,
  result     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  ref        TEXT,
  UNIQUE (seed, nonce)
) WITHOUT ROWID;
CREATE INDEX casino_bet_of_agent ON casino_bet (agent, command);
`;
