// What answers of the venue tell is kept here: prices, equity, positions. From it come the modes of losses and feeds.

import { type GuardPolicy, type ModeChange, type Observation, micros } from "@holdfast/core";
import {
  type EquityState,
  limitsFor,
  lossModes,
  observeAvailable,
  observeEquity,
  observeFlow,
} from "@holdfast/core/internal";
import { GUARD, endMode, endModes, putMode } from "./modes.ts";
import { type Row, type Steps, first, integer, number, rows, text } from "./steps.ts";

/** Whose answer it is. */
export interface Observed {
  readonly account: string;
  /** Names of venues, joined by commas. */
  readonly venue: string;
}

/** Takes in what an answer has told. Gives the modes that changed by it. */
export function* observe(
  policy: GuardPolicy,
  of: Observed,
  observations: readonly Observation[],
  now: number,
): Steps<readonly ModeChange[]> {
  const changes: ModeChange[] = [];
  for (const seen of observations) {
    switch (seen.kind) {
      case "mark":
        yield* keepMark(of, seen, now);
        if (policy.feeds?.symbols.has(seen.symbol) === true)
          yield* endMode(
            { scope: `symbol:${seen.symbol}`, cause: "feed" },
            now + policy.feeds.steadyMs,
          );
        break;
      case "equity": {
        const before = yield* equityOf(of);
        const state = observeEquity(before, seen, now);
        yield* keepEquity(of, state);
        changes.push(...(yield* applyLosses(policy, of, state, now)));
        break;
      }
      case "available": {
        const state = observeAvailable(yield* equityOf(of), seen.available, now);
        yield* keepEquity(of, state);
        changes.push(...(yield* applyLosses(policy, of, state, now)));
        break;
      }
      case "flow": {
        const before = yield* equityOf(of);
        if (before !== undefined) yield* keepEquity(of, observeFlow(before, seen.amount));
        break;
      }
      case "positions":
        yield* rows(
          "DELETE FROM guard_position WHERE account = ? AND venue = ?",
          of.account,
          of.venue,
        );
        for (const position of seen.positions) yield* keepPosition(of, position);
        break;
      case "position":
        yield* keepPosition(of, seen.position);
        break;
    }
  }
  return changes;
}

function* keepMark(
  { venue }: Observed,
  { symbol, price, at }: Observation & { readonly kind: "mark" },
  now: number,
): Steps<void> {
  // A venue's clock that runs ahead makes no price younger than it is.
  yield* rows(
    `INSERT INTO guard_mark (venue, symbol, price, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (venue, symbol) DO UPDATE SET price = excluded.price, at = excluded.at
     WHERE excluded.at >= guard_mark.at`,
    venue,
    symbol,
    price,
    Math.min(at ?? now, now),
  );
}

export interface Mark {
  readonly venue: string;
  readonly symbol: string;
  readonly price: ReturnType<typeof micros>;
  readonly at: number;
}

export function* markOf(venue: string, symbol: string): Steps<Mark | undefined> {
  const found = yield* first(
    "SELECT price, at FROM guard_mark WHERE venue = ? AND symbol = ?",
    venue,
    symbol,
  );
  if (found === undefined) return undefined;
  return { venue, symbol, price: micros(integer(found["price"])), at: number(found["at"]) };
}

function* keepPosition(
  { account, venue }: Observed,
  {
    id,
    symbol,
    notional,
  }: { readonly id: string; readonly symbol?: string; readonly notional: bigint },
): Steps<void> {
  yield* rows(
    "DELETE FROM guard_position WHERE account = ? AND venue = ? AND id = ?",
    account,
    venue,
    id,
  );
  if (notional === 0n) return;
  yield* rows(
    "INSERT INTO guard_position (account, venue, id, symbol, notional) VALUES (?, ?, ?, ?, ?)",
    account,
    venue,
    id,
    symbol ?? "",
    notional < 0n ? -notional : notional,
  );
}

export function* equityOf({ account, venue }: Observed): Steps<EquityState | undefined> {
  const found = yield* first(
    `SELECT ${EQUITY_COLUMNS} FROM guard_equity WHERE account = ? AND venue = ?`,
    account,
    venue,
  );
  return found === undefined ? undefined : equityIn(found);
}

export const EQUITY_COLUMNS = "equity, available, peak, day, day_equity, at";

export function equityIn(row: Row): EquityState {
  return {
    equity: micros(integer(row["equity"])),
    available: micros(integer(row["available"])),
    peak: micros(integer(row["peak"])),
    day: number(row["day"]),
    dayEquity: micros(integer(row["day_equity"])),
    at: number(row["at"]),
  };
}

export function* keepEquity({ account, venue }: Observed, state: EquityState): Steps<void> {
  yield* rows(
    `INSERT INTO guard_equity (account, venue, equity, available, peak, day, day_equity, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account, venue) DO UPDATE SET equity = excluded.equity, available = excluded.available,
       peak = excluded.peak, day = excluded.day, day_equity = excluded.day_equity, at = excluded.at`,
    account,
    venue,
    state.equity,
    state.available,
    state.peak,
    state.day,
    state.dayEquity,
    state.at,
  );
}

function* applyLosses(
  policy: GuardPolicy,
  { account }: Observed,
  state: EquityState,
  now: number,
): Steps<readonly ModeChange[]> {
  const changes: ModeChange[] = [];
  const scope = `agent:${account}`;
  for (const wanted of lossModes(state, limitsFor(policy, account).loss)) {
    changes.push(...(yield* putMode({ ...wanted, scope, actor: GUARD }, now)));
  }
  return changes;
}

/** What changes by time alone, and when to look again. */
export interface Assessment {
  readonly changes: readonly ModeChange[];
  /** Undefined where nothing will change by itself. */
  readonly nextAt: number | undefined;
}

/** Looks whether feeds have fallen silent and modes are over. */
export function* assess(policy: GuardPolicy | undefined, now: number): Steps<Assessment> {
  const changes: ModeChange[] = [];
  let nextAt: number | undefined;
  if (policy?.feeds !== undefined) {
    const { symbols, staleMs } = policy.feeds;
    for (const mark of yield* rows(
      "SELECT symbol, MAX(at) AS at FROM guard_mark GROUP BY symbol",
    )) {
      const symbol = text(mark["symbol"]);
      if (!symbols.has(symbol)) continue;
      const staleAt = number(mark["at"]) + staleMs + 1;
      if (staleAt > now) {
        nextAt = Math.min(nextAt ?? staleAt, staleAt);
        continue;
      }
      const reason = `no price of ${symbol} for ${staleMs} ms`;
      const wanted = {
        scope: `symbol:${symbol}`,
        cause: "feed",
        mode: "OBSERVATION",
        reason,
        actor: GUARD,
      } as const;
      changes.push(...(yield* putMode(wanted, now)));
    }
  }
  const ended = yield* endModes(now);
  const instants = [nextAt, ended.nextAt].filter((at) => at !== undefined);
  return {
    changes: [...changes, ...ended.changes],
    nextAt: instants.length === 0 ? undefined : Math.min(...instants),
  };
}
