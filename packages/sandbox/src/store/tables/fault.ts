// The table of faults: keys that were forgotten before their time, by the command that had them.

export const FAULT_TABLES: string = `
CREATE TABLE forgotten_key (
  command INTEGER PRIMARY KEY
) WITHOUT ROWID;
`;
