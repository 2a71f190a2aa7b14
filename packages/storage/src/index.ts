// Stores beside an engine.

export type { PostgresOptions } from "./postgres/database.ts";
export { openPostgresIntents } from "./postgres/intents.ts";
export { openSqliteIntents } from "./sqlite/intents.ts";
