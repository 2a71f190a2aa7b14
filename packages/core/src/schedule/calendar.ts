// The one calendar, pure, for both engines: the n-th time of a plan, without drift. Spans of hours are added
// exactly; days, weeks and months are kept by the wall clock of a zone, across changes of its offset.

import { type Duration, durationMs } from "../base/duration.ts";
import { HoldfastError } from "../base/error.ts";

/** A rhythm: an exact duration, or so many days, weeks or months by the wall clock of an IANA zone. */
export type Every =
  | Duration
  | { readonly days: number; readonly zone: string }
  | { readonly weeks: number; readonly zone: string }
  | { readonly months: number; readonly zone: string };

/** Most days, weeks or months of one step. */
export const EVERY_COUNT_MAX = 1_200;

/** A time of day and date as a wall clock shows it, in milliseconds as if it were UTC. */
type Wall = number;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The last instant of a Date: the year 275760. */
const INSTANT_MS_MAX = 8_640_000_000_000_000;

/**
 * The instant of the n-th period, in milliseconds since the epoch; `n` = 0 is the start itself.
 *
 * A month keeps the start's day, or the month's last where it has fewer; a time that a zone skips is moved to
 * the first that exists, one that occurs twice is its first occurrence.
 *
 * @throws HF-CALENDAR-INVALID, HF-DURATION-INVALID
 * @example
 * nth({ months: 1, zone: "Europe/Berlin" }, Date.UTC(2026, 0, 31, 9), 1); // 2026-02-28T09:00:00Z
 */
export function nth(every: Every, start: number, n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) throw invalid(`the ${n}-th period does not exist`);
  if (!(Math.abs(start) <= INSTANT_MS_MAX)) throw invalid("the start is no instant");
  const instant = periodOf(every, start, n);
  if (!(Math.abs(instant) <= INSTANT_MS_MAX)) {
    throw invalid(`its ${n}-th period lies beyond what a date can hold`);
  }
  return instant;
}

function periodOf(every: Every, start: number, n: number): number {
  if (typeof every !== "object") return start + durationMs(every) * n;
  const wall = wallOf(every.zone, start);
  if ("months" in every) return instantOf(every.zone, addMonths(wall, count(every.months) * n));
  const days = "weeks" in every ? count(every.weeks) * 7 : count(every.days);
  return instantOf(every.zone, wall + days * n * DAY_MS);
}

/**
 * The first instant after `after` at which the zone's wall clock shows this time of day, such as "07:00".
 *
 * @throws HF-CALENDAR-INVALID
 * @example
 * nextDaily("07:30", "Europe/Berlin", Date.UTC(2026, 0, 31, 9)); // 2026-02-01T06:30:00Z
 */
export function nextDaily(time: string, zone: string, after: number): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/u.exec(time) ?? [];
  if (hours === undefined) {
    throw invalid(`${JSON.stringify(time)} is no time of day; write it as "07:00"`);
  }
  const wall = wallOf(zone, after);
  const midnight = wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS);
  const ofDay = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  // A day on which the clock goes back may show it before; from the second day on it lies ahead.
  for (let day = 0; day <= 2; day += 1) {
    const instant = instantOf(zone, midnight + day * DAY_MS + ofDay);
    if (instant > after) return instant;
  }
  throw invalid("its next time lies beyond what a date can hold");
}

/** Checks a rhythm before anything depends on it. @throws HF-CALENDAR-INVALID, HF-DURATION-INVALID */
export function checkEvery(every: Every): void {
  const first = nth(every, 0, 1);
  if (first <= 0) throw invalid("a period must be longer than nothing");
}

function count(value: number): number {
  if (Number.isInteger(value) && value > 0 && value <= EVERY_COUNT_MAX) return value;
  throw invalid(`${value} is no whole number from 1 to ${EVERY_COUNT_MAX}`);
}

function addMonths(wall: Wall, months: number): Wall {
  const date = new Date(wall);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const timeOfDay = ((wall % DAY_MS) + DAY_MS) % DAY_MS;
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) + timeOfDay;
}

/** The first instant at which the zone's wall clock shows this, or the first after it where it never does. */
function instantOf(zone: string, wall: Wall): number {
  if (!(Math.abs(wall) <= INSTANT_MS_MAX - 2 * DAY_MS)) return Number.NaN;
  // No zone is further than 26 hours from UTC, and none changes twice within this window of a wall time.
  const low = wall - 1.5 * DAY_MS;
  const high = wall + 1.5 * DAY_MS;
  const candidates = [wall - offsetAt(zone, low), wall - offsetAt(zone, high)].sort(
    (a, b) => a - b,
  );
  for (const candidate of candidates) if (wallOf(zone, candidate) === wall) return candidate;
  return firstAfterGap(zone, low, high, wall);
}

/** The change of the zone's clock that skips this wall time. */
function firstAfterGap(zone: string, low: number, high: number, wall: Wall): number {
  let before = low;
  let after = high;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallOf(zone, middle) > wall) after = middle;
    else before = middle;
  }
  return after;
}

function offsetAt(zone: string, instant: number): number {
  return wallOf(zone, instant) - instant;
}

function wallOf(zone: string, instant: number): Wall {
  const milliseconds = ((instant % 1_000) + 1_000) % 1_000;
  const fields: Record<string, number> = {};
  for (const { type, value } of formatter(zone).formatToParts(instant))
    fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) + milliseconds;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  // Without a name, Intl would take the zone of this machine.
  if (typeof zone !== "string") throw invalid("it names no time zone");
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw invalid(
      `${JSON.stringify(zone)} is no time zone; use an IANA name such as "Europe/Berlin"`,
    );
  }
  formatters.set(zone, made);
  return made;
}

function invalid(why: string): HoldfastError {
  return new HoldfastError("HF-CALENDAR-INVALID", `Cannot follow this rhythm: ${why}.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
