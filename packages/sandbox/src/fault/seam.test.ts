// The planners in the form that stream and webhooks ask for.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Faults } from "./faults.ts";
import type { FaultRuleInput } from "./rule.ts";
import { type Named, streamFaults, webhookFaults } from "./seam.ts";

const AGENT = { id: "agent_1", name: "dca" };

function event(eventId: string): Named {
  return { type: "trade.opened", eventId };
}

function stream(rules: readonly FaultRuleInput[]): {
  readonly send: (eventId: string, at?: number) => readonly number[];
  readonly done: unknown[];
} {
  const done: unknown[] = [];
  let now = 0;
  const deliver = streamFaults<Named>(
    new Faults("seed", rules),
    {
      close: (...given) => done.push(["close", ...given]),
      silence: (...given) => done.push(["silence", ...given]),
    },
    () => now,
  );
  return {
    done,
    send(eventId, at = 0) {
      now = at;
      return deliver(event(eventId), AGENT).map(({ afterMs }) => afterMs);
    },
  };
}

describe("streamFaults()", () => {
  test("sends once, twice, later or never", () => {
    assert.deepEqual(stream([]).send("a"), [0]);
    assert.deepEqual(stream([{ kind: "event-lose" }]).send("a"), []);
    assert.deepEqual(stream([{ kind: "event-duplicate", ms: 7 }]).send("a"), [0, 7]);
    assert.deepEqual(stream([{ kind: "event-reorder", ms: 9 }]).send("a"), [9]);
    assert.deepEqual(stream([{ kind: "event-lose", channel: "webhook" }]).send("a"), [0]);
  });

  test("closes or silences the agent's line in the place of an event", () => {
    const closed = stream([{ kind: "stream-close", nth: 2, code: 4_000, reason: "x" }]);
    assert.deepEqual([closed.send("a"), closed.send("b"), closed.send("c")], [[0], [], [0]]);
    assert.deepEqual(closed.done, [["close", "agent_1", 4_000, "x"]]);
    const silent = stream([{ kind: "stream-silence", count: 1 }]);
    assert.deepEqual([silent.send("a"), silent.done], [[], [["silence", "agent_1", true]]]);
  });

  test("lets what is slow pile up", () => {
    const slow = stream([{ kind: "stream-slow", ms: 100 }]);
    assert.deepEqual(
      [slow.send("a"), slow.send("b"), slow.send("c", 50), slow.send("d", 1_000)],
      [[100], [200], [250], [100]],
    );
  });
});

describe("webhookFaults()", () => {
  test("says when an attempt is sent, by its agent's name and its number", () => {
    const faults = new Faults("seed", [
      { kind: "event-delay", ms: 5, agent: "dca", tries: [1], channel: "webhook" },
      { kind: "event-lose", tries: [2] },
    ]);
    const dispatch = webhookFaults(faults, (id) => (id === "agent_1" ? "dca" : "other"));
    const send = (agent: string, attempt: number): readonly number[] =>
      dispatch({ ...event("a"), agent, attempt, at: 0 });
    assert.deepEqual(
      [send("agent_1", 1), send("agent_1", 2), send("agent_1", 3), send("agent_2", 1)],
      [[5], [], [0], [0]],
    );
  });
});
