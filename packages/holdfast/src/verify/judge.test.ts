// What a ledger and a journal mean beside the clean run's: each fault is seen, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "@holdfast/core";
import type { Effect } from "@holdfast/sandbox";
import { type Finding, judge, judgeClean } from "./judge.ts";
import type { DecidedCall, Outcome } from "./outcome.ts";

let effects = 0;

function effect(ref: string | null, key: string | null, replays = 0): Effect {
  effects += 1;
  const made = { id: effects, operation: "open", agent: "agent_1", amountMicros: "1", at: effects };
  return { ...made, ref, key, replays };
}

function call(ref: string, key: string, state: DecidedCall["state"] = "done"): DecidedCall {
  return { ref, key, state, activity: "buy", effect: "money", totalMs: 60_000 };
}

function outcome(more: Partial<Outcome>): Outcome {
  const ended = { status: "completed", output: encode(1), failure: undefined } as const;
  return { ...ended, problem: undefined, calls: [], effects: [], tookMs: 0, ...more };
}

const calls = [call("a", "ka"), call("b", "kb")];
const clean = outcome({ calls, effects: [effect("a", "ka"), effect("b", "kb")] });
const seen = (findings: readonly Finding[]): readonly unknown[] =>
  findings.map(({ fault, ref, effects: shown }) => [fault, ref, shown.length]);

test("judge() finds nothing where the same has happened, in any order and under other keys", () => {
  const other = [effect("b", "x"), effect("a", "y")];
  assert.deepEqual(seen(judge(clean, outcome({ calls, effects: other }))), []);
  assert.deepEqual(seen(judgeClean(clean)), []);
});

test("judge() finds what happened twice, and what is missing", () => {
  const twice = outcome({ calls, effects: [...clean.effects, effect("a", "k2")] });
  assert.deepEqual(seen(judge(clean, twice)), [["doubled", "a", 2]]);
  const missing = judge(clean, outcome({ calls, effects: [effect("a", "ka")] }));
  assert.deepEqual(seen(missing), [["lost", "b", 1]]);
  assert.match(missing[0]?.message ?? "", /the journal of this run says done/u);
  const never = judge(clean, outcome({ calls: [call("a", "ka")], effects: [effect("a", "ka")] }));
  assert.match(never[0]?.message ?? "", /this run never decided it/u);
});

test("judge() counts decisions under one ref by their keys, and parts by their names", () => {
  const shared = outcome({
    calls: [call("a", "k1"), call("a", "k2")],
    effects: [
      effect("a", "k1"),
      effect("a", "k2"),
      effect("a/leg-1", "p1"),
      effect("a/leg-2", "p"),
    ],
  });
  assert.deepEqual(seen(judgeClean(shared)), []);
  const continued = outcome({
    calls: [call("a", "k1"), call("a", "k1")],
    effects: [effect("a", "k1"), effect("a", "k3")],
  });
  assert.deepEqual(seen(judgeClean(continued)), [["doubled", "a", 2]]);
});

test("judgeClean() finds effects that belong to no call, and decisions that share a key", () => {
  const keyed = outcome({ calls, effects: [effect(null, "ka"), effect("b", null)] });
  assert.deepEqual(seen(judgeClean(keyed)), []);
  const outside = outcome({ calls: [], effects: [effect(null, null), effect("own", "x")] });
  assert.deepEqual(seen(judgeClean(outside)), [["outside", undefined, 2]]);
  assert.deepEqual(
    seen(judge(outside, { ...outside, effects: [...outside.effects, effect(null, null)] })),
    [["doubled", "open of 1", 2]],
  );
  const swallowed = outcome({ calls, effects: [effect("a", "ka", 1)] });
  assert.deepEqual(seen(judgeClean(swallowed)), [["lost", "b", 1]]);
});

test("judge() compares how runs ended, and tells of outputs apart", () => {
  const of = (more: Partial<Outcome>): readonly unknown[] =>
    judge(clean, { ...clean, ...more }).map(({ fault }) => fault);
  assert.deepEqual(of({ status: "in-doubt", output: undefined }), ["ended"]);
  assert.deepEqual(of({ output: encode(2) }), ["output"]);
  const problem = { code: "HF-DETERMINISM", message: "differs" } as Outcome["problem"];
  assert.deepEqual(of({ status: "stuck", problem }), ["problem"]);
  const running = outcome({ status: "running", output: undefined });
  assert.deepEqual(
    judge(running, outcome({})).map(({ fault }) => fault),
    ["output"],
  );
});
