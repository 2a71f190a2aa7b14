// Stores beside an engine.

export { openSqliteIntents } from "./sqlite/intents.ts";
