// The table of API keys: each as its hash, never itself.

export const KEY_TABLES = `
-- "scopes" is a list, or * for all that there are. The last use is written down with the next write, to the
-- minute.
CREATE TABLE api_key (
  hash       TEXT PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  number     INTEGER NOT NULL,       -- that of the command that made it
  agent      TEXT NOT NULL,
  prefix     TEXT NOT NULL,          -- what is shown of it
  label      TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  used_at    INTEGER
) WITHOUT ROWID;
CREATE INDEX api_key_of_agent ON api_key (agent, number);
`;
