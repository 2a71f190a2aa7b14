// For the other packages of Holdfast; no promise to users.

export { base32 } from "./base/key.ts";
export { encodePayloadWithCopy } from "./base/payload.ts";
export { nothing } from "./base/schema.ts";
export { utf8 } from "./base/utf8.ts";
export { AUDIT_ROOT, AuditChain, type AuditEntry, auditHash } from "./guard/audit.ts";
export {
  type CounterKey,
  type Tracker,
  counterName,
  countersOf,
  spanEnd,
  spanStart,
} from "./guard/budget.ts";
export {
  CHECKS,
  type CheckResult,
  type GuardedEffect,
  type Judgement,
  type Standing,
  decide,
  modeOf,
  notionalOf,
} from "./guard/check.ts";
export { deniedBy, heldBy } from "./guard/denied.ts";
export {
  type EquityState,
  lossModes,
  observeAvailable,
  observeEquity,
  observeFlow,
} from "./guard/loss.ts";
export { LATCHED, MODES, parseScope, strictness } from "./guard/mode.ts";
export { type Approval, limitsFor } from "./guard/policy.ts";
export { type LoopEnd, isLoopEnd } from "./workflow/loop.ts";
