// Faults strike by what a request is, never by when it comes: the same requests in any order are hit alike.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { ZodError } from "zod";
import { Faults } from "./faults.ts";
import type { FaultRequest, FaultRuleInput } from "./rule.ts";

function request(more: Partial<FaultRequest> = {}): FaultRequest {
  return {
    operation: "open",
    method: "POST",
    path: "/api/v1/trade",
    agent: { id: "agent_1", name: "dca" },
    key: undefined,
    at: 1_000,
    ...more,
  };
}

function isHit(rule: FaultRuleInput, more: Partial<FaultRequest> = {}): boolean {
  return new Faults("seed", [rule]).hit(request(more)).length === 1;
}

describe("hit()", () => {
  test("matches by operation, method, path, agent and time", () => {
    const rules: readonly (readonly [Partial<FaultRuleInput>, boolean])[] = [
      [{}, true],
      [{ operations: ["open", "close"] }, true],
      [{ operations: ["close"] }, false],
      [{ method: "POST" }, true],
      [{ method: "GET" }, false],
      [{ path: "/api/v1/trade" }, true],
      [{ path: "/api/v1/*" }, true],
      [{ path: "/api/v1" }, false],
      [{ agent: "agent_1" }, true],
      [{ agent: "dca" }, true],
      [{ agent: "other" }, false],
      [{ from: 1_000, until: 1_001 }, true],
      [{ until: 1_000 }, false],
    ];
    for (const [rule, expected] of rules) {
      assert.equal(
        isHit({ kind: "outage", ...rule } as FaultRuleInput),
        expected,
        JSON.stringify(rule),
      );
    }
  });

  test("hits each n-th, and at most so many", () => {
    const faults = new Faults("seed", [{ kind: "drop", nth: 3, count: 2 }]);
    const hits = Array.from({ length: 12 }, () => faults.hit(request()).length);
    assert.deepEqual(hits, [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(
      faults.list().map(({ seen, hits, last }) => [seen, hits, last]),
      [[12, 2, request()]],
    );
  });

  test("hits named tries of each write", () => {
    const faults = new Faults("seed", [{ kind: "drop", tries: [1] }]);
    const hit = (key: string): number => faults.hit(request({ key })).length;
    assert.deepEqual([hit("a"), hit("a"), hit("b"), hit("a"), hit("b")], [1, 0, 1, 0, 0]);
  });

  test("takes the same chances in any order, and others under another seed", () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const rule: FaultRuleInput = { kind: "drop", probability: 0.4 };
    const struck = (seed: string, order: readonly string[]): readonly string[] => {
      const faults = new Faults(seed, [rule]);
      return order.filter((key) => faults.hit(request({ key })).length > 0).toSorted();
    };
    const expected = struck("seed", keys);
    assert.ok(expected.length > 5 && expected.length < 30);
    assert.notDeepEqual(struck("other", keys), expected);
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (order) => {
        assert.deepEqual(struck("seed", order), expected);
      }),
      { numRuns: 20 },
    );
  });

  test("does not depend on random ids of agents", () => {
    const chances = (id: string): readonly number[] => {
      const faults = new Faults("seed", [{ kind: "drop", probability: 0.5 }]);
      const agent = { id, name: "dca" };
      return Array.from({ length: 20 }, () => faults.hit(request({ agent })).length);
    };
    assert.deepEqual(chances("agent_1"), chances("agent_2"));
  });
});

describe("add()", () => {
  test("refuses what is not a rule", () => {
    const wrong: readonly unknown[] = [
      {},
      { kind: "fire" },
      { kind: "drop", probability: 2 },
      { kind: "drop", typo: 1 },
      { kind: "status", status: 404 },
    ];
    for (const rule of wrong) {
      assert.throws(() => new Faults("seed").add(rule as FaultRuleInput), ZodError);
    }
  });

  test("can be taken back, one or all", () => {
    const faults = new Faults("seed", [{ kind: "drop" }, { kind: "outage" }]);
    faults.clear(1);
    assert.deepEqual(
      faults.list().map(({ id }) => id),
      [2],
    );
    faults.clear();
    assert.deepEqual(faults.list(), []);
  });
});
