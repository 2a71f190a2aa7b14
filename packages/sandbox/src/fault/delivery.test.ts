// What becomes of an event about to be delivered: seeded, by event and not by when it comes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createPassing, planDelivery } from "./delivery.ts";
import type { DeliveryFacts } from "./facts.ts";
import { Faults } from "./faults.ts";
import type { FaultRuleInput } from "./rule.ts";

const AGENT = { id: "agent_1", name: "dca" };
const NOW = [{ delayMs: 0, behind: 0, copy: 0 }];

function event(more: Partial<DeliveryFacts> = {}): DeliveryFacts {
  return {
    channel: "stream",
    agent: AGENT,
    type: "trade.opened",
    eventId: "E1",
    at: 1_000,
    ...more,
  };
}

function plan(rules: readonly FaultRuleInput[], more: Partial<DeliveryFacts> = {}): unknown {
  return planDelivery(new Faults("seed", rules), event(more));
}

describe("planDelivery()", () => {
  test("delivers once and at once where nothing is armed, or other things are", () => {
    assert.deepEqual(plan([]), NOW);
    assert.deepEqual(plan([{ kind: "outage" }, { kind: "stream-close" }]), NOW);
  });

  test("loses, delays, doubles and puts behind", () => {
    assert.deepEqual(plan([{ kind: "event-lose" }]), []);
    assert.deepEqual(plan([{ kind: "event-delay", ms: 70 }]), [
      { delayMs: 70, behind: 0, copy: 0 },
    ]);
    assert.deepEqual(plan([{ kind: "event-duplicate", copies: 2, ms: 10 }]), [
      { delayMs: 0, behind: 0, copy: 0 },
      { delayMs: 10, behind: 0, copy: 1 },
      { delayMs: 20, behind: 0, copy: 2 },
    ]);
    assert.deepEqual(plan([{ kind: "event-reorder", behind: 3, ms: 900 }]), [
      { delayMs: 900, behind: 3, copy: 0 },
    ]);
    assert.deepEqual(
      plan([
        { kind: "event-delay", ms: 50 },
        { kind: "event-duplicate", ms: 5 },
      ]),
      [
        { delayMs: 50, behind: 0, copy: 0 },
        { delayMs: 55, behind: 0, copy: 1 },
      ],
    );
  });

  test("matches by channel, type, agent, time and try", () => {
    const cases: readonly (readonly [object, Partial<DeliveryFacts>, boolean])[] = [
      [{ channel: "stream" }, {}, true],
      [{ channel: "webhook" }, {}, false],
      [{ types: ["wallet.*", "trade.opened"] }, {}, true],
      [{ types: ["trade.*"] }, {}, true],
      [{ types: ["trade"] }, {}, false],
      [{ agent: "dca" }, {}, true],
      [{ agent: "agent_2" }, {}, false],
      [{ from: 1_000, seconds: 1 }, { at: 1_999 }, true],
      [{ from: 1_000, seconds: 1 }, { at: 2_000 }, false],
      [{ tries: [2] }, { attempt: 1 }, false],
      [{ tries: [2] }, { attempt: 2 }, true],
      [{ nth: 2 }, {}, false],
    ];
    for (const [rule, more, expected] of cases) {
      const lost = plan([{ kind: "event-lose", ...rule }], more);
      assert.deepEqual(lost, expected ? [] : NOW, JSON.stringify(rule));
    }
  });

  test("takes the same chances in any order of events", () => {
    const ids = Array.from({ length: 60 }, (_, index) => `E${index}`);
    const lost = (seed: string, order: readonly string[]): readonly string[] => {
      const faults = new Faults(seed, [{ kind: "event-lose", probability: 0.3 }]);
      return order
        .filter((eventId) => planDelivery(faults, event({ eventId })).length === 0)
        .toSorted();
    };
    const expected = lost("seed", ids);
    assert.ok(expected.length > 8 && expected.length < 30);
    assert.notDeepEqual(lost("other", ids), expected);
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: ids.length }), (order) => {
        assert.deepEqual(lost("seed", order), expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("createPassing()", () => {
  test("sends an event behind as many later ones as it says", () => {
    const line = createPassing<string>();
    const sent = [
      ...line.pass("a", 2),
      ...line.pass("b", 0),
      ...line.pass("c", 1),
      ...line.pass("d", 0),
      ...line.pass("e", 0),
    ];
    assert.deepEqual(sent, ["b", "d", "a", "c", "e"]);
  });

  test("lets one go when its time is over, once", () => {
    const line = createPassing<string>();
    line.pass("a", 5);
    assert.equal(line.release("a"), true);
    assert.equal(line.release("a"), false);
    assert.deepEqual(line.pass("b", 0), ["b"]);
  });

  test("loses nothing and doubles nothing", () => {
    const steps = fc.array(fc.nat({ max: 4 }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (behind) => {
        const line = createPassing<number>();
        const sent = behind.flatMap((count, index) => [...line.pass(index, count)]);
        const rest = behind.map((_, index) => index).filter((index) => line.release(index));
        const all = [...sent, ...rest].toSorted((a, b) => a - b);
        assert.deepEqual(all, [...behind.keys()]);
      }),
    );
  });
});
