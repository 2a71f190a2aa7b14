// A report of chaos in words. Pure; what others wrote is cleaned where it is printed.

import { effectLine } from "../verify/words.ts";
import type { Progress } from "./chaos.ts";
import type { ChaosReport } from "./report.ts";

/** Violations and effects that are shown; all of them stand in the JSON. */
const VIOLATIONS_MAX = 10;
const EFFECTS_MAX = 4;

export function progressLine(progress: Progress): string {
  const { seconds, of, calls, injections, effects, crashes } = progress;
  if (progress.open !== undefined) return `calm: ${progress.open} calls are open still`;
  const crashed = crashes === 0 ? "" : `, ${crashes} crashes`;
  return `${Math.floor(seconds)} of ${of} s: ${calls} calls, ${injections} made to fail, ${effects} effects${crashed}`;
}

export function headLine(report: ChaosReport): string {
  const { workflow, id, suite, seed, duration_secs: seconds, runs } = report;
  const often = runs === 1 ? "" : `, ${runs} runs`;
  const failed = report.final_failure === undefined ? "" : ` ${report.final_failure}`;
  return `${workflow} as "${id}" under ${suite} for ${seconds.toFixed(1)} s, seed "${seed}"${often}: the last run is ${report.final_status}.${failed}`;
}

/** Name and figure of each row. */
export function figures(report: ChaosReport): readonly (readonly [string, string])[] {
  const rate = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return [
    ["total_calls", String(report.total_calls)],
    [
      "chaos_injections",
      `${report.chaos_injections} (${rate(report.actual_injection_rate)}, asked for ${rate(report.failure_rate)})`,
    ],
    ...Object.entries(report.faults).map(([kind, hits]): readonly [string, string] => [
      `  ${kind}`,
      String(hits),
    ]),
    ["agent_final_mode", report.agent_final_mode],
    ["crashes of the engine", String(report.crashes)],
    ["breaker opened", String(report.breaker_opened)],
    ["refs decided", `${report.refs_decided} (${report.decided} decisions)`],
    ["  failed", String(report.failed)],
    ["  in doubt", String(report.in_doubt)],
    ["  unsettled", String(report.unsettled)],
    ["effects at the venue", String(report.effects)],
    ["  doubled", String(report.doubled)],
    ["  lost", String(report.lost)],
    ["  mistaken for failed", String(report.mistaken)],
    ["dead letters", String(report.dead_letters)],
    ["ledger's sum", report.ledger_sum],
  ];
}

export function violationLines({ violations }: ChaosReport): readonly string[] {
  const shown = violations.slice(0, VIOLATIONS_MAX).flatMap(({ message, effects }) => {
    return ["", `VIOLATED: ${message}`, ...effects.slice(0, EFFECTS_MAX).map(indented)];
  });
  const others = violations.length - VIOLATIONS_MAX;
  return others > 0 ? [...shown, `${others} more: --json lists them.`] : shown;
}

function indented(effect: Parameters<typeof effectLine>[0]): string {
  return `  ${effectLine(effect)}`;
}

export function verdictLine(report: ChaosReport): string {
  const { violations, effects, chaos_injections: injections, crashes } = report;
  switch (report.verdict) {
    case "held":
      return `Held: ${effects} effects through ${injections} failures and ${crashes} crashes, none twice and none lost.`;
    case "violated":
      return `VIOLATED: ${violations.length} times.`;
    case "no-effects":
      return `Nothing shown: the agent had no effect at the venue (its run is ${report.final_status}). Give an --input with which it acts within --seconds.`;
    case "untried":
      return `Nothing shown: none of its ${report.total_calls} calls was made to fail. Give an --input with which it acts more often, or more --seconds.`;
  }
}
