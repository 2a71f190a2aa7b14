// The checks that a command passes before its intent is recorded, in their order. All are made and recorded; the
// first that denies is the one that is told. Pure: what they need to know is given.

import type { GuardedCommand } from "../activity/command.ts";
import { type Usdc, formatUsdc, micros } from "../base/money.ts";
import { type Budget, type CounterKey, type Tracker, countersOf, valuesOf } from "./budget.ts";
import type { Limits } from "./limits.ts";
import { liquidationDistance } from "./liquidation.ts";
import { CLOSE_ALL, type Mode, type ModeRow, letsThrough, scopesOf, strictest } from "./mode.ts";
import { percent } from "./percent.ts";
import { type GuardPolicy, limitsFor } from "./policy.ts";

/** In the order in which they are made. */
export const CHECKS = [
  "MODE",
  "VERSION_FENCED",
  "INVALID",
  "DUPLICATE_INTENT",
  "RESTRICTED",
  "STALE_PRICE",
  "PRICE_BAND",
  "MAX_NOTIONAL",
  "MAX_LEVERAGE",
  "MAX_POSITIONS",
  "MAX_EXPOSURE",
  "LIQUIDATION",
  "BUDGET",
  "THROTTLED",
  "NEGATIVE_EDGE",
  "NEEDS_APPROVAL",
] as const;

export type Check = (typeof CHECKS)[number];

/** Those that a command which reduces passes, too; it is spared all others. */
const FOR_ALL: ReadonlySet<Check> = new Set<Check>([
  "MODE",
  "VERSION_FENCED",
  "INVALID",
  "RESTRICTED",
]);

export interface CheckResult {
  readonly check: Check;
  readonly result: "ok" | "denied" | "warned" | "asked" | "spared";
  /** Why, where there is something to say. */
  readonly note: string | undefined;
  /** The mode that denied it, where one did. */
  readonly mode?: Mode | undefined;
}

/** An effect that is about to be recorded. */
export interface GuardedEffect {
  readonly key: string;
  readonly ref: string;
  readonly account: string;
  readonly workflow: string;
  /** Names of venues, joined by commas. */
  readonly venue: string;
  readonly command: GuardedCommand;
}

/** What the checks look at, as it stands in the transaction that records the effect. */
export interface Standing {
  /** Milliseconds since the epoch; never before an instant at which something was decided. */
  readonly now: number;
  readonly modes: readonly ModeRow[];
  /** The newest version of a policy that has decided anything. */
  readonly newestVersion: number;
  /** The last command that is the same, but for its key. */
  readonly twin: { readonly ref: string; readonly at: number } | undefined;
  readonly mark: { readonly price: Usdc; readonly at: number } | undefined;
  /** Of the agent: what is open, and what may yet be, effects in doubt included. */
  readonly positions: number;
  readonly exposure: Usdc;
  /** What a counter has counted. */
  readonly counted: (counter: CounterKey) => { readonly amount: Usdc; readonly count: number };
  /** Whether somebody has been paid before. */
  readonly isKnown: (counterparty: string) => boolean;
  /** The command that a person has said yes to is this one, and the word still holds. */
  readonly isApproved: boolean;
}

export interface Judgement {
  /** All, in their order. */
  readonly checks: readonly CheckResult[];
  /** The first that denies. */
  readonly denied: CheckResult | undefined;
  /** Why a person is asked first; only where nothing denies. */
  readonly asked: CheckResult | undefined;
}

interface Judged {
  readonly effect: GuardedEffect;
  readonly policy: GuardPolicy;
  readonly limits: Limits;
  readonly standing: Standing;
}

interface Word extends Pick<CheckResult, "result" | "mode"> {
  readonly note?: string;
}

const OK: Word = { result: "ok" };

/**
 * Decides whether an effect may be recorded, and so sent.
 *
 * @example
 * decide(effect, policy, standing).denied?.check; // "BUDGET"
 */
export function decide(effect: GuardedEffect, policy: GuardPolicy, standing: Standing): Judgement {
  const judged: Judged = { effect, policy, limits: limitsFor(policy, effect.account), standing };
  const isSpared = effect.command.kind === "reduce";
  const checks = CHECKS.map((check): CheckResult => {
    const word: Word =
      isSpared && !FOR_ALL.has(check) ? { result: "spared" } : JUDGES[check](judged);
    return { check, result: word.result, note: word.note, mode: word.mode };
  });
  const denied = checks.find(({ result }) => result === "denied");
  const asked = denied === undefined ? checks.find(({ result }) => result === "asked") : undefined;
  return { checks, denied, asked };
}

/** What modes alone say of a command: all that is asked where a project has no guard. */
export function modeOf(
  of: { readonly account: string; readonly workflow: string; readonly venue: string },
  command: Pick<GuardedCommand, "kind" | "symbol"> | undefined,
  modes: readonly ModeRow[],
  now: number,
): ModeRow | undefined {
  const venues = of.venue === "" ? [] : of.venue.split(",");
  const scopes = scopesOf({ account: of.account, venues, symbol: command?.symbol });
  const row = strictest(modes, scopes, now);
  return letsThrough(row, command?.kind ?? "open", of.workflow) ? undefined : row;
}

const JUDGES: Readonly<Record<Check, (judged: Judged) => Word>> = {
  MODE({ effect, standing }) {
    const row = modeOf(effect, effect.command, standing.modes, standing.now);
    if (row === undefined) return OK;
    const since = instant(row.since);
    const note = `${row.scope} is ${row.mode} since ${since} (${row.cause}: ${row.reason})`;
    return { ...denied(note), mode: row.mode };
  },
  VERSION_FENCED({ policy, standing }) {
    if (policy.version >= standing.newestVersion) return OK;
    return denied(
      `this process has version ${policy.version} of the guard, and version ${standing.newestVersion} decides already`,
    );
  },
  INVALID({ effect: { command } }) {
    const { amount, notional = amount, leverage = 1, limitPrice } = command;
    if (amount < 0n || notional < 0n) return denied("its amount is below zero");
    if (!(leverage > 0)) return denied(`its leverage is ${leverage}`);
    if (limitPrice !== undefined && limitPrice <= 0n)
      return denied("its limit price is not above zero");
    return OK;
  },
  DUPLICATE_INTENT({ limits: { duplicates }, standing: { twin, now } }) {
    if (duplicates === undefined || twin === undefined) return OK;
    if (now - twin.at >= duplicates.withinMs) return OK;
    const note = `${twin.ref} was the same, ${now - twin.at} ms before`;
    return { result: duplicates.action === "deny" ? "denied" : "warned", note };
  },
  RESTRICTED({ effect, limits: { only, never } }) {
    const { operation, symbol, counterparty, kind } = effect.command;
    // Lists may have changed since it was opened: whatever a halt closes may be closed.
    if (kind === "reduce" && effect.workflow === CLOSE_ALL) return { result: "spared" };
    const venues = effect.venue === "" ? [] : effect.venue.split(",");
    const named = {
      operations: [operation],
      symbols: symbol === undefined || kind === "reduce" ? [] : [symbol],
      counterparties: counterparty === undefined ? [] : [counterparty],
      venues,
    } as const;
    for (const list of ["operations", "symbols", "counterparties", "venues"] as const) {
      const barred = named[list].find(
        (name) => never[list]?.includes(name) === true || only[list]?.includes(name) === false,
      );
      if (barred !== undefined)
        return denied(`"${barred}" is not among the ${list} that are allowed`);
    }
    return OK;
  },
  STALE_PRICE({ effect: { command }, limits: { freshness }, standing: { mark, now } }) {
    if (freshness === undefined || command.symbol === undefined) return OK;
    if (mark === undefined) return denied(`no price of ${command.symbol} was heard; ${READ_IT}`);
    const limit = command.limitPrice === undefined ? freshness.marketMs : freshness.priceMs;
    if (now - mark.at <= limit) return OK;
    return denied(
      `the price of ${command.symbol} is ${now - mark.at} ms old, and ${limit} ms are allowed; ${READ_IT}`,
    );
  },
  PRICE_BAND({ effect: { command }, limits: { priceBand }, standing: { mark } }) {
    const { limitPrice, symbol } = command;
    if (priceBand === undefined || limitPrice === undefined) return OK;
    if (mark === undefined) return denied(`no price of ${symbol} was heard to compare with`);
    const apart = Math.abs(Number(limitPrice - mark.price)) / Number(mark.price);
    if (apart <= priceBand) return OK;
    return denied(
      `${formatUsdc(limitPrice)} is ${percent(apart)} from the mark ${formatUsdc(mark.price)}, and ${percent(priceBand)} is allowed`,
    );
  },
  MAX_NOTIONAL({ effect, limits: { maxNotional } }) {
    return within("it moves", notionalOf(effect.command), maxNotional);
  },
  MAX_LEVERAGE({ effect, limits: { maxLeverage } }) {
    const { leverage = 1 } = effect.command;
    if (maxLeverage === undefined || leverage <= maxLeverage) return OK;
    return denied(`its leverage is ${leverage}, and ${maxLeverage} is allowed`);
  },
  MAX_POSITIONS({ effect, limits: { maxPositions }, standing }) {
    if (maxPositions === undefined || effect.command.symbol === undefined) return OK;
    const positions = standing.positions + 1;
    if (positions <= maxPositions) return OK;
    return denied(
      `it would be position ${positions}, those on their way included, and ${maxPositions} are allowed`,
    );
  },
  MAX_EXPOSURE({ effect, limits: { maxExposure }, standing }) {
    if (effect.command.symbol === undefined) return OK;
    const after = micros(standing.exposure + notionalOf(effect.command));
    return within("the agent would hold, all that is on its way included,", after, maxExposure);
  },
  LIQUIDATION({ effect: { command }, limits }) {
    if (limits.liquidationDistance === undefined || command.symbol === undefined) return OK;
    const distance = liquidationDistance(command.leverage ?? 1);
    if (distance >= limits.liquidationDistance) return OK;
    return denied(
      `it would be liquidated ${percent(distance)} from its price, and ${percent(limits.liquidationDistance)} is the least`,
    );
  },
  BUDGET(judged) {
    for (const budget of judged.policy.budgets) {
      const word = overBudget(budget, judged);
      if (word !== undefined) return word;
    }
    return OK;
  },
  THROTTLED({ effect, limits: { rate }, standing }) {
    for (const { span, count } of rate) {
      const counters = countersOf([{ per: "agent", span }], effect, standing.now);
      const over = counters.some((counter) => standing.counted(counter).count >= count);
      if (over)
        return denied(`agent ${effect.account} has sent ${count} commands in this ${span} already`);
    }
    return OK;
  },
  NEGATIVE_EDGE(judged) {
    const { effect, limits, standing } = judged;
    const { edge = 0, operation, amount } = effect.command;
    if (edge >= 0) return OK;
    const bet = limits.bets.find((one) => one.operation === operation);
    if (bet === undefined)
      return denied(
        `${operation} brings ${percent(edge)} on average; allow it with bets, and say why`,
      );
    const counters = countersOf([EDGE], effect, standing.now);
    const staked = counters.reduce((sum, counter) => sum + standing.counted(counter).amount, 0n);
    if (staked + amount <= bet.allowance) return { result: "ok", note: `meant: ${bet.because}` };
    return denied(
      `${formatUsdc(micros(staked))} of ${formatUsdc(bet.allowance)} USDC are staked today, and it would stake ${formatUsdc(amount)}`,
    );
  },
  NEEDS_APPROVAL({ effect, policy: { approval }, standing }) {
    if (approval === undefined) return OK;
    const why = askedFor(effect, approval, standing);
    if (why === undefined) return OK;
    return { result: standing.isApproved ? "ok" : "asked", note: why };
  },
};

/** What to do about a price that is not there, or old. */
const READ_IT = 'let the agent read it just before (getPrices), or set freshness: "off"';

const EDGE: Tracker = { per: "edge", span: "day" };

function askedFor(
  { command, account }: GuardedEffect,
  approval: NonNullable<GuardPolicy["approval"]>,
  { isKnown }: Standing,
): string | undefined {
  const { above, newCounterparty, rules } = approval;
  if (above !== undefined && command.amount > above)
    return `it may cost ${formatUsdc(command.amount)} USDC, and above ${formatUsdc(above)} a person is asked`;
  if (newCounterparty && command.counterparty !== undefined && !isKnown(command.counterparty))
    return `${command.counterparty} has never been paid`;
  const rule = rules.find(({ when }) => when(command, { account }));
  return rule === undefined ? undefined : `rule "${rule.name}"`;
}

function overBudget(budget: Budget, { effect, standing }: Judged): Word | undefined {
  const { amount } = effect.command;
  for (const value of valuesOf(budget.per, effect)) {
    if (budget.of !== undefined && budget.of !== value) continue;
    const counters = countersOf([budget], effect, standing.now);
    const counter = counters.find((one) => one.value === value);
    const spent = counter === undefined ? 0n : standing.counted(counter).amount;
    if (spent + amount <= budget.limit) continue;
    return denied(
      `${formatUsdc(micros(spent))} of ${formatUsdc(budget.limit)} USDC of budget ${budget.name} (${value}) are spent or reserved, and it may cost ${formatUsdc(amount)}`,
    );
  }
  return undefined;
}

function within(what: string, amount: Usdc, limit: Usdc | undefined): Word {
  if (limit === undefined || amount <= limit) return OK;
  return denied(`${what} ${formatUsdc(amount)} USDC, and ${formatUsdc(limit)} is allowed`);
}

/** What a command moves. */
export function notionalOf({ amount, notional = amount }: GuardedCommand): Usdc {
  return notional;
}

function denied(note: string): Word {
  return { result: "denied", note };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
