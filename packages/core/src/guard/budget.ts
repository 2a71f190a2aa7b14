// Budgets and rates are counters: so much of a dimension's value ("agent" alpha) in a span of time. Spans are those
// of the calendar in UTC, so that a counter is found by the instant alone. Pure.

import type { GuardedCommand } from "../activity/command.ts";
import type { Usdc } from "../base/money.ts";

/** Whose money is counted. */
export type BudgetPer =
  | "project"
  | "agent"
  | "workflow"
  | "venue"
  | "counterparty"
  | "symbol"
  | "operation";

/** For how long it is counted. Weeks begin on Monday, all in UTC; "total" is for ever. */
export type BudgetSpan = "hour" | "day" | "week" | "total";

/** Spans of rates, beside those of budgets. */
export type Span = BudgetSpan | "second" | "minute";

export interface Budget {
  /** "agent/day", or "agent alpha/day" where it is of one alone. */
  readonly name: string;
  readonly per: BudgetPer;
  /** The one value that it is for; undefined: each has this limit for itself. */
  readonly of: string | undefined;
  readonly span: BudgetSpan;
  readonly limit: Usdc;
}

/** What a counter counts. `edge`: stakes at games that lose on average, of an agent and operation. */
export interface Tracker {
  readonly per: BudgetPer | "edge";
  readonly span: Span;
}

export interface CounterKey extends Tracker {
  readonly value: string;
  /** First millisecond of the span. */
  readonly start: number;
}

/** What counters have of an effect. */
export interface Counted {
  readonly account: string;
  readonly workflow: string;
  /** Names of venues, joined by commas. */
  readonly venue: string;
  readonly command: Pick<GuardedCommand, "operation" | "symbol" | "counterparty" | "edge">;
}

const LENGTH_MS: Readonly<Record<Exclude<Span, "total" | "week">, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
const WEEK_MS = 7 * LENGTH_MS.day;
/** The epoch was a Thursday. */
const MONDAY_MS = 4 * LENGTH_MS.day;

/**
 * The first millisecond of the span that an instant lies in, in UTC.
 *
 * @example
 * spanStart("day", Date.UTC(2026, 0, 5, 13)); // Date.UTC(2026, 0, 5)
 */
export function spanStart(span: Span, at: number): number {
  if (span === "total") return 0;
  if (span === "week") return Math.floor((at - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
  return Math.floor(at / LENGTH_MS[span]) * LENGTH_MS[span];
}

/** The first millisecond after it; undefined where it never ends. */
export function spanEnd(span: Span, at: number): number | undefined {
  if (span === "total") return undefined;
  return spanStart(span, at) + (span === "week" ? WEEK_MS : LENGTH_MS[span]);
}

/** The values of a dimension that an effect counts for; none where it has none. */
export function valuesOf(per: Tracker["per"], effect: Counted): readonly string[] {
  const { command } = effect;
  const some = (value: string | undefined): readonly string[] =>
    value === undefined ? [] : [value];
  switch (per) {
    case "project":
      return ["project"];
    case "agent":
      return [effect.account];
    case "workflow":
      return [effect.workflow];
    case "venue":
      return effect.venue === "" ? [] : effect.venue.split(",");
    case "counterparty":
      return some(command.counterparty);
    case "symbol":
      return some(command.symbol);
    case "operation":
      return [command.operation];
    case "edge":
      return (command.edge ?? 0) < 0 ? [`${effect.account} ${command.operation}`] : [];
  }
}

/** The counters that an effect is added to, of an instant. */
export function countersOf(
  trackers: readonly Tracker[],
  effect: Counted,
  at: number,
): readonly CounterKey[] {
  return trackers.flatMap(({ per, span }) =>
    valuesOf(per, effect).map((value) => ({ per, span, value, start: spanStart(span, at) })),
  );
}

/** One name for a counter, to look it up by. */
export function counterName({ per, value, span, start }: CounterKey): string {
  return `${per}/${span}/${start}/${value}`;
}
