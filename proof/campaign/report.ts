// What a campaign came to, for people: the generated part of a page, between two markers, and lines for the terminal.
// Pure.

import { CRASHES } from "./crashes.ts";
import { KINDS as KILLS } from "./kill/kinds.ts";
import type { Options } from "./options.ts";
import { grouped, inWords } from "./progress.ts";
import { type Counts, type Tally, isClean, sumOf } from "./tally.ts";
import { STRIKING } from "./weather.ts";

export const BEGIN = "<!-- campaign: begin. Written by `npm run campaign -- --report FILE`. -->";
export const END = "<!-- campaign: end -->";

/** A pattern, and what was counted. */
export interface Shown {
  readonly name: string;
  readonly from: string;
  readonly tally: Tally;
  readonly isAsItMust: boolean;
}

export interface Outcome {
  readonly options: Options;
  readonly tally: Tally;
  readonly patterns: readonly Shown[];
  /** Tasks that ended with an error, in words. */
  readonly failed: readonly string[];
  /** True where it was interrupted. */
  readonly isPartial: boolean;
  readonly durationMs: number;
  /** Where and when. */
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
}

/** True where everything was done, and all of it is as it must be. */
export function isGood({ tally, patterns, failed, isPartial }: Outcome): boolean {
  const seen = patterns.every(({ isAsItMust }) => isAsItMust);
  return isClean(tally) && seen && failed.length === 0 && !isPartial;
}

/** The command that makes these figures. */
export function commandOf({ effects, crashes, kills, seed }: Options): string {
  return `npm run campaign -- --effects ${effects} --crashes ${crashes} --kills ${kills} --seed ${seed}`;
}

export function summary(outcome: Outcome): string {
  const { tally, isPartial, durationMs } = outcome;
  const { expected, effects, doubled, lost, foreign, unresolved } = tally;
  return [
    ...(isPartial ? ["Partial: it was interrupted, and counts what had ended by then."] : []),
    `${grouped(expected)} decisions, ${grouped(effects)} effects at the venue's ledger: ` +
      `${doubled} doubled, ${lost} lost, ${foreign} foreign, ${unresolved} left open.`,
    `${grouped(sumOf(tally.crashes))} crashes of the engine, ${grouped(tally.venueCrashes)} of the venue, ` +
      `${grouped(sumOf(tally.kills))} processes killed, ${grouped(sumOf(tally.faults))} requests struck; ${inWords(durationMs)}.`,
    ...outcome.patterns
      .filter(({ isAsItMust }) => !isAsItMust)
      .map(({ name }) => `The pattern "${name}" did not show what it must.`),
    ...tally.problems,
    ...outcome.failed,
  ].join("\n");
}

/** The generated part of the page. */
export function markdown(outcome: Outcome): string {
  const { tally, patterns, isPartial, options } = outcome;
  const { expected, effects, doubled, lost, foreign, unresolved } = tally;
  const wrong = [...tally.problems, ...outcome.failed];
  return [
    ...(isPartial ? ["**Partial: it was interrupted, and counts what had ended by then.**"] : []),
    `\`${commandOf(options)}\`, ${outcome.date}, commit ${outcome.commit}, ${outcome.machine}, ${inWords(outcome.durationMs)}.`,
    table(
      ["Decided beforehand", "Effects at the ledger", "Doubled", "Lost", "Foreign", "Left open"],
      [[expected, effects, doubled, lost, foreign, unresolved].map(grouped)],
    ),
    table(
      ["What happened besides", "Times"],
      [
        ["decided anew, because the venue refused", grouped(tally.refused)],
        ["decided anew, because its time was over before it took effect", grouped(tally.late)],
        ["repetitions that the venue answered from memory", grouped(tally.replays)],
        ["questions what became of a key", grouped(tally.asked)],
        ["in doubt, and settled by a person who looked at the ledger", grouped(tally.byHand)],
        ["the venue died and was started on its file", grouped(tally.venueCrashes)],
        ["the clock jumped, forth or back", grouped(tally.clockJumps)],
      ],
    ),
    counted("The engine was dropped and reopened", tally.crashes, CRASHES),
    counted("Processes were ended by kill -9", tally.kills, KILLS),
    counted("A fault struck", tally.faults, STRIKING),
    counted("Effects by operation", tally.operations, []),
    ...(patterns.length === 0 ? [] : [patternTable(patterns)]),
    ...(wrong.length === 0 ? [] : [["What is wrong:", "", ...wrong.map(item)].join("\n")]),
  ].join("\n\n");
}

function patternTable(patterns: readonly Shown[]): string {
  return table(
    ["The same with", "which is", "Decided", "Effects", "Doubled", "Lost"],
    patterns.map(({ name, from, tally }) => [
      name,
      from,
      ...[tally.expected, tally.effects, tally.doubled, tally.lost].map(grouped),
    ]),
  );
}

/** Those that are expected come first, at 0 where there were none. */
function counted(what: string, counts: Counts, expected: readonly string[]): string {
  const names = [...new Set([...expected, ...Object.keys(counts).toSorted()])];
  const rows = names.map((name) => [name, grouped(counts[name] ?? 0)]);
  return table([what, "Times"], [...rows, ["all", grouped(sumOf(counts))]]);
}

/** As the formatter would have it: columns of one width. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, at) =>
    Math.max(3, cell.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n");
}

function item(text: string): string {
  return `- ${text.replaceAll("\n", " ")}`;
}

/** Thrown where a page has no place for the figures. */
export class NoPlaceError extends Error {}

/**
 * A page with its generated part in the place of the one before; everything else is left as it is. An empty page
 * gets a part of its own.
 *
 * @throws NoPlaceError where there is a page without markers, or with only one
 */
export function withReport(page: string, generated: string): string {
  const part = `${BEGIN}\n\n${generated}\n\n${END}`;
  if (page.trim() === "") return `${part}\n`;
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from || page.indexOf(BEGIN, from + 1) !== -1) {
    throw new NoPlaceError(
      `Cannot write the figures: the page must hold these two lines once, in this order.\n${BEGIN}\n${END}`,
    );
  }
  return `${page.slice(0, from)}${part}${page.slice(to + END.length)}`;
}
