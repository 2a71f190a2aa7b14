// Faults of market data: what a reader is told of prices is wrong, while the venue itself trades on right ones.

import { micros } from "@holdfast/core";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Json } from "../command/command.ts";
import type { RequestRule } from "../fault/rule.ts";
import { canonicalSymbol } from "./symbol.ts";

const PPM = 1_000_000;
/** Stands for a price until the text is written; no caller can send it. */
const BARE = "\u{0}NaN\u{0}";
const BARE_TEXT = JSON.stringify(BARE);

const PRICE_FIELDS = ["price", "bid", "ask", "oracle"] as const;

type Entry = Record<string, unknown>;
type MarketRule = Extract<RequestRule, { kind: "nan" | "spike" | "crossed" | "stale" }>;

/** The instant whose prices are told; undefined: now. */
export function toldInstant(struck: readonly RequestRule[]): number | undefined {
  const since = struck.flatMap((rule) =>
    rule.kind === "stale" && rule.since !== undefined ? [rule.since] : [],
  );
  return since.length === 0 ? undefined : Math.min(...since);
}

/** An answer with the faults of its prices in it, as text. */
export function distorted(body: Json, struck: readonly RequestRule[], now: number): string {
  const rules = struck.filter(isOfMarket);
  if (rules.length === 0) return JSON.stringify(body);
  const copy = structuredClone(body) as Record<string, unknown>;
  for (const rule of rules) distort(copy, rule, now);
  return JSON.stringify(copy).replaceAll(BARE_TEXT, "NaN");
}

function isOfMarket(rule: RequestRule): rule is MarketRule {
  return ["nan", "spike", "crossed", "stale"].includes(rule.kind);
}

function distort(body: Record<string, unknown>, rule: MarketRule, now: number): void {
  const wanted =
    "symbol" in rule && rule.symbol !== undefined ? canonicalSymbol(rule.symbol) : undefined;
  if (Array.isArray(body["pairs"])) {
    const pairs = body["pairs"] as Entry[];
    for (const entry of pairs) {
      if (wanted === undefined || entry["symbol"] === wanted) distortPrice(entry, rule, now);
    }
  }
  if (Array.isArray(body["candles"]) && (wanted === undefined || body["symbol"] === wanted)) {
    const last = (body["candles"] as Entry[]).at(-1);
    if (last !== undefined) distortCandle(last, rule);
  }
}

function distortPrice(entry: Entry, rule: MarketRule, now: number): void {
  switch (rule.kind) {
    case "stale":
      if (rule.timestamp === "moves") entry["timestamp_ms"] = now;
      return;
    case "nan":
      for (const field of PRICE_FIELDS) setBare(entry, field, rule.as);
      return;
    case "spike":
      for (const field of PRICE_FIELDS) set(entry, field, times(entry, field, rule.factor));
      return;
    case "crossed": {
      const middle = exact(entry, "price");
      set(entry, "bid", (middle * BigInt(PPM + rule.ppm)) / BigInt(PPM));
      set(entry, "ask", (middle * BigInt(PPM - rule.ppm)) / BigInt(PPM));
      return;
    }
  }
}

/** The last candle: its close is wrong, and its extremes reach as far as that. */
function distortCandle(entry: Entry, rule: MarketRule): void {
  if (rule.kind === "nan") setBare(entry, "close", rule.as);
  if (rule.kind !== "spike") return;
  const close = times(entry, "close", rule.factor);
  set(entry, "close", close);
  if (close > exact(entry, "high")) set(entry, "high", close);
  if (close < exact(entry, "low")) set(entry, "low", close);
}

function setBare(entry: Entry, field: string, as: "literal" | "text" | "null"): void {
  const value = { literal: BARE, text: "NaN", null: null }[as];
  entry[field] = value;
  entry[`${field}_micros`] = value;
}

function times(entry: Entry, field: string, factor: number): bigint {
  return (exact(entry, field) * BigInt(Math.round(factor * PPM))) / BigInt(PPM);
}

function exact(entry: Entry, field: string): bigint {
  return BigInt(String(entry[`${field}_micros`]));
}

function set(entry: Entry, field: string, value: bigint): void {
  entry[`${field}_micros`] = toMicros(micros(value));
  entry[field] = toGuideNumber(micros(value));
}
