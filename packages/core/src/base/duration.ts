// Spans of time in milliseconds, and the strings people write for them. Months are no durations: they are
// calendar rules (schedule/calendar.ts), because their length depends on the date.

import { HoldfastError } from "./error.ts";

export type DurationUnit = "ms" | "s" | "m" | "h" | "d" | "w";

/** "90s", "5m", "1h", "7d", "1w", "1.5h", "250ms"; or a number of milliseconds. */
export type Duration = `${number}${DurationUnit}` | number;

const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Longest duration accepted: 100 years of 365.25 days. */
export const DURATION_MS_MAX = 100 * 365.25 * UNIT_MS.d;

const TEXT = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/u;

/**
 * Milliseconds of a duration, rounded to whole ones. Zero and negative durations are allowed ("ready at
 * once"); NaN, Infinity and more than 100 years are refused.
 *
 * @throws HF-DURATION-INVALID
 * @example
 * durationMs("1.5h"); // 5_400_000
 */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === "number" ? duration : parse(duration);
  if (!Number.isFinite(ms) || Math.abs(ms) > DURATION_MS_MAX) throw invalid(duration);
  return Math.round(ms) + 0;
}

function parse(text: string): number {
  const match = TEXT.exec(text);
  if (!match) throw invalid(text);
  return Number(match[1]) * UNIT_MS[match[2] as DurationUnit];
}

function invalid(value: unknown): HoldfastError {
  return new HoldfastError(
    "HF-DURATION-INVALID",
    `Cannot read ${JSON.stringify(String(value))} as a duration: expected milliseconds or text such as "90s", "5m", "1h", "7d", at most 100 years.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}

/** A duration for people, in its largest two units: "1 h 30 min", "7 d". */
export function formatDuration(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [UNIT_MS.d, "d"],
    [UNIT_MS.h, "h"],
    [UNIT_MS.m, "min"],
    [UNIT_MS.s, "s"],
  ];
  const parts: string[] = [];
  let rest = Math.abs(ms);
  for (const [size, name] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${name}`);
    rest -= count * size;
    if (parts.length === 2) break;
  }
  if (parts.length === 0) parts.push(`${Math.round(rest)} ms`);
  return `${ms < 0 ? "-" : ""}${parts.join(" ")}`;
}
