// What a project lets its agents do: the options as people write them in `holdfast.config.ts`, read once and
// refused with the reason where they contradict each other. Pure.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { GuardedCommand } from "../activity/command.ts";
import { type Duration, durationMs } from "../base/duration.ts";
import { type Usdc, usdc } from "../base/money.ts";
import { utf8 } from "../base/utf8.ts";
import type { Budget, BudgetPer, BudgetSpan, Tracker } from "./budget.ts";
import { type LimitOptions, type Limits, invalid, limitsOf } from "./limits.ts";

export interface BudgetOptions {
  readonly per: BudgetPer;
  readonly span: BudgetSpan;
  /** Decimal string in USDC, such as "100.00". */
  readonly limit: string | Usdc;
  /** Only this agent, venue, …; else each has this limit for itself. */
  readonly of?: string;
}

export interface ApprovalOptions {
  /** A command that may cost more than this is asked for. */
  readonly above?: string | Usdc;
  /** Whoever has never been paid is asked for. */
  readonly newCounterparty?: boolean;
  /** Commands for which one of these holds are asked for; names stand in the audit. */
  readonly rules?: readonly ApprovalRule[];
  /** For how long an answer is waited for. Default 24 h. */
  readonly expires?: Duration;
  /** Whether whoever asked may answer. Default false. */
  readonly bySamePerson?: boolean;
}

export interface ApprovalRule {
  readonly name: string;
  readonly when: (command: GuardedCommand, of: { readonly account: string }) => boolean;
}

export interface FeedOptions {
  /** Symbols whose prices must keep coming. */
  readonly symbols: readonly string[];
  /** Without a price for so long, a symbol is in OBSERVATION. Default 60 s. */
  readonly staleAfter?: Duration;
  /** For so long prices must have come again before it is FULL. Default 10 s. */
  readonly steadyFor?: Duration;
}

export interface GuardOptions extends LimitOptions {
  /** Grows with each change that all processes must know: one with an older version decides nothing. Default 1. */
  readonly version?: number;
  /** What may be spent; "none" where that is meant. */
  readonly budgets: readonly BudgetOptions[] | "none";
  /** Limits of single agents, in place of those for all. */
  readonly agents?: Readonly<Record<string, LimitOptions>>;
  readonly approval?: ApprovalOptions;
  readonly feeds?: FeedOptions;
  /** Names of money activities that say nothing to the guard and are let through all the same. Default: none. */
  readonly unguarded?: readonly string[];
}

export interface Approval {
  readonly above: Usdc | undefined;
  readonly newCounterparty: boolean;
  readonly rules: readonly ApprovalRule[];
  readonly expiresMs: number;
  readonly bySamePerson: boolean;
}

export interface Feeds {
  readonly symbols: ReadonlySet<string>;
  readonly staleMs: number;
  readonly steadyMs: number;
}

/** A policy as it was read; made by `guard`. */
export interface GuardPolicy {
  readonly kind: "guard";
  readonly version: number;
  /** Hexadecimal SHA-256 of what was written: another one is another policy. */
  readonly digest: string;
  readonly budgets: readonly Budget[];
  readonly limits: Limits;
  readonly agents: ReadonlyMap<string, Limits>;
  readonly approval: Approval | undefined;
  readonly feeds: Feeds | undefined;
  readonly unguarded: ReadonlySet<string>;
  /** The counters that it needs. */
  readonly trackers: readonly Tracker[];
}

export const APPROVAL_EXPIRES_MS = 86_400_000;
export const FEED_STALE_MS = 60_000;
export const FEED_STEADY_MS = 10_000;
/** Budgets of one policy. */
export const BUDGETS_MAX = 100;

/**
 * Says what agents may do. Without a limit of a kind, nothing is bounded of that kind, but for those that have a
 * default: prices at most 60 s old (5 s for market orders), drawdown 20 %, at least 10 USDC left, no games that
 * lose on average.
 *
 * @throws HF-GUARD-INVALID where the options contradict each other
 * @example
 * guard({
 *   budgets: [{ per: "agent", span: "day", limit: "100.00" }],
 *   maxLeverage: 3,
 *   approval: { above: "250.00" },
 * });
 */
export function guard(options: GuardOptions): GuardPolicy {
  const { version = 1, agents = {}, unguarded = [] } = options;
  if (!Number.isSafeInteger(version) || version < 1)
    throw invalid(`version is ${version}; expected a whole number from 1`);
  const budgets = options.budgets === "none" ? [] : readBudgets(options.budgets);
  const limits = limitsOf(options);
  const approval = readApproval(options.approval, limits);
  const policy = {
    kind: "guard",
    version,
    digest: digestOf(options),
    budgets,
    limits,
    agents: new Map(
      Object.entries(agents).map(([name, own]) => [name, limitsOf({ ...options, ...own })]),
    ),
    approval,
    feeds: readFeeds(options.feeds),
    unguarded: new Set(unguarded),
  } as const;
  return Object.freeze({ ...policy, trackers: trackersOf(policy) });
}

/** The limits of an agent. */
export function limitsFor(policy: GuardPolicy, account: string): Limits {
  return policy.agents.get(account) ?? policy.limits;
}

function trackersOf({
  budgets,
  limits,
  agents,
}: Pick<GuardPolicy, "budgets" | "limits" | "agents">): readonly Tracker[] {
  const found = new Map<string, Tracker>();
  const add = (tracker: Tracker): void => {
    found.set(`${tracker.per}/${tracker.span}`, tracker);
  };
  for (const { per, span } of budgets) add({ per, span });
  for (const { rate, bets } of [limits, ...agents.values()]) {
    for (const { span } of rate) add({ per: "agent", span });
    if (bets.length > 0) add({ per: "edge", span: "day" });
  }
  return [...found.values()];
}

const ORDER: readonly BudgetSpan[] = ["hour", "day", "week", "total"];

function readBudgets(options: readonly BudgetOptions[]): readonly Budget[] {
  if (options.length === 0)
    throw invalid('budgets is empty; name at least one, or write budgets: "none"');
  if (options.length > BUDGETS_MAX) throw invalid(`there are more than ${BUDGETS_MAX} budgets`);
  const budgets = options.map(({ per, span, limit, of }): Budget => {
    if (!ORDER.includes(span)) throw invalid(`"${span}" is no span of a budget`);
    const name = `${per}${of === undefined ? "" : ` ${of}`}/${span}`;
    const read = usdc(limit);
    if (read <= 0n) throw invalid(`budget ${name} has a limit of nothing; halt it instead`);
    return { name, per, of, span, limit: read };
  });
  for (const [place, budget] of budgets.entries()) {
    for (const other of budgets.slice(0, place)) refuseContradiction(budget, other);
  }
  return budgets;
}

function refuseContradiction(one: Budget, other: Budget): void {
  if (one.name === other.name) throw invalid(`budget ${one.name} is there twice`);
  if (one.per !== other.per || one.of !== other.of) return;
  const [short, long] =
    ORDER.indexOf(one.span) < ORDER.indexOf(other.span) ? [one, other] : [other, one];
  if (short.limit > long.limit)
    throw invalid(`budget ${short.name} allows more than ${long.name}, which ends it first`);
}

function readApproval(options: ApprovalOptions | undefined, limits: Limits): Approval | undefined {
  if (options === undefined) return undefined;
  const { above, newCounterparty = false, rules = [], bySamePerson = false } = options;
  if (above === undefined && !newCounterparty && rules.length === 0)
    throw invalid("approval asks for nothing: give above, newCounterparty or rules");
  const read = above === undefined ? undefined : usdc(above);
  if (read !== undefined && read < 0n) throw invalid("approval.above is below zero");
  if (read !== undefined && limits.maxNotional !== undefined && read >= limits.maxNotional)
    throw invalid("approval.above is not below maxNotional, so that nobody is ever asked");
  const expiresMs = positiveMs(options.expires, APPROVAL_EXPIRES_MS, "approval.expires");
  return { above: read, newCounterparty, rules, expiresMs, bySamePerson };
}

function readFeeds(options: FeedOptions | undefined): Feeds | undefined {
  if (options === undefined) return undefined;
  if (options.symbols.length === 0) throw invalid("feeds.symbols is empty");
  return {
    symbols: new Set(options.symbols),
    staleMs: positiveMs(options.staleAfter, FEED_STALE_MS, "feeds.staleAfter"),
    steadyMs: positiveMs(options.steadyFor, FEED_STEADY_MS, "feeds.steadyFor"),
  };
}

function positiveMs(value: Duration | undefined, otherwise: number, what: string): number {
  if (value === undefined) return otherwise;
  const ms = durationMs(value);
  if (ms <= 0) throw invalid(`${what} is not longer than nothing`);
  return ms;
}

function digestOf(options: GuardOptions): string {
  const text = JSON.stringify(options, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `function ${value.toString()}`;
    return value;
  });
  return bytesToHex(sha256(utf8(text)));
}
