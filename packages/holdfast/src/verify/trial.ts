// Runs the agent once, in a venue and an engine of its own under virtual time: cleanly, to see what it does,
// or with one mishap. The same seed makes every run the same up to its mishap.

import { HoldfastError, type RunStatus, hasCode, isStandstill, toFailure } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import type { AnyWorkflow, Config } from "../config/config.ts";
import { type TestProject, type TestProjectOptions, testProject } from "../testing/test-project.ts";
import type { Met, Moment } from "./moment.ts";
import { type Outcome, decidedCalls } from "./outcome.ts";

/** The agent under test, and for how long it is watched. */
export interface Subject {
  readonly config: Config;
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly id: string;
  readonly account: string;
  /** Resources beside the configuration's: a client of one's own, which needs the venue's address. */
  readonly resources?: TestProjectOptions["resources"];
  readonly venue?: TestProjectOptions["venue"];
  readonly seed: string;
  /** Virtual milliseconds after which it is looked at, where it has not ended. */
  readonly horizonMs: number;
  /** Virtual milliseconds for which a crashed engine is away. */
  readonly awayMs: number;
}

/** An answer that is so late is in nobody's time-out. */
const NEVER_MS = 86_400_000;
/** A request that is carried out so late has been given up by most. */
const LATE_MS = 60_000;
/** A mishap makes a run longer by so much at most: it is away, and then it tries again. */
const SLACK_MS = 3_600_000;
/** Of requests that are only counted. */
const NEVER = 2 ** 40;

/** @throws HF-VERIFY-LONG where it has not ended when `isOver` says so */
export async function cleanRun(
  subject: Subject,
  isOver: () => boolean,
): Promise<{ readonly outcome: Outcome; readonly met: Met }> {
  const points: { readonly point: CrashPoint; readonly about: string }[] = [];
  let counts = { writes: 0, reads: 0 };
  const outcome = await sound(async (keep) => {
    await using t = await testProject({
      ...settings(subject),
      onPoint: (point, about) => points.push({ point, about }),
    });
    for (const method of ["POST", "GET"] as const)
      t.venue.faults.add({ kind: "outage", method, nth: NEVER });
    await toEnd(t, subject, subject.horizonMs, isOver);
    keep(await outcomeOf(t, subject));
    const [writes = 0, reads = 0] = t.venue.faults.list().map(({ seen }) => seen);
    counts = { writes, reads };
  });
  const refs = new Set(outcome.calls.map(({ ref }) => ref));
  return { outcome, met: { points, refs, ...counts } };
}

export interface Trial {
  readonly outcome: Outcome;
  /** What the mishap struck, in words; undefined where its moment never came. */
  readonly struck: string | undefined;
}

export async function trial(subject: Subject, moment: Moment, clean: Outcome): Promise<Trial> {
  let struck: string | undefined;
  let times = 0;
  const onPoint = (point: CrashPoint, about: string): void => {
    if (point !== moment.mishap) return;
    times += 1;
    if (times === moment.nth) struck = about;
  };
  const outcome = await sound(async (keep) => {
    await using t = await testProject({ ...settings(subject), onPoint });
    arm(t, subject, moment, clean);
    await toEnd(t, subject, subject.horizonMs + subject.awayMs + SLACK_MS, () => false);
    // What the venue still holds back happens before anybody counts.
    await t.venue.advanceTo(t.clock.now() + NEVER_MS);
    const outcome = await outcomeOf(t, subject);
    keep(outcome);
    if (moment.method !== undefined) struck = struckBy(t, outcome);
  });
  return { outcome, struck };
}

function settings({ config, workflow, ...given }: Subject): TestProjectOptions {
  const { seed, resources, venue } = given;
  return { config: { ...config, fleet: [] }, definitions: [workflow], seed, resources, venue };
}

function arm(t: TestProject, subject: Subject, moment: Moment, clean: Outcome): void {
  const { mishap, method, nth } = moment;
  const once = { method, nth, count: 1 } as const;
  switch (mishap) {
    case "answer-dropped":
      t.venue.faults.add({ kind: "drop", when: "after", ...once });
      break;
    case "answer-late":
      t.venue.faults.add({ kind: "latency", when: "after", ms: NEVER_MS, ...once });
      break;
    case "request-late": {
      // Within the total of every call: what is over may rightly fail.
      const total = Math.min(...clean.calls.map(({ totalMs }) => totalMs));
      const ms = Math.floor(Math.min(LATE_MS, total / 2));
      t.venue.faults.add({ kind: "latency", when: "before", ms, ...once });
      break;
    }
    default:
      t.crashAt(mishap, { nth, away: subject.awayMs });
  }
}

/** Starts the run and drives time until it has ended, waits for a person, or the horizon is reached. */
async function toEnd(
  t: TestProject,
  { workflow, input, id, account }: Subject,
  withinMs: number,
  isOver: () => boolean,
): Promise<void> {
  await t.client.start(workflow, input, { id, account });
  const atEnd = async (): Promise<boolean> => {
    if (isOver()) throw tooLong(id, new Date(t.clock.now()).toISOString());
    const state = await t.engine.inspect((store) => store.runs.latest(id)?.state);
    return state !== undefined && isAtEnd(state);
  };
  try {
    await t.runUntil(atEnd, { within: withinMs });
  } catch (error) {
    if (!hasCode(error, "HF-TEST-LATE")) throw error;
  }
}

interface State {
  readonly status: RunStatus;
  readonly closedAt: number | undefined;
}

/** Whether no time brings a run on. */
function isAtEnd({ status, closedAt }: State): boolean {
  if (status === "stuck" || isStandstill(status)) return true;
  return closedAt !== undefined && status !== "continued";
}

async function outcomeOf(t: TestProject, { id }: Subject): Promise<Outcome> {
  const { status, output, failure, problem, startedAt } = await t.engine.describe(id);
  return {
    status,
    output,
    failure,
    problem,
    calls: await t.engine.inspect(decidedCalls),
    effects: await t.venue.effects(),
    tookMs: t.clock.now() - startedAt,
  };
}

/** The request that the fault struck: its operation, and the ref of its effect. */
function struckBy(t: TestProject, { calls, effects }: Outcome): string | undefined {
  const last = t.venue.faults.list()[0]?.last;
  if (last === undefined) return undefined;
  const isIt = ({ key }: { readonly key: string | null }): boolean => key === last.key;
  const ref = calls.find(isIt)?.ref ?? effects.find(isIt)?.ref;
  return typeof ref === "string" ? `${last.operation} ${ref}` : last.operation;
}

/** An outcome, also where the end of its project found journals that do not replay. */
async function sound(run: (keep: (outcome: Outcome) => void) => Promise<void>): Promise<Outcome> {
  const kept: { outcome?: Outcome } = {};
  try {
    await run((outcome) => {
      kept.outcome = outcome;
    });
  } catch (error) {
    const { outcome } = kept;
    if (outcome === undefined) throw error;
    if (hasCode(error, "HF-TEST-CRASH-UNMET")) return outcome;
    return { ...outcome, problem: outcome.problem ?? toFailure(error) };
  }
  if (kept.outcome === undefined) throw new Error("A run has no outcome.");
  return kept.outcome;
}

function tooLong(id: string, at: string): HoldfastError {
  return new HoldfastError(
    "HF-VERIFY-LONG",
    `Cannot verify run "${id}" in this time: its clean run alone had come to ${at} of virtual time when a fifth of it was over. Watch it for a shorter time, such as --for 7d, or give more with --max-seconds.`,
    { class: "resource" },
  );
}
