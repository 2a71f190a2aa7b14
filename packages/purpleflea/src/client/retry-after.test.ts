// What headers say of waiting: pure, so that each spelling is a line here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextDueMs, quotaResetMs } from "./retry-after.ts";

type Fields = Readonly<Record<string, string>>;

test("nextDueMs() is when a used-up quota has a request again, by its policy or at its reset", () => {
  const policy = { "ratelimit-policy": '"trade";q=20;w=10' };
  const cases: readonly (readonly [Fields, number | undefined])[] = [
    [{ ratelimit: '"trade";r=0;t=12', ...policy }, 500],
    [{ ratelimit: '"trade";r=0', ...policy }, 500],
    [{ ratelimit: '"trade";t=12;r=0' }, 12_000],
    // What is due sooner by the reset is due then.
    [{ ratelimit: '"day";r=0;t=3', "ratelimit-policy": '"day";q=2;w=20' }, 3_000],
    [{ ratelimit: '"read";r=0;t=5', "ratelimit-policy": '"read";q=3;w=1' }, 334],
    // Something is left.
    [{ ratelimit: '"trade";r=1;t=12', ...policy }, undefined],
    [{ ratelimit: '"trade";t=12', ...policy }, undefined],
    // Each quota has its own policy, and the one that is due last counts.
    [{ ratelimit: '"trade";r=0;t=12, "day";r=0;t=40', ...policy }, 40_000],
    [{ ratelimit: '"trade";r=0;t=12, "day";r=7;t=40', ...policy }, 500],
    [{ ratelimit: '"exit";r=0;t=12', ...policy }, 12_000],
    // Policies that promise nothing.
    [{ ratelimit: '"trade";r=0;t=12', "ratelimit-policy": '"trade";q=0;w=10' }, 12_000],
    [{ ratelimit: '"trade";r=0;t=12', "ratelimit-policy": '"trade";q=20' }, 12_000],
    [{ ratelimit: '"trade";r=0;t=12', "ratelimit-policy": "much" }, 12_000],
    // At most a minute.
    [{ ratelimit: '"day";r=0;t=40000' }, 60_000],
    [{ ratelimit: '"day";r=0;t=40000', "ratelimit-policy": '"day";q=2;w=86400' }, 60_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" }, 7_000],
    [{ "x-ratelimit-remaining": "3", "x-ratelimit-reset": "7" }, undefined],
    [{ "x-ratelimit-reset": "7" }, undefined],
    [{ "x-ratelimit-remaining": "0" }, undefined],
    // An instant, which some send, is none of our clock's.
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772704800" }, undefined],
    // The draft's field counts before the older ones.
    [
      { ratelimit: '"t";r=0;t=12', "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" },
      12_000,
    ],
    [
      { ratelimit: '"t";r=2;t=12', "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" },
      undefined,
    ],
    [{ ratelimit: '"trade";r=0' }, undefined],
    [{ ratelimit: "soon" }, undefined],
    [{}, undefined],
  ];
  for (const [fields, expected] of cases)
    assert.equal(nextDueMs(new Headers(fields)), expected, JSON.stringify(fields));
});

test("quotaResetMs() is the reset of the quota that is used up, of several", () => {
  const cases: readonly (readonly [Fields, number | undefined])[] = [
    [{ ratelimit: '"second";r=4;t=1, "day";r=0;t=40' }, 40_000],
    [{ ratelimit: '"trade";t=9' }, 9_000],
    [{ ratelimit: '"trade";r=0', "x-ratelimit-reset": "4" }, 4_000],
    [{}, undefined],
  ];
  for (const [fields, expected] of cases)
    assert.equal(quotaResetMs(new Headers(fields)), expected, JSON.stringify(fields));
});
