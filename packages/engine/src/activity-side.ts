// For whoever else runs attempts: their context, the rules of retry and doubt, the schemas at a call's boundary.

export {
  AttemptContext,
  type AttemptHost,
  AttemptSignal,
  type AttemptedCall,
  LATER,
  callKey,
  callRef,
} from "./call/attempt.ts";
export {
  type CallSituation,
  type Verdict,
  afterFailure,
  afterHeldQuestion,
  afterNotDone,
  afterStop,
  afterUnclear,
  inDoubt,
  maySend,
} from "./call/decide.ts";
export { CRASHES_ALONE_MAX } from "./call/crashes.ts";
export { CRASHES_UNTIL_ALONE } from "./call/line.ts";
export { hedged } from "./call/hedge.ts";
export { encodeOutput, notSentIfInvalid, parsedInput, unreadable } from "./call/payload.ts";
export {
  attemptAborted,
  interrupted,
  neverStarted,
  quarantined,
  queuedTooLong,
  timedOut,
} from "./call/problem.ts";
export { Threads } from "./call/threads.ts";
export { Alarms } from "./clock/alarms.ts";
export { bodyChanged, fingerprintOf } from "./call/consult.ts";
export { followBreaker, followBreakers } from "./guard/breakers.ts";
export { type Said, type Sayable, costOf, observationsOf, reduces, saidOf } from "./guard/said.ts";
export { Breakers } from "./policy/breakers.ts";
export { type LimitHold, Limits } from "./policy/limits.ts";
export { PROBE_MARGIN_MS, SPREAD } from "./policy/gate.ts";
export {
  breakerName,
  breakerNames,
  breakerUnknown,
  groupOf,
  venueNames,
  venuesOf,
} from "./policy/names.ts";
export { tellBreakerChange } from "./policy/policing.ts";
export { ASSUMED_VENUE, checkMoney, venueOf } from "./registry.ts";
export { type Resources, openResources } from "./resources.ts";
export { watchFloating } from "./run/floating.ts";
export { resultOf } from "./run/result.ts";
