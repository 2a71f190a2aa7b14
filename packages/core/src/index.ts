// What users and the other packages import from core: the authoring API, the client and the ports.

export { activity, definedActivities, definedActivity } from "./activity/definition.ts";
export type {
  Activity,
  ActivityOptions,
  Reconciliation,
  TimeoutOptions,
  Timeouts,
} from "./activity/definition.ts";
export type { AttemptBinding } from "./activity/attempt.ts";
export {
  COMMAND_DETAIL_MAX,
  type GuardedCommand,
  type ObservedPosition,
  type Observation,
} from "./activity/command.ts";
export type { ActivityContext } from "./activity/context.ts";
export type { Effect } from "./activity/effect.ts";
export {
  type DeclaredFailure,
  type FailureDefinition,
  type FailureOf,
  failure,
} from "./activity/failure.ts";
export {
  type Provided,
  type Resource,
  type VenueCapabilities,
  provide,
  resource,
} from "./activity/resource.ts";
export type { Brand } from "./base/brand.ts";
export { decode, encode, roundTrip } from "./base/codec.ts";
export * from "./base/duration.ts";
export * from "./base/error.ts";
export * from "./base/id.ts";
export * from "./base/key.ts";
export * from "./base/limit.ts";
export { type Log, type LogFields, silentLog } from "./base/log.ts";
export * from "./base/money.ts";
export { type Random, seededRandom, uuidFrom } from "./base/random.ts";
export { type InputOf, type OutputOf, type Schema, parseWith } from "./base/schema.ts";
export { encodePayload } from "./base/payload.ts";
export * from "./client/client.ts";
export type * from "./client/hosted.ts";
export type { MessageOptions, Run, UpdateOptions } from "./client/run.ts";
export type { AuditFault, AuditHead, AuditRow } from "./guard/audit.ts";
export type { Budget, BudgetPer, BudgetSpan } from "./guard/budget.ts";
export type { Check } from "./guard/check.ts";
export { GuardDenied } from "./guard/denied.ts";
export type { BetOptions, LimitOptions, Lists, LossOptions } from "./guard/limits.ts";
export {
  CLOSE_ALL,
  type Mode,
  type ModeCause,
  type ModeChange,
  type ModeRow,
} from "./guard/mode.ts";
export {
  type ApprovalOptions,
  type ApprovalRule,
  type BudgetOptions,
  type FeedOptions,
  type GuardOptions,
  type GuardPolicy,
  guard,
} from "./guard/policy.ts";
export * from "./policy/breaker.ts";
export { Bulkhead, type BulkheadPolicy, type BulkheadWait } from "./policy/bulkhead.ts";
export { type Health, healthOf } from "./policy/health.ts";
export * from "./policy/policies.ts";
export * from "./policy/taxonomy.ts";
export {
  FIVE_TRIES,
  type RetryOptions,
  type RetryPolicy,
  retryDelayMs,
  retryPolicy,
} from "./policy/retry.ts";
export type * from "./port/breaker.ts";
export type { Clock, TimerHandle } from "./port/clock.ts";
export * from "./port/engine.ts";
export type * from "./port/guard.ts";
export type * from "./port/history.ts";
export type * from "./port/intent.ts";
export type * from "./port/load.ts";
export type * from "./port/move.ts";
export type {
  CallOptions,
  ChildOptions,
  ChildRun,
  OtherRun,
  ParentClose,
  RunInfo,
  Scope,
  TryResult,
  UpdateHandler,
  WorkflowContext,
} from "./workflow/context.ts";
export { type WorkflowOptions, workflow } from "./workflow/definition.ts";
export { done } from "./workflow/loop.ts";
export { EVERY_COUNT_MAX, type Every, checkEvery, nextDaily, nth } from "./schedule/calendar.ts";
export { type Schemas, type UpdateSchema, type UpdateSchemas, signal } from "./workflow/message.ts";
export { type Memo, type TagValue, type Tags, checkTags } from "./workflow/note.ts";
export type { Saga } from "./workflow/saga.ts";
export type { Priority, Workflow } from "./workflow/workflow.ts";
