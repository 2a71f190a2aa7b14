// Registrations of domains. Of the rows of one name at most one is not released.

export const CREATE_DOMAIN_TABLES: string = `
CREATE TABLE domain (
  id            TEXT PRIMARY KEY,
  number        INTEGER NOT NULL,    -- that of the command that registered it
  name          TEXT NOT NULL,
  agent         TEXT NOT NULL,
  status        TEXT NOT NULL,       -- active, grace, expired, released
  step          INTEGER NOT NULL,    -- the next thing that happens to it by itself
  registered_at INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  paid_last     INTEGER NOT NULL,
  paid          INTEGER NOT NULL,    -- in all
  renewals      INTEGER NOT NULL,
  ref           TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX domain_held ON domain (name) WHERE status <> 'released';
CREATE INDEX domain_of_agent ON domain (agent, number);
`;
