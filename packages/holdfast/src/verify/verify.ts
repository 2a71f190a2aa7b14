// Verifies an agent: runs it cleanly on the paper venue, then again and again with one mishap each, and
// compares what the venue's ledger holds. It reports; it never decides what an agent should do.

import { type Duration, type Schemas, type Workflow, durationMs, toFailure } from "@holdfast/core";
import { type Config, accountsOf } from "../config/config.ts";
import type { TestProjectOptions } from "../testing/test-project.ts";
import { VERIFY_DEFAULTS } from "./defaults.ts";
import { judge, judgeClean } from "./judge.ts";
import { type Moment, chosen, momentsOf } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import { type Tried, type VerifyReport, reportOf } from "./report.ts";
import { type Subject, cleanRun, trial } from "./trial.ts";

export interface VerifyOptions {
  /** A project's configuration: its accounts, resources and paper venue. */
  readonly config?: Config | undefined;
  /** Resources beside the configuration's: a client of one's own, which needs the venue's address. */
  readonly resources?: TestProjectOptions["resources"];
  /** Its market and its grant, where they should not be the configuration's. */
  readonly venue?: TestProjectOptions["venue"];
  /** Default "verify". */
  readonly id?: string | undefined;
  /** Default: the first of the configuration. */
  readonly account?: string | undefined;
  /** Default "verify"; another seed gives other prices. */
  readonly seed?: string | undefined;
  /** Virtual time for which a run is watched that does not end. Default "730d". */
  readonly for?: Duration | undefined;
  /** Virtual time for which a crashed engine is away. Default "90s". */
  readonly away?: Duration | undefined;
  /** Variants at most. Default 500. */
  readonly max?: number | undefined;
  /** Real time that all of it may take. Default 120. */
  readonly maxSeconds?: number | undefined;
  /** Whether another output is a violation. Default false. */
  readonly strictOutput?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Real milliseconds since any moment. Default: the machine's. */
  readonly elapsed?: (() => number) | undefined;
}

export interface Progress {
  readonly tried: number;
  readonly of: number;
  readonly violations: number;
}

/** Of the time, what the clean run may take. */
const CLEAN_SHARE = 1 / 5;

/**
 * Runs an agent on the paper venue with a crash at every commit and around every call, with every answer
 * dropped and late, and compares what the venue's ledger holds with the clean run.
 *
 * @throws HF-INPUT-INVALID, HF-VERIFY-LONG, HF-DEFINITION-DUPLICATE
 * @example
 * const report = await verify(weekly, plan);
 * assert.equal(report.verdict, "proven");
 */
export async function verify<Input, Output, S extends Schemas, Q extends Schemas>(
  workflow: Workflow<Input, Output, S, Q>,
  input: NoInfer<Input>,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const { max = VERIFY_DEFAULTS.max, maxSeconds = VERIFY_DEFAULTS.maxSeconds } = options;
  const { strictOutput = false, onProgress, elapsed = () => performance.now() } = options;
  const subject = subjectOf(workflow, input, options);
  const begun = elapsed();
  const isOver = (share: number): boolean => elapsed() - begun > maxSeconds * 1_000 * share;
  const clean = await cleanRun(subject, () => isOver(CLEAN_SHARE));
  const findings = judgeClean(clean.outcome);
  const possible = momentsOf(clean.met);
  const wanted = clean.outcome.effects.length === 0 ? [] : chosen(possible, max, subject.seed);
  const tried: Tried[] = [];
  let violations = findings.length;
  for (const moment of wanted) {
    if (isOver(1)) break;
    const one = await tryOut(subject, moment, clean.outcome);
    tried.push(one);
    violations += one.findings.filter(({ fault }) => fault !== "output").length;
    onProgress?.({ tried: tried.length, of: wanted.length, violations });
  }
  return reportOf({ subject, strictOutput, clean: clean.outcome, findings, tried, possible });
}

function subjectOf(workflow: Subject["workflow"], input: unknown, options: VerifyOptions): Subject {
  const { config = {}, resources, venue } = options;
  const { id = VERIFY_DEFAULTS.id, seed = VERIFY_DEFAULTS.seed } = options;
  const { account = accountsOf(config)[0] ?? "default" } = options;
  const horizonMs = durationMs(options.for ?? VERIFY_DEFAULTS.for);
  const awayMs = durationMs(options.away ?? VERIFY_DEFAULTS.away);
  return { workflow, input, config, resources, venue, id, account, seed, horizonMs, awayMs };
}

async function tryOut(subject: Subject, moment: Moment, clean: Outcome): Promise<Tried> {
  try {
    const { outcome, struck } = await trial(subject, moment, clean);
    const findings = struck === undefined ? [] : judge(clean, outcome);
    return { moment, outcome, struck, findings };
  } catch (error) {
    const { code, message } = toFailure(error);
    const finding = { fault: "problem", ref: undefined, effects: [] } as const;
    const findings = [{ ...finding, message: `${code}: ${message}` }];
    return { moment, outcome: undefined, struck: moment.about, findings };
  }
}
