// The paper venue: an independent server that speaks the Purple Flea API. It knows nothing of the engine: it
// must be as foreign as a real venue.

export { FAUCET_AMOUNT, FAUCET_WINDOW_MS, type FaucetTerms } from "./agent/faucet-terms.ts";
export type { AgentAudit, Audit, RepeatedKey, RepeatedRef } from "./audit/audit.ts";
export { type ClockMode, INSTANT_MAX, type VenueClock } from "./clock/clock.ts";
export type { Held } from "./clock/hold.ts";
export type { Command, KeyCarrier, Operation, Sender } from "./command/command.ts";
export type { Executed } from "./command/executor.ts";
export { FIRED_MAX, type Fired, type Watched } from "./command/fired.ts";
export { KEY_TTL_MS } from "./command/journal.ts";
export type { DomainTerms } from "./domain/terms.ts";
export {
  type ArmedFault,
  FAULTS_MAX,
  FaultRefused,
  Faults,
  type RequestWatcher,
} from "./fault/faults.ts";
export { FAULT_KINDS, type FaultKind } from "./fault/kind.ts";
export {
  type FaultRequest,
  FaultRule,
  type FaultRuleInput,
  type RequestRule,
} from "./fault/rule.ts";
export { SUITES, type Suite, suiteOf } from "./fault/suite.ts";
export { type ApiOptions, createApi } from "./http/api.ts";
export { HELD_WAIT_MS_MAX } from "./http/control-clock.ts";
export { IN_FLIGHT_WAIT_MS } from "./http/in-flight.ts";
export { serve } from "./http/listen.ts";
export type { Market, Quote } from "./market/market.ts";
export { PAIRS, type Pair } from "./market/pair.ts";
export type { RecordingFile } from "./market/recording.ts";
export type { ScriptedPath, ScriptedPoint } from "./market/script.ts";
export { type Sandbox, type SandboxOptions, openSandbox } from "./sandbox.ts";
export { type Feed, createFeed } from "./stream/feed.ts";
export type { Deliver, StreamDelivery, StreamHub, StreamOptions } from "./stream/hub.ts";
export type { StreamLimits } from "./stream/limits.ts";
export type { AuditFilter, Effect } from "./store/audit-query.ts";
export type { Durability } from "./store/database.ts";
export type { Invariant } from "./store/invariant-query.ts";
export type { OrderSize } from "./trade/command.ts";
export type { LiquidationFormula, TradeRules } from "./trade/rules.ts";
export type { Dispatch, Parcel } from "./webhook/dispatch.ts";
export type { WebhookOptions } from "./webhook/options.ts";
export type { WebhookTargets } from "./webhook/target.ts";
export { DEFAULT_GRANT, type Venue, type VenueOptions, createVenue } from "./venue.ts";
