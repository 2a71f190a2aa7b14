// The few statistics that the figures need. A median stands for a set of runs, because a disk that stalls
// once should not move a figure; the span beside it shows whether one did.

/** The value below which the share of the values lies, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error("Cannot take a percentile of no values.");
  return value;
}

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined)
    throw new Error("Cannot take the median of no values.");
  return (lower + upper) / 2;
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Three digits or more: 12,345; 123; 12.3; 1.23; 0.123. */
export function readable(value: number): string {
  if (Math.abs(value) >= 100) return grouped.format(value);
  return value === 0 ? "0" : value.toPrecision(3);
}

/** A value with its unit; a ratio has none. */
export function withUnit(value: number, unit: string): string {
  return unit === "ratio" ? readable(value) : `${readable(value)} ${unit}`;
}

/** The least and the greatest: "1.20–1.31". */
export function span(values: readonly number[]): string {
  return `${readable(Math.min(...values))}–${readable(Math.max(...values))}`;
}

/** How many decimals a report keeps. */
const DECIMALS = 1e6;

/** For machines: no digits beyond what a clock can tell. */
export function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS;
}
