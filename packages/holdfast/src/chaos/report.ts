// The report of a run under chaos: the fields of the resilience guide, and what journal and ledger say beside them.
// Pure. Every figure is counted at the venue or in the journal.

import type { Failure, Mode, ModeRow, RunStatus } from "@holdfast/core";
import { strictness } from "@holdfast/core/internal";
import type { Audit } from "@holdfast/sandbox";
import type { Books, Finding } from "../verify/judge.ts";
import type { DecidedCall } from "../verify/outcome.ts";
import type { Counts } from "./counts.ts";
import { judgeBooks } from "./judge.ts";
import type { ChaosPlan } from "./plan.ts";
import type { Subject } from "./subject.ts";

/**
 * "held" only where there were effects, something went wrong on the way, and nothing was doubled, lost or mistaken;
 * "untried" where failures were asked for and none struck.
 */
export type ChaosVerdict = "held" | "violated" | "no-effects" | "untried";

export interface ChaosReport {
  readonly verdict: ChaosVerdict;
  readonly workflow: string;
  readonly id: string;
  readonly seed: string;
  /** The venue's suite that was armed, and with what. */
  readonly suite: string;
  readonly failure_rate: number;
  readonly latency_ms: number;
  /** Real seconds for which it lasted. */
  readonly duration_secs: number;
  /** Requests that the venue got. */
  readonly total_calls: number;
  /** Requests that were made to fail. */
  readonly chaos_injections: number;
  /** `chaos_injections` of `total_calls`. */
  readonly actual_injection_rate: number;
  /** The strictest of the guard's modes that was on for the agent when the time was over. */
  readonly agent_final_mode: Mode;
  /** Requests hit, by kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** Crashes of the engine. */
  readonly crashes: number;
  /** How often a breaker of the venue opened. */
  readonly breaker_opened: number;
  /** Runs: one that completed was started again. */
  readonly runs: number;
  /** Of the last run. */
  readonly final_status: RunStatus;
  /** What it failed with, where it did. */
  readonly final_failure: string | undefined;
  /** Business names of the effects that the agent decided. */
  readonly refs_decided: number;
  /** Decisions under them. */
  readonly decided: number;
  /** Decisions that ended as failed: refused, or never sent. */
  readonly failed: number;
  /** Decisions whose outcome a person has to settle. */
  readonly in_doubt: number;
  /** Decisions still open when it ended. */
  readonly unsettled: number;
  readonly effects: number;
  /** Business names with more effects than decisions. */
  readonly doubled: number;
  /** Done by the journal, and missing at the venue. */
  readonly lost: number;
  /** Failed by the journal, and there at the venue. */
  readonly mistaken: number;
  /** Runs that wait for a person. */
  readonly dead_letters: number;
  /** Sum over all accounts of the venue, in micro-USDC: "0". */
  readonly ledger_sum: string;
  readonly violations: readonly Finding[];
}

/** What was seen of one run under chaos. */
export interface Seen extends Books {
  readonly counts: Pick<Counts, "calls" | "injections" | "kinds" | "has">;
  readonly keeps: (key: string) => boolean;
  readonly durationMs: number;
  readonly crashes: number;
  readonly opens: number;
  readonly runs: number;
  readonly status: RunStatus;
  /** Why the last run is stuck, or what it failed with. */
  readonly problem: Failure | undefined;
  readonly failure: Failure | undefined;
  readonly deadLetters: number;
  /** The guard's modes that were on when the time was over. */
  readonly modes: readonly ModeRow[];
  readonly audit: Pick<Audit, "ledgerSum" | "invariants">;
  /** Where journals do not replay. */
  readonly problems: readonly string[];
}

export function reportOf(
  { workflow, id, seed, account }: Pick<Subject, "workflow" | "id" | "seed" | "account">,
  { suite, failureRate, latencyMs }: Pick<ChaosPlan, "suite" | "failureRate" | "latencyMs">,
  seen: Seen,
): ChaosReport {
  const { counts, calls, effects, keeps, audit } = seen;
  const violations = [
    ...judgeBooks({ calls, effects }, { asked: (call) => counts.has(call), keeps }),
    ...problemsOf(seen),
  ];
  const found = (fault: Finding["fault"]): number =>
    violations.filter((violation) => violation.fault === fault).length;
  const inState = (...states: readonly DecidedCall["state"][]): number =>
    calls.filter(({ state }) => states.includes(state)).length;
  return {
    verdict: violations.length > 0 ? "violated" : verdictOf(seen, failureRate),
    workflow: workflow.name,
    id,
    seed,
    suite,
    failure_rate: failureRate,
    latency_ms: latencyMs,
    duration_secs: seen.durationMs / 1_000,
    total_calls: counts.calls,
    chaos_injections: counts.injections,
    actual_injection_rate: counts.calls === 0 ? 0 : counts.injections / counts.calls,
    agent_final_mode: modeOf(seen.modes, account),
    faults: counts.kinds,
    crashes: seen.crashes,
    breaker_opened: seen.opens,
    runs: seen.runs,
    final_status: seen.status,
    final_failure: seen.failure && `${seen.failure.code}: ${seen.failure.message}`,
    refs_decided: new Set(calls.map(({ ref }) => ref)).size,
    decided: calls.length,
    failed: inState("failed"),
    in_doubt: inState("in-doubt", "quarantined"),
    unsettled: inState("open"),
    effects: effects.length,
    doubled: found("doubled"),
    lost: found("lost"),
    mistaken: found("mistaken"),
    dead_letters: seen.deadLetters,
    ledger_sum: audit.ledgerSum,
    violations,
  };
}

/** What it comes to that nothing was violated. */
export function verdictOf(
  { effects, counts: { injections }, crashes }: VerdictParts,
  failureRate: number,
): Exclude<ChaosVerdict, "violated"> {
  if (effects.length === 0) return "no-effects";
  return failureRate > 0 && injections === 0 && crashes === 0 ? "untried" : "held";
}

interface VerdictParts {
  readonly effects: readonly unknown[];
  readonly counts: Pick<Counts, "injections">;
  readonly crashes: number;
}

/** Of the whole project, the agent, and every venue; a symbol's own mode leaves the others as they are. */
export function modeOf(rows: readonly ModeRow[], account: string): Mode {
  return rows
    .filter(
      ({ scope }) =>
        scope === "project" || scope === `agent:${account}` || scope.startsWith("venue:"),
    )
    .map(({ mode }) => mode)
    .reduce<Mode>((found, mode) => (strictness(mode) > strictness(found) ? mode : found), "FULL");
}

/** What is wrong beside single effects. */
function problemsOf({ audit, problem, problems }: Seen): readonly Finding[] {
  const broken = audit.invariants.filter(({ holds }) => !holds).map(({ name }) => name);
  return [
    ...(problem === undefined ? [] : [`${problem.code}: ${problem.message}`]),
    ...problems.map((text) => `A journal does not replay: ${text}`),
    ...(audit.ledgerSum === "0" ? [] : [`The venue's ledger sums to ${audit.ledgerSum}, not 0.`]),
    ...(broken.length === 0 ? [] : [`Rules of the venue are broken: ${broken.join(", ")}.`]),
  ].map((message): Finding => ({ fault: "problem", ref: undefined, message, effects: [] }));
}
