// The breaker's states: what opens it, who the probe is, and what a person holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BREAKER,
  type BreakerState,
  type Failure,
  HoldfastError,
  askBreaker,
  changeOf,
  forceBreaker,
  healthOf,
  newBreaker,
  tellBreaker,
  toFailure,
} from "@holdfast/core";

function failed(over: Partial<Failure>): Failure {
  return { ...toFailure(new HoldfastError("TEST", "no")), ...over };
}

const ill = failed({ class: "network", disposition: "retry" });

function told(state: BreakerState, failure: Failure | undefined, now: number, holder = "a") {
  return tellBreaker(state, BREAKER, { holder, now, failure });
}

function open(now = 0): BreakerState {
  let state = newBreaker("v/read", now);
  for (let n = 0; n < BREAKER.failures; n += 1) state = told(state, ill, now);
  return state;
}

test("healthOf() tells an ill venue from one that refuses, asks for patience, or was not asked", () => {
  const of = (c: Failure["class"], d: Failure["disposition"]) =>
    healthOf({ class: c, disposition: d });
  assert.deepEqual(
    [of("network", "retry"), of("api", "retry"), of("data", "retry")],
    ["ill", "ill", "ill"],
  );
  assert.deepEqual([of("api", "refused"), of("api", "retry-after")], ["well", "well"]);
  for (const [c, d] of [
    ["logic", "retry"],
    ["state", "retry"],
    ["state", "cancelled"],
    ["resource", "retry"],
    ["data", "refused"],
  ] as const)
    assert.equal(of(c, d), "silent", `${c} ${d}`);
});

test("five failures in a row open it for a minute; one answer or refusal between them counts from none", () => {
  let state = newBreaker("v/read", 0);
  for (const failure of [ill, ill, ill, ill, failed({ class: "api", disposition: "refused" })])
    state = told(state, failure, 1);
  assert.deepEqual([state.mode, state.failures], ["closed", 0]);
  for (let n = 0; n < 4; n += 1) state = told(state, ill, 2);
  assert.equal(state.mode, "closed");
  state = told(state, failed({ class: "logic", disposition: "retry" }), 2);
  assert.deepEqual([state.mode, state.failures], ["closed", 4]);
  const before = state;
  state = told(state, ill, 3);
  assert.deepEqual([state.mode, state.openUntil], ["open", 60_003]);
  assert.match(changeOf(before, state)?.reason ?? "", /^5 failures in a row, the last with TEST$/u);
  assert.deepEqual(askBreaker(state, { holder: "a", now: 60_002 }), {
    kind: "wait",
    until: 60_003,
  });
});

test("one of 64 is the probe, its answer closes, its failure opens for another minute", () => {
  let state = open();
  let probes = 0;
  for (let n = 0; n < 64; n += 1) {
    const answer = askBreaker(state, { holder: `h${n}`, now: 60_000 });
    if (answer.kind !== "probe") continue;
    probes += 1;
    state = answer.state;
  }
  assert.deepEqual([probes, state.mode, state.probe?.holder], [1, "half-open", "h0"]);
  assert.equal(told(state, undefined, 60_010, "h1"), state, "a late answer of another is no news");
  const again = told(state, ill, 60_010, "h0");
  assert.deepEqual([again.mode, again.openUntil, again.probe], ["open", 120_010, undefined]);
  const closed = told(state, undefined, 60_010, "h0");
  assert.deepEqual([closed.mode, closed.failures], ["closed", 0]);
});

test("a probe that says nothing frees its place, and one that died loses it after its time", () => {
  const asked = askBreaker(open(), { holder: "a", now: 60_000, probeMs: 500 });
  assert.ok(asked.kind === "probe");
  const { state } = asked;
  assert.deepEqual(askBreaker(state, { holder: "b", now: 60_499 }), {
    kind: "wait",
    until: 60_500,
  });
  assert.equal(askBreaker(state, { holder: "b", now: 60_500 }).kind, "probe");
  const dropped = tellBreaker(state, BREAKER, { holder: "a", now: 60_001, dropped: true });
  assert.equal(askBreaker(dropped, { holder: "b", now: 60_001 }).kind, "probe");
});

test("what a person holds open or closed stays so, whatever happens, until auto", () => {
  const by = { actor: "ann", reason: "the venue has announced it", now: 5 };
  const held = forceBreaker(newBreaker("v/write", 0), "open", by);
  assert.deepEqual(askBreaker(held, { holder: "a", now: 9e12 }), {
    kind: "wait",
    until: undefined,
  });
  assert.equal(told(held, undefined, 6), held);
  const closed = forceBreaker(open(), "closed", by);
  let state = closed;
  for (let n = 0; n < 9; n += 1) state = told(state, ill, 7);
  assert.equal(askBreaker(state, { holder: "a", now: 8 }).kind, "go");
  const auto = forceBreaker(held, "auto", { ...by, now: 9 });
  assert.deepEqual([auto.mode, auto.forced], ["closed", undefined]);
  assert.equal(changeOf(held, auto)?.to, "closed");
});
