// What may be asked of chaos, and what is refused with the reason.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@holdfast/core";
import { type Asked, planOf } from "./plan.ts";

const refused: readonly (readonly [Asked, RegExp])[] = [
  [{ failureRate: 1.5 }, /failure rate is 1\.5: expected a share from 0 to 1/u],
  [{ failureRate: -0.1 }, /failure rate is -0\.1/u],
  [{ failureRate: Number.NaN }, /failure rate is NaN/u],
  [{ seconds: -5 }, /seconds is -5: expected more than 0 and at most 3600/u],
  [{ seconds: 0 }, /seconds is 0/u],
  [{ seconds: Number.NaN }, /seconds is NaN/u],
  [{ seconds: 3_601 }, /seconds is 3601/u],
  [{ latency: "2m" }, /latency is 120000 ms: expected 0 to 60000/u],
  [{ latency: "-1s" }, /latency is -1000 ms/u],
  [{ suite: "seed5" }, /suite is "seed5": expected agent or seed4/u],
  [{ suite: "toString" }, /suite is "toString"/u],
  [{ seconds: 0, failureRate: 2 }, /seconds is 0: .*; failure rate is 2: .*Nothing was run\./u],
];

test("planOf() refuses what makes no sense, all of it at once", () => {
  for (const [asked, why] of refused) {
    assert.throws(
      () => planOf(asked),
      (error: Error) => hasCode(error, "HF-CHAOS-INVALID") && why.test(error.message),
      JSON.stringify(asked),
    );
  }
  assert.throws(
    () => planOf({ latency: "soon" as never }),
    (error) => hasCode(error, "HF-DURATION-INVALID"),
  );
});

test("planOf() takes the bounds, and lets the guide's steps fill the time", () => {
  for (const failureRate of [0, 1]) assert.equal(planOf({ failureRate }).failureRate, failureRate);
  const { suite, latencyMs, rules } = planOf({ suite: "seed4", seconds: 8, latency: 0 });
  assert.deepEqual([suite, latencyMs], ["chaos:seed4", 0]);
  const outage = rules(1_000).find(({ kind }) => kind === "outage");
  assert.deepEqual(outage, { kind: "outage", from: 1_000, seconds: 2 });
});
