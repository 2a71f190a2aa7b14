// The guard's book: procedures over its tables, for whoever has the transaction.

export {
  type Admission,
  type Asked,
  type Ended,
  admit,
  heldBack,
  UNANSWERED,
  expireUnheard,
  recall,
  settle,
} from "./admit.ts";
export { approvals, checkAnswer, decideApproval, findApproval, nextExpiry } from "./approvals.ts";
export { audit, auditHead, auditPage, verifyAudit } from "./audit.ts";
export { type Ask, type DeskHost, GuardDesk } from "./desk.ts";
export { type EffectState, checkCounters, findEffect } from "./effect.ts";
export { GUARD, type WantedMode, endMode, liftModes, modeNews, modes, putMode } from "./modes.ts";
export { adoptBook, movedBook } from "./moved.ts";
export { type Assessment, type Observed, assess, observe } from "./observe.ts";
export { openBook } from "./open.ts";
export { admitShared, counting, isGuarded, openShared } from "./shared.ts";
export { status } from "./status.ts";
export {
  type Carry,
  type Outcome,
  type Row,
  type Statement,
  type Steps,
  carrierOf,
  carryOut,
  carryOutOn,
  first,
  outcomeOf,
  rows,
} from "./steps.ts";
export { GUARD_TABLES } from "./tables.ts";
