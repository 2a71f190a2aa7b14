// The testing kit, "holdfast/testing": a project of one's own on virtual time with the paper venue, crashes
// where a test wants them, recorded journals as fixtures. docs/testing.md shows how.

export type { CrashPoint, RecordedRun } from "@holdfast/engine";
export type { Audit, Effect, FaultRuleInput, Faults, ScriptedPath } from "@holdfast/sandbox";
export { VIRTUAL_START, type VirtualClock } from "@holdfast/testing/clock";
export type { CrashOptions } from "./crash-plan.ts";
export type { CrashableEngine } from "./crashable-engine.ts";
export { type RecordedJournal, replayJournal } from "./recorded-journal.ts";
export {
  type Awaited,
  TestProject,
  type TestProjectOptions,
  type Within,
  testProject,
} from "./test-project.ts";
export type { TestVenue, TestVenueOptions } from "./test-venue.ts";
export { type ChaosOptions, type Progress as ChaosProgress, chaos } from "../chaos/chaos.ts";
export type { ChaosReport, ChaosVerdict } from "../chaos/report.ts";
export type { Fault, Finding } from "../verify/judge.ts";
export type { Mishap } from "../verify/moment.ts";
export type { CleanReport, Row, Verdict, VerifyReport, Violation } from "../verify/report.ts";
export { type Progress, type VerifyOptions, verify } from "../verify/verify.ts";
