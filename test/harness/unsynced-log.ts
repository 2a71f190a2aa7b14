// A planted bug, for the proof to see: an SQLite file whose log is begun again without any synchronisation.

import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(process.argv[2] ?? "");
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 16;
  CREATE TABLE note (text TEXT);`);
const insert = database.prepare("INSERT INTO note VALUES (?)");
for (let n = 0; n < 64; n += 1) insert.run("n".repeat(8_192));
process.kill(process.pid, "SIGKILL");
