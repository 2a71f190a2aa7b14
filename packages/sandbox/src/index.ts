// The paper venue: an independent server that speaks the Purple Flea API.

export type { Audit, AuditFilter, Effect } from "./audit/audit.ts";
export { VenueClock } from "./clock/clock.ts";
export type { Command, Sender } from "./command/command.ts";
export { FaultRule, type FaultRuleInput, Faults } from "./fault/faults.ts";
export { PAIRS, type ScriptedPath } from "./market/market.ts";
export { type Sandbox, type SandboxOptions, openSandbox } from "./sandbox.ts";
export { DEFAULT_GRANT, Venue, type VenueOptions } from "./venue.ts";
