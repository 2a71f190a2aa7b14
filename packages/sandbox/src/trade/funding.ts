// Funding: every hour the side that the market favours pays the other, through an index for each market. What
// a position owes is the index's change since it was settled last, so that an hour costs nothing by position.

import { type Usdc, micros } from "@holdfast/core";
import type { Market } from "../market/market.ts";
import type { Pair } from "../market/pair.ts";
import type { FundingTable } from "../store/funding-table.ts";
import { QUANTITY_SCALE, divideUp } from "./perpetual.ts";
import type { Side } from "./position.ts";
import type { TradeRules } from "./rules.ts";

const HOUR_MS = 3_600_000;
/** What is paid without a premium, and how far the premium may be from it before it shows: per eight hours. */
const INTEREST_PPM = 100;
const CLAMP_PPM = 500;
const HOURS = 8;
/** The index counts in millionths of a micro-USDC per unit. */
const INDEX_SCALE = 1_000_000n;

/** An hour's rate in billionths: (P + clamp(0.01 % − P, ±0.05 %)) / 8 for an average premium P. */
export function fundingRatePpb(premiumPpm: number, capPpm: number): bigint {
  const towards = Math.max(-CLAMP_PPM, Math.min(CLAMP_PPM, INTEREST_PPM - premiumPpm));
  const rate = (premiumPpm + towards) / HOURS;
  return BigInt(Math.trunc(Math.max(-capPpm, Math.min(capPpm, rate)) * 1_000));
}

/** What a position owes for a change of the index; negative where it receives. Against it by less than one. */
export function fundingOwed(side: Side, quantity: bigint, change: bigint): Usdc {
  const owed = quantity * (side === "long" ? change : -change);
  return micros(divideUp(owed, QUANTITY_SCALE * INDEX_SCALE));
}

export interface FundingIndex {
  /** The index after the last full hour at an instant. */
  at(pair: Pair, instant: number): bigint;
  /** Values that the index stays between from one instant to another. */
  range(pair: Pair, from: number, to: number): { readonly low: bigint; readonly high: bigint };
  /** The index at an instant, written down with the caller's transaction: a position refers to it. */
  keep(pair: Pair, instant: number): bigint;
}

/** A market's index hour by hour, and how far it has moved up and down together. */
interface Series {
  readonly from: number;
  readonly values: bigint[];
  readonly travelled: bigint[];
}

export function createFundingIndex(
  market: Market,
  table: FundingTable,
  { fundingCapPpm }: Pick<TradeRules, "fundingCapPpm">,
): FundingIndex {
  const known = new Map<string, Series>();

  function upTo(pair: Pair, hour: number): Series {
    let series = known.get(pair.symbol);
    if (series === undefined) {
      const from = table.get(pair.symbol) ?? { hour, value: 0n };
      series = { from: from.hour, values: [from.value], travelled: [0n] };
      known.set(pair.symbol, series);
    }
    const { from, values, travelled } = series;
    for (let next = from + values.length; next <= hour; next += 1) {
      const { oracle, premiumPpm } = market.hourly(pair, next);
      // Billionths of micro-USDC, cut off to millionths.
      const change = (oracle * fundingRatePpb(premiumPpm, fundingCapPpm)) / 1_000n;
      values.push((values.at(-1) ?? 0n) + change);
      travelled.push((travelled.at(-1) ?? 0n) + (change < 0n ? -change : change));
    }
    return series;
  }

  function at(pair: Pair, instant: number): bigint {
    const hour = hourOf(instant);
    const { from, values } = upTo(pair, hour);
    return values[Math.max(0, hour - from)] ?? 0n;
  }

  return {
    at,
    range(pair, start, end) {
      const { from, travelled } = upTo(pair, hourOf(end));
      const before = travelled[Math.max(0, hourOf(start) - from)] ?? 0n;
      const way = (travelled[Math.max(0, hourOf(end) - from)] ?? 0n) - before;
      const value = at(pair, start);
      return { low: value - way, high: value + way };
    },
    keep(pair, instant) {
      const value = at(pair, instant);
      table.set(pair.symbol, { hour: hourOf(instant), value });
      return value;
    },
  };
}

function hourOf(instant: number): number {
  return Math.floor(instant / HOUR_MS);
}
