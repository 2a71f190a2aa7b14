// Durations, ids, randomness, failures and back-off: the small words that everything is said in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs, retryPolicy } from "../policy/retry.ts";
import { type Duration, durationMs, formatDuration } from "./duration.ts";
import { HoldfastError, fromFailure, hasCode, toFailure } from "./error.ts";
import { parseId } from "./id.ts";
import { seededRandom, uuidFrom } from "./random.ts";

test("durationMs() reads every unit, and numbers as milliseconds", () => {
  const cases: readonly (readonly [Duration, number])[] = [
    ["250ms", 250],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["7d", 604_800_000],
    ["1w", 604_800_000],
    ["-1s", -1_000],
    [0, 0],
    [2 ** 32, 2 ** 32],
  ];
  for (const [given, expected] of cases) assert.equal(durationMs(given), expected);
});

test("durationMs() refuses what is no duration or lasts over a hundred years", () => {
  for (const given of [
    "5",
    "5 m",
    "month",
    "1M",
    "",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "40000d",
  ]) {
    assert.throws(
      () => durationMs(given as Duration),
      (error) => hasCode(error, "HF-DURATION-INVALID"),
    );
  }
});

test("formatDuration() speaks in two units", () => {
  assert.deepEqual([90_061_000, 5_400_000, 45_000, 12, 0].map(formatDuration), [
    "1 d 1 h",
    "1 h 30 min",
    "45 s",
    "12 ms",
    "0 ms",
  ]);
});

test("parseId() takes unicode and refuses what a store would confuse", () => {
  assert.equal(parseId("dca/ß-🚀"), "dca/ß-🚀");
  for (const given of [
    "",
    "a\nb",
    "a\u0000",
    "\ud800",
    "x".repeat(256),
    "é".repeat(128),
    5 as unknown as string,
  ]) {
    assert.throws(
      () => parseId(given),
      (error) => hasCode(error, "HF-ID-INVALID"),
    );
  }
});

test("seededRandom() repeats for a seed, and is pinned", () => {
  const random = seededRandom("holdfast");
  const numbers = [random.next(), random.next(), random.next()];
  const again = seededRandom("holdfast");
  assert.deepEqual([again.next(), again.next(), again.next()], numbers);
  assert.deepEqual(
    numbers.map((value) => Math.floor(value * 1_000_000)),
    PINNED,
  );
  assert.match(
    uuidFrom(random),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
  );
});

test("toFailure() and fromFailure() keep what matters, and know each other by code", () => {
  const cause = new Error("socket hang up");
  const error = new HoldfastError("HF-X", "Cannot.", {
    class: "network",
    disposition: "retry",
    outcome: "not-sent",
    retryAfterMs: 5,
    cause,
    details: { a: 1 },
  });
  const failure = toFailure(error);
  assert.deepEqual(toFailure(fromFailure(failure)), failure);
  assert.equal(failure.cause?.message, "socket hang up");
  assert.ok(hasCode(failure, "HF-X") && !hasCode(failure, "HF-Y"));
  const foreign = toFailure(new TypeError("x is not a function"));
  assert.deepEqual(
    [foreign.code, foreign.disposition, foreign.outcome],
    ["HF-USER-ERROR", "retry", "unknown"],
  );
  assert.equal(toFailure("text").message, "text");
});

test("retryDelayMs() stays within its bounds, honours a wish, and ends by nature or count", () => {
  const random = seededRandom("delay");
  const policy = retryPolicy({ first: "1s", factor: 2, max: "1m" });
  const retry = toFailure(new HoldfastError("X", "x", { disposition: "retry" }));
  for (let attempt = 1; attempt < 20; attempt += 1) {
    const delay = retryDelayMs(policy, attempt, retry, random) ?? -1;
    assert.ok(delay >= 0 && delay <= Math.min(60_000, 1_000 * 2 ** (attempt - 1)));
  }
  const wish = toFailure(
    new HoldfastError("X", "x", { disposition: "retry-after", retryAfterMs: 30_000 }),
  );
  assert.ok((retryDelayMs(policy, 1, wish, random) ?? 0) >= 30_000);
  const refused = toFailure(new HoldfastError("X", "x", { disposition: "refused" }));
  assert.equal(retryDelayMs(policy, 1, refused, random), undefined);
  assert.equal(retryDelayMs(retryPolicy({ attempts: 3 }), 3, retry, random), undefined);
});

const PINNED = [513480, 4661, 541916];
