// Limits of a single command and of what an agent holds: what one order may be, and what all of them together. Pure.

import { type Duration, durationMs } from "../base/duration.ts";
import { HoldfastError } from "../base/error.ts";
import { type Usdc, usdc } from "../base/money.ts";
import type { Span } from "./budget.ts";

/** Names of operations, symbols, counterparties and venues. */
export interface Lists {
  readonly operations?: readonly string[];
  readonly symbols?: readonly string[];
  readonly counterparties?: readonly string[];
  readonly venues?: readonly string[];
}

export interface BetOptions {
  /** The operation, such as "casino.bet". */
  readonly operation: string;
  /** What may be staked a day, in USDC. */
  readonly allowance: string | Usdc;
  /** Why that is meant: stands in the audit of each bet. */
  readonly because: string;
}

export interface LimitOptions {
  /** Nothing but these. */
  readonly only?: Lists;
  readonly never?: Lists;
  /** The most that one command may move, in USDC. */
  readonly maxNotional?: string | Usdc;
  readonly maxLeverage?: number;
  /** Open positions of an agent, those included that are on their way. */
  readonly maxPositions?: number;
  /** What an agent's positions may be worth, those included that are on their way, in USDC. */
  readonly maxExposure?: string | Usdc;
  /** How far a limit price may be from the mark: 0.02 is 2 %. */
  readonly priceBand?: number;
  /** The least distance to the price at which the venue takes the position away: 0.1 is 10 %. */
  readonly liquidationDistance?: number;
  /** How old a price may be. Default 60 s, and 5 s for market orders. */
  readonly freshness?: "off" | { readonly price?: Duration; readonly market?: Duration };
  /** Commands of an agent. */
  readonly rate?: {
    readonly perSecond?: number;
    readonly perMinute?: number;
    readonly perDay?: number;
  };
  /** The same command again within so long. Default: 60 s, noted and let through. */
  readonly duplicates?: "off" | { readonly within: Duration; readonly action: "deny" | "warn" };
  /** Operations that lose on average and are meant all the same. Default: none. */
  readonly bets?: readonly BetOptions[];
  readonly loss?: LossOptions;
}

export interface LossOptions {
  /** Below the highest equity so far by this much, the agent is HALTED. Default 0.2, which is 20 %. */
  readonly drawdown?: number | "off";
  /** Below the equity at the day's begin by this much, the agent only reduces until the day is over. Default: off. */
  readonly day?: number;
  /** Below this, in USDC, the agent is HALTED; "off": never. Default "10.00". */
  readonly minBalance?: string | Usdc;
  /** Whether all is closed where the agent is HALTED by its losses. Default true. */
  readonly closeAll?: boolean;
}

export interface Rate {
  readonly span: Span & ("second" | "minute" | "day");
  readonly count: number;
}

export interface Bet {
  readonly operation: string;
  readonly allowance: Usdc;
  readonly because: string;
}

export interface Limits {
  readonly only: Lists;
  readonly never: Lists;
  readonly maxNotional: Usdc | undefined;
  readonly maxLeverage: number | undefined;
  readonly maxPositions: number | undefined;
  readonly maxExposure: Usdc | undefined;
  readonly priceBand: number | undefined;
  readonly liquidationDistance: number | undefined;
  readonly freshness: { readonly priceMs: number; readonly marketMs: number } | undefined;
  readonly rate: readonly Rate[];
  readonly duplicates: { readonly withinMs: number; readonly action: "deny" | "warn" } | undefined;
  readonly bets: readonly Bet[];
  readonly loss: Loss;
}

export interface Loss {
  readonly drawdown: number | undefined;
  readonly day: number | undefined;
  readonly minBalance: Usdc | undefined;
  readonly closeAll: boolean;
}

export const PRICE_MS_MAX = 60_000;
export const MARKET_PRICE_MS_MAX = 5_000;
export const DUPLICATE_MS = 60_000;
export const DRAWDOWN_MAX = 0.2;
export const MIN_BALANCE: Usdc = usdc("10.00");

/** @throws HF-GUARD-INVALID */
export function limitsOf(options: LimitOptions): Limits {
  const { only = {}, never = {}, maxLeverage, maxPositions } = options;
  refuseBoth(only, never);
  if (maxLeverage !== undefined && !(maxLeverage >= 1)) throw invalid("maxLeverage is below 1");
  if (maxPositions !== undefined && !(Number.isSafeInteger(maxPositions) && maxPositions >= 0))
    throw invalid("maxPositions is no whole number from 0");
  return {
    only,
    never,
    maxNotional: amount(options.maxNotional, "maxNotional"),
    maxLeverage,
    maxPositions,
    maxExposure: amount(options.maxExposure, "maxExposure"),
    priceBand: share(options.priceBand, "priceBand"),
    liquidationDistance: share(options.liquidationDistance, "liquidationDistance"),
    freshness: freshnessOf(options.freshness),
    rate: ratesOf(options.rate ?? {}),
    duplicates: duplicatesOf(options.duplicates),
    bets: (options.bets ?? []).map(betOf),
    loss: lossOf(options.loss ?? {}),
  };
}

function refuseBoth(only: Lists, never: Lists): void {
  for (const kind of ["operations", "symbols", "counterparties", "venues"] as const) {
    const both = only[kind]?.find((name) => never[kind]?.includes(name));
    if (both !== undefined) throw invalid(`"${both}" stands in only.${kind} and in never.${kind}`);
    if (only[kind]?.length === 0)
      throw invalid(`only.${kind} is empty, which lets nothing through`);
  }
}

function freshnessOf(options: LimitOptions["freshness"] = {}): Limits["freshness"] {
  if (options === "off") return undefined;
  const priceMs = positive(options.price, PRICE_MS_MAX, "freshness.price");
  const marketMs = positive(
    options.market,
    Math.min(priceMs, MARKET_PRICE_MS_MAX),
    "freshness.market",
  );
  if (marketMs > priceMs)
    throw invalid("freshness.market is longer than freshness.price, which ends it first");
  return { priceMs, marketMs };
}

function ratesOf({
  perSecond,
  perMinute,
  perDay,
}: NonNullable<LimitOptions["rate"]>): readonly Rate[] {
  const rates: Rate[] = [];
  const add = (span: Rate["span"], count: number | undefined): void => {
    if (count === undefined) return;
    if (!Number.isSafeInteger(count) || count < 1)
      throw invalid(`rate of a ${span} is no whole number from 1`);
    const shorter = rates.at(-1);
    if (shorter !== undefined && shorter.count > count)
      throw invalid(`rate of a ${shorter.span} allows more than that of a ${span}`);
    rates.push({ span, count });
  };
  add("second", perSecond);
  add("minute", perMinute);
  add("day", perDay);
  return rates;
}

function duplicatesOf(options: LimitOptions["duplicates"]): Limits["duplicates"] {
  if (options === "off") return undefined;
  const withinMs = positive(options?.within, DUPLICATE_MS, "duplicates.within");
  return { withinMs, action: options?.action ?? "warn" };
}

function betOf({ operation, allowance, because }: BetOptions): Bet {
  const read = amount(allowance, `the allowance of ${operation}`);
  if (read === undefined || because.trim() === "")
    throw invalid(`the bets of ${operation} need an allowance and a reason`);
  return { operation, allowance: read, because };
}

function lossOf({ drawdown, day, minBalance, closeAll = true }: LossOptions): Loss {
  return {
    drawdown: drawdown === "off" ? undefined : share(drawdown ?? DRAWDOWN_MAX, "loss.drawdown"),
    day: share(day, "loss.day"),
    minBalance:
      minBalance === "off" ? undefined : amount(minBalance ?? MIN_BALANCE, "loss.minBalance"),
    closeAll,
  };
}

function amount(value: string | Usdc | undefined, what: string): Usdc | undefined {
  if (value === undefined) return undefined;
  const read = usdc(value);
  if (read <= 0n) throw invalid(`${what} is not more than nothing`);
  return read;
}

function share(value: number | undefined, what: string): number | undefined {
  if (value === undefined || (value > 0 && value < 1)) return value;
  throw invalid(`${what} is ${value}; expected a share between 0 and 1, such as 0.2 for 20 %`);
}

function positive(value: Duration | undefined, otherwise: number, what: string): number {
  const ms = value === undefined ? otherwise : durationMs(value);
  if (ms <= 0) throw invalid(`${what} is not longer than nothing`);
  return ms;
}

/** A policy that cannot be used. */
export function invalid(why: string): HoldfastError {
  return new HoldfastError("HF-GUARD-INVALID", `Cannot use this guard: ${why}.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
