// The order in which an agent's own records are listed: newest first, open and closed.

export const RECORD_INDEXES = `
CREATE INDEX position_newest ON position (agent, opened_at, id);
`;
