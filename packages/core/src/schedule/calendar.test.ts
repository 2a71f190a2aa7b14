// The calendar against zones that skip and repeat hours, and one that skipped a day.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../base/error.ts";
import { type Every, checkEvery, nextDaily, nth } from "./calendar.ts";

const at = (text: string): number => Date.parse(text);
const show = (every: Every, start: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => new Date(nth(every, at(start), n)).toISOString());

test("nth() adds a duration exactly and never drifts", () => {
  assert.equal(nth("1w", 1_000, 52) - 1_000, 52 * 7 * 86_400_000);
});

test("nth() keeps a month's day, clamped to the last, and comes back to it", () => {
  assert.deepEqual(show({ months: 1, zone: "UTC" }, "2027-12-31T09:00:00Z", 5), [
    "2027-12-31T09:00:00.000Z",
    "2028-01-31T09:00:00.000Z",
    "2028-02-29T09:00:00.000Z",
    "2028-03-31T09:00:00.000Z",
    "2028-04-30T09:00:00.000Z",
  ]);
});

test("nth() keeps the wall clock of the zone when its offset changes", () => {
  assert.deepEqual(show({ weeks: 1, zone: "Europe/Berlin" }, "2026-03-22T08:00:00Z", 2), [
    "2026-03-22T08:00:00.000Z",
    "2026-03-29T07:00:00.000Z",
  ]);
});

test("nth() moves a time that the zone skips to the first that exists", () => {
  // 02:30 does not exist in Berlin on 2026-03-29; the clock goes from 02:00 to 03:00 at 01:00 UTC.
  assert.deepEqual(show({ days: 1, zone: "Europe/Berlin" }, "2026-03-28T01:30:00Z", 3), [
    "2026-03-28T01:30:00.000Z",
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
  // Apia had no 30 December 2011 at all.
  assert.equal(
    new Date(nth({ days: 1, zone: "Pacific/Apia" }, at("2011-12-29T22:00:00Z"), 1)).toISOString(),
    "2011-12-30T10:00:00.000Z",
  );
});

test("nth() takes the first of two equal wall times", () => {
  // 01:30 occurs twice in New York on 2026-11-01: at 05:30 and at 06:30 UTC.
  assert.equal(
    new Date(
      nth({ days: 1, zone: "America/New_York" }, at("2026-10-31T05:30:00Z"), 1),
    ).toISOString(),
    "2026-11-01T05:30:00.000Z",
  );
  // Lord Howe changes by half an hour.
  assert.equal(
    new Date(
      nth({ days: 1, zone: "Australia/Lord_Howe" }, at("2026-04-03T14:45:00Z"), 1),
    ).toISOString(),
    "2026-04-04T14:45:00.000Z",
  );
});

test("nth() gives sixty months of a plan in order, each on its day", () => {
  const start = at("2026-01-31T08:00:00Z");
  let before = 0;
  for (let n = 0; n < 60; n += 1) {
    const instant = nth({ months: 1, zone: "Europe/Berlin" }, start, n);
    assert.ok(instant > before);
    before = instant;
    const local = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Europe/Berlin",
      day: "numeric",
      hour: "numeric",
    }).formatToParts(instant);
    const field = (type: string): number => Number(local.find((part) => part.type === type)?.value);
    assert.equal(field("hour"), 9);
    assert.ok(field("day") >= 28);
  }
});

test("checkEvery() refuses what is no rhythm", () => {
  for (const every of [
    { months: 0, zone: "UTC" },
    { months: 1.5, zone: "UTC" },
    { days: 1, zone: "Mars/Base" },
    { days: 1, zone: undefined as unknown as string },
    0,
    -5,
  ] as const) {
    assert.throws(
      () => {
        checkEvery(every);
      },
      (error) => hasCode(error, "HF-CALENDAR-INVALID"),
    );
  }
});

test("nth() refuses a period beyond what a date can hold", () => {
  for (const every of ["5200w", { months: 1_200, zone: "Europe/Berlin" }] as const) {
    assert.throws(
      () => nth(every, 0, 5_000),
      (error) => hasCode(error, "HF-CALENDAR-INVALID"),
    );
  }
  assert.throws(
    () => nth("1d", Number.NaN, 1),
    (error) => hasCode(error, "HF-CALENDAR-INVALID"),
  );
});

test("nextDaily() finds the next time of day by the zone's wall clock", () => {
  const next = (time: string, zone: string, after: string): string =>
    new Date(nextDaily(time, zone, at(after))).toISOString();
  assert.equal(next("07:30", "Europe/Berlin", "2026-01-31T09:00:00Z"), "2026-02-01T06:30:00.000Z");
  assert.equal(next("07:30", "UTC", "2026-01-31T07:29:59.999Z"), "2026-01-31T07:30:00.000Z");
  // At the very instant it is the next day's.
  assert.equal(next("07:30", "UTC", "2026-01-31T07:30:00Z"), "2026-02-01T07:30:00.000Z");
  // A time that the zone skips, and one that it shows twice: the first.
  assert.equal(next("02:30", "Europe/Berlin", "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00.000Z");
  assert.equal(next("02:30", "Europe/Berlin", "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00.000Z");
  // Between the two showings it has passed.
  assert.equal(next("02:30", "Europe/Berlin", "2026-10-25T01:00:00Z"), "2026-10-26T01:30:00.000Z");
  for (const time of ["24:00", "7:00", "07:60", ""])
    assert.throws(
      () => nextDaily(time, "UTC", 0),
      (error) => hasCode(error, "HF-CALENDAR-INVALID"),
    );
});
