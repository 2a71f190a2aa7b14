// The embedded engine: what opens it, and what it is.
export { type CheckOptions, type CheckedRun, checkJournal } from "./check.ts";
export { checkDefinitions } from "./check-definitions.ts";
export { type DamagedRun, type Examination, examineJournal } from "./examine.ts";
export { EmbeddedEngine, openEngine } from "./engine.ts";
export type { EngineOptions, VenueIdentity } from "./options.ts";
export type { CrashPoint, CrashPoints } from "./point.ts";
export { type Reader, openReader } from "./reader.ts";
export type { Definition } from "./registry.ts";
export { type RecordedRun, recordedRuns, replayRecorded } from "./run/recorded.ts";
export { type MemoryJournal, memoryJournal } from "./store/memory.ts";
export { backUpJournal } from "./store/backup.ts";
export type { Store } from "./store/store.ts";
export { temporalHistory } from "./temporal-history/export.ts";
export type { TemporalEvent } from "./temporal-history/event-log.ts";
export type { Payloads } from "./temporal-history/payload.ts";
export { type TemporalHistory, toTemporalHistory } from "./temporal-history/history.ts";
export { systemClock } from "./clock/system.ts";
export { type RepeatedCall, repeatedCalls } from "./run/repeated.ts";
