// A report in words: the table, the violations with their effects, the verdict. Pure; what others wrote is
// cleaned where it is printed.

import { type Usdc, formatDuration, formatUsdc } from "@holdfast/core";
import type { Effect } from "@holdfast/sandbox";
import { MISHAPS } from "./moment.ts";
import type { Row, VerifyReport, Violation } from "./report.ts";

/** Effects shown of one violation. */
const EFFECTS_MAX = 4;

export const HEAD: readonly string[] = [
  "with",
  "variants",
  "refs",
  "effects",
  "doubled",
  "lost",
  "in doubt",
  "verdict",
];

export function rowCells(row: Row): readonly string[] {
  const { mishap, variants, refs, effects, doubled, lost, inDoubt } = row;
  const counts = [variants, refs, effects, doubled, lost, inDoubt].map(String);
  return [MISHAPS[mishap], ...counts, verdictOf(row)];
}

function verdictOf({ violated, otherOutputs }: Row): string {
  if (violated > 0) return `VIOLATED in ${violated}`;
  return otherOutputs > 0 ? `ok; other output in ${otherOutputs}` : "ok";
}

export function cleanLine({ workflow, id, clean }: VerifyReport): string {
  const { status, refs, effects, tookMs } = clean;
  const took = `after ${formatDuration(tookMs)} of virtual time`;
  return `${workflow} as "${id}": the clean run is ${status} ${took}, with ${effects} effects under ${refs} refs.`;
}

/** The first violation of each kind, with its effects; all of them stand in the JSON. */
export function violationLines({ violations }: VerifyReport): readonly string[] {
  const kinds = Map.groupBy(violations, ({ fault, mishap = "" }) => `${fault} ${mishap}`);
  return [...kinds.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : linesOf(first, others.length),
  );
}

function linesOf({ at, message, effects }: Violation, others: number): readonly string[] {
  return [
    "",
    `VIOLATED at: ${at}`,
    `  ${message}`,
    ...effects.slice(0, EFFECTS_MAX).map((effect) => `  ${effectLine(effect)}`),
    ...(others === 0 ? [] : [`  ${others} more like it: --json lists them.`]),
  ];
}

export function effectLine({ id, operation, amountMicros, at, key, ref }: Effect): string {
  const amount = formatUsdc(BigInt(amountMicros) as Usdc);
  const when = new Date(at).toISOString();
  return `effect ${id}: ${operation} ${amount} USDC at ${when}, key ${key ?? "none"}, ref ${ref ?? "none"}`;
}

export function verdictLines(report: VerifyReport): readonly string[] {
  const { rows, clean, violations, notTried, notTriedOfEffects, notMet } = report;
  const variants = rows.reduce((sum, row) => sum + row.variants, 0);
  const limits = [
    ...(notTried > 0
      ? [
          `Not tried: ${notTried} further moments, ${notTriedOfEffects} of them about an effect; raise --max or --max-seconds.`,
        ]
      : []),
    ...(notMet > 0
      ? [`Not met: ${notMet} moments did not come again; the agent took another way.`]
      : []),
  ];
  switch (report.verdict) {
    case "proven":
      return [
        `Proven in ${variants} variants: each left ${clean.effects} effects for ${clean.refs} refs, none twice and none lost.`,
        ...limits,
      ];
    case "violated":
      return [`VIOLATED: ${violations.length} times in ${variants} variants.`, ...limits];
    case "no-effects":
      return [
        `Nothing proven: the clean run had no effect at the venue (it is ${clean.status}). Give an --input with which it acts, or watch it for longer with --for.`,
      ];
    case "untried":
      return ["Nothing proven: no variant came to its end.", ...limits];
  }
}
