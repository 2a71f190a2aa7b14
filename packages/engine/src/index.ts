// The embedded engine: what opens it, and what it is.
export { EmbeddedEngine, openEngine } from "./engine.ts";
export type { EngineOptions, VenueIdentity } from "./options.ts";
export type { CrashPoint, CrashPoints } from "./point.ts";
export { systemClock } from "./clock/system.ts";
