// Limits of one account at a venue: how many at once, how many a second, and a venue that asks for patience.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bulkhead, hasCode, policiesOf, policyProblems } from "@holdfast/core";

const none = { concurrency: Infinity, perSecond: Infinity, burst: 1 };

test("as many are there at once as may, and one more where it goes first", () => {
  const bulkhead = new Bulkhead({ ...none, concurrency: 2 });
  const [a, b, c, d] = [{}, {}, {}, {}];
  assert.deepEqual([bulkhead.ask(a, 0), bulkhead.ask(b, 0)], [undefined, undefined]);
  assert.deepEqual(bulkhead.ask(c, 0), { until: undefined });
  assert.equal(bulkhead.ask(d, 0, true), undefined);
  assert.deepEqual([bulkhead.leave(a), bulkhead.leave(a)], [true, false]);
  assert.deepEqual(bulkhead.ask(c, 0), { until: undefined });
  bulkhead.leave(d);
  assert.equal(bulkhead.ask(c, 0), undefined);
});

test("a rate gives each its turn, in the order in which they asked, after a burst", () => {
  const bulkhead = new Bulkhead({ ...none, perSecond: 10, burst: 2 });
  const calls = Array.from({ length: 5 }, () => ({}));
  const turns = calls.map((call) => bulkhead.ask(call, 1_000)?.until);
  assert.deepEqual(turns, [undefined, undefined, 1_100, 1_200, 1_300]);
  assert.deepEqual(bulkhead.ask(calls[3] ?? {}, 1_150), { until: 1_200 }, "the turn stays");
  assert.equal(bulkhead.ask(calls[2] ?? {}, 1_150), undefined);
  assert.equal(bulkhead.ask({}, 9_000), undefined, "a rest fills the burst again");
  assert.equal(bulkhead.ask({}, 9_000), undefined);
  assert.deepEqual(bulkhead.ask({}, 9_000), { until: 9_100 });
});

test("a venue that asks for patience is let alone, and turns before that are void", () => {
  const bulkhead = new Bulkhead({ ...none, perSecond: 10, burst: 1 });
  const call = {};
  bulkhead.ask({}, 0);
  assert.deepEqual(bulkhead.ask(call, 0), { until: 100 });
  bulkhead.rest(0, 7_000);
  assert.deepEqual(bulkhead.ask(call, 100), { until: 7_000, rests: true });
  bulkhead.rest(50);
  assert.equal(bulkhead.ask(call, 6_999)?.until, 7_000, "never shortened");
  assert.equal(bulkhead.ask(call, 7_000), undefined);
  bulkhead.rest(8_000, 0.1);
  assert.equal(bulkhead.ask({}, 8_000)?.until, 8_001, "whole milliseconds, never too few");
  bulkhead.rest(9_000, Infinity);
  assert.equal(bulkhead.ask({}, 9_000)?.until, 9_000 + 86_400_000, "a day at most");
});

test("policiesOf() has the defaults, and refuses what contradicts itself with every reason", () => {
  const known = policiesOf({ desk: { breaker: false, perSecond: 5 } });
  assert.deepEqual(known.of("other").breaker, { failures: 5, coolingMs: 60_000 });
  assert.deepEqual(known.of("desk"), {
    breaker: undefined,
    bulkhead: { concurrency: Infinity, perSecond: 5, burst: 5 },
  });
  const bad = {
    desk: { burst: 3, concurrency: 0, breaker: { failures: 1.5, cooling: "1ms" }, rate: 1 },
    typo: {},
  };
  const problems = policyProblems(bad, ["desk"]);
  for (const why of [
    /desk\.burst says nothing without perSecond/u,
    /desk\.concurrency must be a whole number/u,
    /desk\.breaker\.failures must be/u,
    /desk\.breaker\.cooling must be a duration/u,
    /desk\.rate is not known/u,
    /typo: no resource with a venue has this name; there is desk/u,
  ])
    assert.ok(
      problems.some((problem) => why.test(problem)),
      String(why),
    );
  assert.equal(problems.length, 6);
  assert.throws(
    () => policiesOf(bad as never),
    (error: unknown) => hasCode(error, "HF-POLICY-INVALID"),
  );
});
