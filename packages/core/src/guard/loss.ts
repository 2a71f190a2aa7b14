// Losses of an agent: its equity against its highest and against that of the day's begin. Both are kept on disk, so
// that a restart forgets neither. Pure.

import { type Usdc, formatUsdc, micros } from "../base/money.ts";
import { spanEnd, spanStart } from "./budget.ts";
import type { Loss } from "./limits.ts";
import type { Mode, ModeCause } from "./mode.ts";
import { percent } from "./percent.ts";

/** Stands for an equity that nobody has told: from nothing, nothing can be lost. */
const UNKNOWN: Usdc = micros(0);

/** What is kept of an agent's equity. */
export interface EquityState {
  readonly equity: Usdc;
  /** What can be spent; the equity where nobody said. */
  readonly available: Usdc;
  /** The highest so far, less what was taken out since. */
  readonly peak: Usdc;
  /** First millisecond of the day, and the first equity in it. */
  readonly day: number;
  readonly dayEquity: Usdc;
  readonly at: number;
}

/** A mode that losses ask for. */
export interface LossMode {
  readonly cause: ModeCause;
  readonly mode: Mode;
  readonly reason: string;
  readonly until: number | undefined;
}

/** The state after an equity was heard. */
export function observeEquity(
  before: EquityState | undefined,
  heard: { readonly equity: Usdc; readonly available?: Usdc | undefined },
  at: number,
): EquityState {
  const { equity, available = equity } = heard;
  const day = spanStart("day", at);
  const known = before === undefined || before.peak === UNKNOWN ? undefined : before;
  const isNewDay = known === undefined || known.day < day;
  return {
    equity,
    available,
    peak: known === undefined || equity > known.peak ? equity : known.peak,
    day: isNewDay ? day : known.day,
    dayEquity: isNewDay ? equity : known.dayEquity,
    at,
  };
}

/** The state after it was heard what can be spent, and nothing of what positions are worth. */
export function observeAvailable(
  before: EquityState | undefined,
  available: Usdc,
  at: number,
): EquityState {
  if (before !== undefined) return { ...before, available, at };
  const day = spanStart("day", at);
  return { equity: UNKNOWN, available, peak: UNKNOWN, day, dayEquity: UNKNOWN, at };
}

/** The state after money came or went that is no gain or loss: what it is compared with moves along. */
export function observeFlow(before: EquityState, amount: Usdc): EquityState {
  const moved = (value: Usdc): Usdc => (value === UNKNOWN ? UNKNOWN : micros(value + amount));
  return {
    ...before,
    equity: moved(before.equity),
    available: moved(before.available),
    peak: moved(before.peak),
    dayEquity: moved(before.dayEquity),
  };
}

/** What a state asks for. */
export function lossModes(state: EquityState, limits: Loss): readonly LossMode[] {
  const { equity, available, peak, dayEquity } = state;
  const found: LossMode[] = [];
  const { drawdown, day, minBalance } = limits;
  if (minBalance !== undefined && available < minBalance) {
    const reason = `${formatUsdc(available)} USDC are left, and ${formatUsdc(minBalance)} is the least`;
    found.push({ cause: "balance", mode: "HALTED", reason, until: undefined });
  }
  if (drawdown !== undefined && fallen(peak, equity) > drawdown) {
    const reason = `equity is ${formatUsdc(equity)} USDC, ${percent(fallen(peak, equity))} below its peak of ${formatUsdc(peak)}`;
    found.push({ cause: "drawdown", mode: "HALTED", reason, until: undefined });
  }
  if (day !== undefined && fallen(dayEquity, equity) > day) {
    const reason = `equity is ${formatUsdc(equity)} USDC, ${percent(fallen(dayEquity, equity))} below that of the day's begin`;
    const until = spanEnd("day", state.day);
    found.push({ cause: "day-loss", mode: "REDUCE_ONLY", reason, until });
  }
  return found;
}

function fallen(from: Usdc, to: Usdc): number {
  return from <= 0n ? 0 : Number(from - to) / Number(from);
}
