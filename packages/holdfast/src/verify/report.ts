// The report of a verification: one row for each kind of mishap, every violation with its moment and the
// effects that show it, and a verdict. Pure.

import type { Effect } from "@holdfast/sandbox";
import { plainOf } from "../control/plain.ts";
import type { Finding } from "./judge.ts";
import { MISHAPS, type Mishap, type Moment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Subject } from "./trial.ts";

/** "proven" only where effects were found and every mishap that was tried left them as they were. */
export type Verdict = "proven" | "violated" | "no-effects" | "untried";

export interface VerifyReport {
  readonly verdict: Verdict;
  readonly workflow: string;
  readonly id: string;
  readonly seed: string;
  readonly clean: CleanReport;
  readonly rows: readonly Row[];
  readonly violations: readonly Violation[];
  /** Runs that ended with another output: a violation only where that was asked for. */
  readonly otherOutputs: readonly Violation[];
  /** Moments that were possible and not tried, for want of time or by the limit. */
  readonly notTried: number;
  /** Those of them that touch an effect. */
  readonly notTriedOfEffects: number;
  /** Mishaps whose moment did not come again: the agent took another way than in the clean run. */
  readonly notMet: number;
}

export interface CleanReport {
  readonly status: string;
  /** Plain JSON, as the other commands show it. */
  readonly output: unknown;
  /** Different names among its effects. */
  readonly refs: number;
  readonly effects: number;
  /** Virtual milliseconds. */
  readonly tookMs: number;
}

export interface Row {
  readonly mishap: Mishap;
  readonly variants: number;
  /** Effects that the clean run has, once for each variant. */
  readonly refs: number;
  /** Effects in the ledgers of all variants. */
  readonly effects: number;
  readonly doubled: number;
  readonly lost: number;
  /** Variants whose run waits for a person. */
  readonly inDoubt: number;
  /** Variants with a violation of any kind. */
  readonly violated: number;
  readonly otherOutputs: number;
}

export interface Violation extends Finding {
  /** Undefined for the clean run. */
  readonly mishap: Mishap | undefined;
  /** In words: "crash after a call is answered #2 (plan/1)", or "the clean run". */
  readonly at: string;
}

export interface Tried {
  readonly moment: Moment;
  /** Undefined where it could not be run to its end. */
  readonly outcome: Outcome | undefined;
  readonly struck: string | undefined;
  readonly findings: readonly Finding[];
}

export interface ReportParts {
  readonly subject: Pick<Subject, "workflow" | "id" | "seed">;
  readonly strictOutput: boolean;
  readonly clean: Outcome;
  readonly findings: readonly Finding[];
  readonly tried: readonly Tried[];
  readonly possible: readonly Moment[];
}

export function reportOf(parts: ReportParts): VerifyReport {
  const { subject, strictOutput, clean, findings, tried, possible } = parts;
  const { workflow, id, seed } = subject;
  const met = inOrder(tried.filter(({ struck }) => struck !== undefined));
  const all: readonly Violation[] = [
    ...findings.map((finding) => ({ ...finding, mishap: undefined, at: "the clean run" })),
    ...met.flatMap((one) =>
      one.findings.map((finding) => {
        return { ...finding, mishap: one.moment.mishap, at: placeOf(one) };
      }),
    ),
  ];
  const isViolation = ({ fault }: Finding): boolean => strictOutput || fault !== "output";
  const violations = all.filter(isViolation);
  const looked = new Set(tried.map(({ moment }) => moment));
  const left = possible.filter((moment) => !looked.has(moment));
  return {
    verdict: verdictOf(violations, clean, met),
    workflow: workflow.name,
    id,
    seed,
    clean: {
      status: clean.status,
      output: plainOf(clean.output),
      refs: namesOf(clean.effects).size,
      effects: clean.effects.length,
      tookMs: clean.tookMs,
    },
    rows: KINDS.map((mishap) => rowOf(mishap, clean, met, isViolation)).filter(
      ({ variants }) => variants > 0,
    ),
    violations,
    otherOutputs: all.filter((finding) => !isViolation(finding)),
    notTried: left.length,
    notTriedOfEffects: left.filter(({ matters }) => matters).length,
    notMet: tried.length - met.length,
  };
}

const KINDS = Object.keys(MISHAPS) as Mishap[];

/** By kind, then as they come in a run: they were tried in no order. */
function inOrder(tried: readonly Tried[]): readonly Tried[] {
  const place = ({ moment }: Tried): number => KINDS.indexOf(moment.mishap);
  return tried.toSorted((a, b) => place(a) - place(b) || a.moment.nth - b.moment.nth);
}

function verdictOf(
  violations: readonly Violation[],
  clean: Outcome,
  met: readonly Tried[],
): Verdict {
  if (violations.length > 0) return "violated";
  if (clean.effects.length === 0) return "no-effects";
  return met.length === 0 ? "untried" : "proven";
}

function rowOf(
  mishap: Mishap,
  clean: Outcome,
  met: readonly Tried[],
  isViolation: (finding: Finding) => boolean,
): Row {
  const of = met.filter(({ moment }) => moment.mishap === mishap);
  const findings = of.flatMap((one) => one.findings);
  const count = (fault: Finding["fault"]): number =>
    findings.filter((finding) => finding.fault === fault).length;
  return {
    mishap,
    variants: of.length,
    refs: namesOf(clean.effects).size * of.length,
    effects: of.reduce((sum, { outcome }) => sum + (outcome?.effects.length ?? 0), 0),
    doubled: count("doubled"),
    lost: count("lost"),
    inDoubt: of.filter(({ outcome }) => outcome?.status === "in-doubt").length,
    violated: of.filter((one) => one.findings.some(isViolation)).length,
    otherOutputs: count("output"),
  };
}

function namesOf(effects: readonly Effect[]): ReadonlySet<string> {
  return new Set(effects.map(({ ref, id }) => ref ?? `#${id}`));
}

function placeOf({ moment, struck }: Tried): string {
  const { mishap, nth } = moment;
  const about = (struck ?? "").replaceAll(",", ", ").replaceAll(/(?<=^| )[+-]/gu, (sign) => {
    return sign === "+" ? "decides " : "settles ";
  });
  return `${MISHAPS[mishap]} #${nth}${about === "" ? "" : ` (${about})`}`;
}
