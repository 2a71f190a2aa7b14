// What becomes of a stream's connection at its moments.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StreamMoment } from "./facts.ts";
import { Faults } from "./faults.ts";
import type { FaultRuleInput } from "./rule.ts";
import { type StreamPlan, planStream } from "./stream.ts";

const AGENT = { id: "agent_1", name: "dca" };
const UNTOUCHED: StreamPlan = { close: undefined, silent: false, slowMs: 0, keep: undefined };

function ask(faults: Faults, moment: StreamMoment, at = 1_000): StreamPlan {
  return planStream(faults, { moment, agent: AGENT, at });
}

describe("planStream()", () => {
  test("strikes each kind at its moments only", () => {
    const cases: readonly (readonly [FaultRuleInput, Partial<Record<StreamMoment, object>>])[] = [
      [
        { kind: "stream-close", code: 4_000, reason: "x" },
        {
          open: { close: { code: 4_000, reason: "x" } },
          send: { close: { code: 4_000, reason: "x" } },
        },
      ],
      [{ kind: "stream-silence" }, { open: { silent: true }, send: { silent: true } }],
      [{ kind: "stream-slow", ms: 40 }, { send: { slowMs: 40 } }],
      [{ kind: "stream-overflow", keep: 5 }, { resume: { keep: 5 } }],
      [{ kind: "event-lose" }, {}],
      [{ kind: "outage" }, {}],
    ];
    for (const [rule, expected] of cases) {
      const faults = new Faults("seed", [rule]);
      for (const moment of ["open", "send", "resume"] as const) {
        const wanted = { ...UNTOUCHED, ...expected[moment] };
        assert.deepEqual(ask(faults, moment), wanted, `${rule.kind} at ${moment}`);
      }
    }
  });

  test("closes at each n-th message, so often, of one agent, in its time", () => {
    const faults = new Faults("seed", [
      { kind: "stream-close", nth: 3, count: 2, agent: "dca", from: 500, until: 2_000 },
    ]);
    const closed = Array.from({ length: 12 }, () => ask(faults, "send").close !== undefined);
    assert.deepEqual(
      closed.flatMap((one, index) => (one ? [index + 1] : [])),
      [3, 6],
    );
    const [fault] = faults.list();
    assert.deepEqual([fault?.seen, fault?.hits, fault?.last], [12, 2, undefined]);
    assert.deepEqual(ask(faults, "send", 2_000), UNTOUCHED);
    assert.equal(faults.list()[0]?.seen, 12);
  });

  test("adds slowness up and keeps the least", () => {
    const faults = new Faults("seed", [
      { kind: "stream-slow", ms: 10 },
      { kind: "stream-slow", ms: 5 },
      { kind: "stream-overflow", keep: 9 },
      { kind: "stream-overflow", keep: 2 },
    ]);
    assert.equal(ask(faults, "send").slowMs, 15);
    assert.equal(ask(faults, "resume").keep, 2);
  });
});
