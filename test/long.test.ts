// Runs that last for years: a monitor that checks for ten of them, and a plan that buys at the end of
// each month for five, killed in each period. What must come out is written down before it begins.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { dca, riskMonitor } from "@holdfast/agents";
import { type CrashPoint, VIRTUAL_START, testProject } from "holdfast/testing";

const DAY_MS = 86_400_000;
const YEARS = 10;
/** Ten years and two days: 522 weeks. */
const DAYS = 3_654;
/** `npm test` checks once a week. */
const EVERY = process.env["HOLDFAST_TEST_ALL"] === "1" ? 1 : 7;
const HISTORY = 100;
/** A check is a call, its answer, a timer and its end; a generation also has its start. */
const CHECKS_IN_GENERATION = HISTORY / 4;
/**
 * How much more the heap may hold after ten years than after five. The code itself is still being compiled
 * better; and each request's own time-out is in real time and outlasts this test, 700 bytes for each check.
 */
const HEAP_GROWTH_MAX = 3 * 1024 * 1024 + 1024 * (DAYS / 2 / EVERY);

test("the risk monitor watches for ten years, killed each year, and closes once", async (context) => {
  const lasts = stopwatch(context);
  await using t = await testProject({
    definitions: [dca, riskMonitor],
    historySuggest: HISTORY,
    venue: {
      scripts: [
        {
          symbol: "BTC-PERP",
          points: [
            { at: VIRTUAL_START, price: "60000" },
            { at: VIRTUAL_START + DAYS * DAY_MS, price: "60000" },
            { at: VIRTUAL_START + (DAYS + EVERY) * DAY_MS, price: "20000" },
          ],
        },
      ],
    },
  });
  const plan = { symbol: "BTC-PERP", amountUsd: "5000.00", every: "1w", periods: 1 } as const;
  // Bought two weeks before the fall: held for years, the funding alone would come to the limit.
  await t.client.start(dca, plan, { id: "long", delay: `${DAYS - 14}d` });
  const watch = { limit: 0.15, every: `${EVERY}d` } as const;
  const monitor = await t.client.start(riskMonitor, watch, { id: "risk" });
  let afterFive = 0;
  for (let year = 1; year <= YEARS; year += 1) {
    await t.advance("365d");
    await t.crash();
    if (year === YEARS / 2) afterFive = heapUsed();
    const { historyLength } = await monitor.describe();
    assert.ok(historyLength <= HISTORY + 8, `history of ${historyLength} entries in year ${year}`);
  }
  const growth = heapUsed() - afterFive;
  assert.ok(growth < HEAP_GROWTH_MAX, `the heap grew by ${growth} bytes`);
  const report = await t.runUntilClosed(monitor);
  const checks = DAYS / EVERY + 2;
  assert.deepEqual([report.checks, report.missed, report.closed], [checks, 0, 1]);
  const { generation, closedAt } = await monitor.describe();
  assert.equal(generation, Math.floor((checks - 1) / CHECKS_IN_GENERATION));
  assert.equal(closedAt, VIRTUAL_START + (DAYS + EVERY) * DAY_MS, "no check drifted");
  const { refs, effects, duplicateEffects } = await t.venue.audit();
  assert.deepEqual([refs, effects, duplicateEffects], [2, 2, 0]);
  lasts(`${YEARS} years, ${checks} checks, heap ${growth} bytes more than after five`);
});

const MONTHS = 60;
const POINTS: readonly CrashPoint[] = [
  "commit.before",
  "attempt.start",
  "attempt.answered",
  "commit.after",
];

test("a plan for the last of each month buys on its day for five years, killed in each period", async (context) => {
  const lasts = stopwatch(context);
  await using t = await testProject({
    definitions: [dca],
    // Nine in the morning of the 31st in Berlin.
    start: Date.UTC(2026, 0, 31, 8),
  });
  const plan = {
    symbol: "BTC-PERP",
    amountUsd: "1.00",
    every: { months: 1, zone: "Europe/Berlin" },
    periods: MONTHS,
  } as const;
  for (let n = 0; n < MONTHS; n += 1)
    t.crashAt(POINTS[n % POINTS.length] ?? "commit.before", { ref: `monthly/${n}` });
  const run = await t.client.start(dca, plan, { id: "monthly" });
  const report = await t.runUntilClosed(run);
  assert.deepEqual([report.bought, report.refused, report.skipped], [MONTHS, 0, 0]);
  const bought = (await t.venue.effects()).map(({ ref, at }) => [ref, new Date(at).toISOString()]);
  assert.deepEqual(
    bought,
    Array.from({ length: MONTHS }, (_, n) => [`monthly/${n}`, lastOfMonth(n)]),
  );
  assert.equal((await t.venue.audit()).duplicateEffects, 0);
  const { historyLength } = await run.describe();
  assert.ok(historyLength <= 6 * MONTHS + 2, `${historyLength} entries`);
  lasts(`${MONTHS} months`);
});

/** Nine in the morning in Berlin: summer time holds on the last day of March, and no longer on that of October. */
function lastOfMonth(n: number): string {
  const month = n % 12;
  const day = new Date(Date.UTC(2026, n + 1, 0)).getUTCDate();
  const isSummer = month >= 2 && month <= 8;
  return new Date(Date.UTC(2026, n, day, isSummer ? 7 : 8)).toISOString();
}

function stopwatch(context: TestContext): (what: string) => void {
  const startedAt = performance.now();
  return (what) => {
    context.diagnostic(`${what}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  };
}

/** Bytes that are in use when all that can be collected is collected. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
