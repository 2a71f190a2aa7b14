// Amounts, series and trades in the words of the view. Pure.

import { type Usdc, formatUsdc, micros } from "@holdfast/core";
import type { Trade } from "./model.ts";
import { clean } from "./text.ts";

const BARS = "▁▂▃▄▅▆▇█";

/** An amount to the cent, for people: "64,424.00". */
export function cents(amount: Usdc): string {
  const rounded = micros(((amount < 0n ? amount - 5_000n : amount + 5_000n) / 10_000n) * 10_000n);
  const [whole = "0", fraction = ""] = formatUsdc(rounded).split(".");
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/gu, ",")}.${fraction.slice(0, 2).padEnd(2, "0")}`;
}

/** With its sign: "+1.00", "-0.50". */
export function signed(amount: Usdc): string {
  return amount < 0n ? cents(amount) : `+${cents(amount)}`;
}

export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}

/** The last `width` values as bars, the lowest to the highest. */
export function sparkline(series: readonly number[], width: number): string {
  const shown = series.slice(-Math.max(0, width));
  const low = Math.min(...shown);
  const span = Math.max(...shown) - low;
  return shown
    .map((value) => BARS[span === 0 ? 3 : Math.round(((value - low) / span) * 7)] ?? "")
    .join("");
}

const WORDS: Readonly<Record<string, string>> = {
  grant: "granted",
  faucet: "faucet",
  margin: "opened",
  "margin-return": "closed",
  liquidation: "liquidated",
  deposit: "deposited",
  withdrawal: "withdrawn",
};

export function wordOf({ kind }: Trade): string {
  return WORDS[kind] ?? clean(kind);
}

/** What a trade moved, without its sign. */
export function movedBy({ amount }: Trade): Usdc {
  return amount < 0n ? micros(-amount) : amount;
}
