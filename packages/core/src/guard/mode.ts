// Modes: what is let through at all, for the whole project, one agent, one venue or one symbol. Each cause keeps a
// mode of its own for its scope; the strictest that concerns a command counts.

import type { GuardedCommand } from "../activity/command.ts";
import { HoldfastError } from "../base/error.ts";

/**
 * `FULL`: everything; `REDUCE_ONLY`: what closes, cancels or takes money back; `OBSERVATION`: reads alone;
 * `HALTED`: reads alone, until a person says otherwise.
 */
export type Mode = "FULL" | "REDUCE_ONLY" | "OBSERVATION" | "HALTED";

/** From the freest to the strictest. */
export const MODES: readonly Mode[] = ["FULL", "REDUCE_ONLY", "OBSERVATION", "HALTED"];

/** Why a scope is in a mode. Those that latch are lifted by a person alone. */
export type ModeCause =
  /** A person's kill switch. */
  | "halt"
  /** Equity fell too far below its peak. */
  | "drawdown"
  /** Less is left than the least that must be. */
  | "balance"
  /** Too much was lost since the day began; over with the day. */
  | "day-loss"
  /** The venue's writes fail. */
  | "breaker"
  /** No price was heard for too long. */
  | "feed";

export const LATCHED: ReadonlySet<ModeCause> = new Set([
  "halt",
  "drawdown",
  "balance",
] satisfies readonly ModeCause[]);

/** A mode that is on, or is about to go. Instants are milliseconds since the epoch. */
export interface ModeRow {
  /** "project", "agent:alpha", "venue:purpleflea" or "symbol:BTC-PERP". */
  readonly scope: string;
  readonly cause: ModeCause;
  readonly mode: Mode;
  readonly reason: string;
  /** Who: a person, or "guard". */
  readonly actor: string;
  readonly since: number;
  /** When it is over by itself; undefined while its cause lasts, or where a person must lift it. */
  readonly until: number | undefined;
}

/** A change of one cause's mode in one scope, as it is told to people. */
export interface ModeChange {
  readonly scope: string;
  readonly cause: ModeCause;
  /** Absent where there was none. */
  readonly from: Mode | undefined;
  /** Absent where it is over. */
  readonly to: Mode | undefined;
  readonly reason: string;
  readonly actor: string;
  readonly at: number;
}

/** What a command concerns, as far as modes have scopes. */
export interface Concerned {
  readonly account: string;
  /** Names of venues. */
  readonly venues: readonly string[];
  readonly symbol?: string | undefined;
}

/** The scopes whose modes count for it. */
export function scopesOf({ account, venues, symbol }: Concerned): readonly string[] {
  const scopes = ["project", `agent:${account}`, ...venues.map((name) => `venue:${name}`)];
  if (symbol !== undefined) scopes.push(`symbol:${symbol}`);
  return scopes;
}

/** The strictest of the modes that are on in these scopes; undefined where everything is let through. */
export function strictest(
  rows: readonly ModeRow[],
  scopes: readonly string[],
  now: number,
): ModeRow | undefined {
  let found: ModeRow | undefined;
  for (const row of rows) {
    if (!scopes.includes(row.scope) || (row.until !== undefined && row.until <= now)) continue;
    if (found === undefined || strictness(row.mode) > strictness(found.mode)) found = row;
  }
  return found?.mode === "FULL" ? undefined : found;
}

/**
 * Those that hold back what was let through before. An open breaker does that itself, and lets one through to find
 * out whether its venue is back.
 */
export function holding(rows: readonly ModeRow[]): readonly ModeRow[] {
  return rows.filter(({ cause }) => cause !== "breaker");
}

export function strictness(mode: Mode): number {
  return MODES.indexOf(mode);
}

/** The workflow that closes everything while its scope is halted. */
export const CLOSE_ALL = "holdfast.closeAll";

/** Whether a mode lets a command through. */
export function letsThrough(
  row: Pick<ModeRow, "mode"> | undefined,
  kind: GuardedCommand["kind"],
  workflow: string,
): boolean {
  if (row === undefined || row.mode === "FULL") return true;
  if (kind !== "reduce") return false;
  return row.mode === "REDUCE_ONLY" || workflow === CLOSE_ALL;
}

const SCOPE = /^(?:project|(?:agent|venue|symbol):[^\s:]{1,200})$/u;

/**
 * Reads a scope as people write it.
 *
 * @throws HF-GUARD-INVALID
 * @example
 * parseScope("agent:alpha"); // "agent:alpha"
 */
export function parseScope(text: string): string {
  if (SCOPE.test(text)) return text;
  throw new HoldfastError(
    "HF-GUARD-INVALID",
    `Cannot read ${JSON.stringify(text)} as a scope: expected "project", "agent:NAME", "venue:NAME" or "symbol:NAME".`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
