// Suites: every one arms, with its defaults and with others; and what makes no sense is refused.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ZodError } from "zod";
import { START, call, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";
import { FAULTS_MAX, FaultRefused, Faults } from "./faults.ts";
import { FAULT_KINDS } from "./kind.ts";
import { FaultRule, type FaultRuleInput } from "./rule.ts";
import { SUITES, suiteOf } from "./suite.ts";

const PAGE = new URL("../../../../docs/venue/faults.md", import.meta.url);

describe("SUITES", () => {
  test("are rules, for one agent and one time where that is asked", () => {
    for (const suite of SUITES) {
      const rules = suite.rules({ agent: "dca" }, START).map((rule) => FaultRule.parse(rule));
      assert.ok(rules.length > 0);
      assert.ok(rules.every(({ agent }) => agent === "dca"));
      assert.throws(() => suite.rules({ typo: 1 }, START), ZodError, suite.name);
    }
    assert.equal(suiteOf("none"), undefined);
    const kinds = suiteOf("partition-30s")?.rules({ seconds: 5, from: 7 }, START);
    assert.deepEqual(kinds, [{ kind: "outage", from: 7, seconds: 5 }]);
  });

  test("fail as often as they say", () => {
    const faults = new Faults("seed", suiteOf("chaos:seed4")?.rules({}, START) ?? []);
    const at = START + 1_000_000;
    let failed = 0;
    for (let call = 0; call < 2_000; call += 1) {
      const request = { operation: "open", method: "POST", path: "/", agent: undefined };
      const struck = faults.hit({ ...request, key: `k${call}`, at });
      assert.ok(struck.some((rule) => rule.kind === "latency" && rule.ms === 500));
      if (struck.some(({ kind }) => kind === "status")) failed += 1;
    }
    assert.ok(failed > 540 && failed < 660, String(failed));
  });

  for (const method of ["GET", "POST"]) {
    test(`chaos:agent fails as often of ${method} as it says, and tells who watches of each request`, () => {
      const faults = new Faults("seed", suiteOf("chaos:agent")?.rules({}, START) ?? []);
      const watched: string[] = [];
      const unwatch = faults.watch((request, struck) => {
        if (struck.some(({ kind }) => kind !== "latency")) watched.push(request.key ?? "");
      });
      const ask = (n: number): readonly { readonly kind: string }[] =>
        faults.hit({
          operation: "x",
          method,
          path: "/",
          agent: undefined,
          key: `k${n}`,
          at: START,
        });
      const failed: string[] = [];
      for (let n = 0; n < 2_000; n += 1) {
        const struck = ask(n).map(({ kind }) => kind);
        assert.ok(struck.includes("latency"));
        if (struck.length > 1) failed.push(`k${n}`);
      }
      assert.ok(failed.length > 540 && failed.length < 660, String(failed.length));
      assert.deepEqual(watched, failed);
      unwatch();
      for (let n = 0; n < 100; n += 1) ask(n);
      assert.equal(watched.length, failed.length);
    });
  }

  test("drive the fourth guide's chaos in turn", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const rules = suiteOf("chaos:seed4")?.rules({ failureRate: 0, latencyMs: 0 }, START) ?? [];
    for (const rule of rules) sandbox.faults.add(rule);
    const prices = async (): Promise<string> =>
      (await fetch(`${sandbox.url}/api/market/prices`)).text();
    await assert.rejects(prices());
    await release(sandbox, START + 30_000, async () => {
      const slow = call(`${sandbox.url}/api/status`);
      await sandbox.venue.clock.waitForHeld(1, 5_000);
      return slow;
    });
    await release(sandbox, START + 60_000, prices, (text) => {
      assert.match(text, /:NaN/u);
    });
    const order = { symbol: "BTC-PERP", side: "long", size: 25 };
    await release(sandbox, START + 90_000, () =>
      agent.post("/api/v1/trade", order, { "idempotency-key": "k" }),
    );
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
    assert.equal(sandbox.venue.audit().replays, 1);
  });
});

/** Asks at an instant, and moves on until what is held has been answered. */
async function release<Value>(
  sandbox: Sandbox,
  at: number,
  ask: () => Promise<Value>,
  look: (value: Value) => void = () => undefined,
): Promise<void> {
  await sandbox.venue.advanceTo(at);
  const answer = ask();
  await sandbox.venue.clock.waitForHeld(1, 5_000);
  await sandbox.venue.advanceTo(at + 5_000);
  look(await answer);
}

describe("rules that make no sense", () => {
  const refused: readonly Record<string, unknown>[] = [
    { kind: "partial", operations: ["balance"] },
    { kind: "partial", method: "GET" },
    { kind: "partial", share: 1 },
    { kind: "late-fill", operations: ["open"] },
    { kind: "reject", operations: ["deposit"] },
    { kind: "nan", operations: ["open"] },
    { kind: "crossed", operations: ["candles"] },
    { kind: "stale", method: "POST" },
    { kind: "repeat", method: "GET" },
    { kind: "defer", ms: -1 },
    { kind: "drop", seconds: 5, until: 9 },
    { kind: "drop", from: 9, until: 9 },
    { kind: "drop", seconds: 0 },
    { kind: "event-lose", operations: ["open"] },
    { kind: "event-lose", path: "/x" },
    { kind: "stream-close", code: 99 },
    { kind: "stream-close", tries: [1] },
    { kind: "reset", share: 0 },
    { kind: "skew" },
    { kind: "spike", factor: 0 },
  ];
  for (const rule of refused) {
    test(JSON.stringify(rule), () => {
      assert.throws(() => new Faults("seed").add(rule as unknown as FaultRuleInput), ZodError);
    });
  }

  test("a crash where nobody lets it, and more than there may be", () => {
    assert.throws(() => new Faults("seed", [{ kind: "crash" }]), FaultRefused);
    const faults = new Faults("seed");
    for (let index = 0; index < FAULTS_MAX; index += 1) faults.add({ kind: "drop" });
    assert.throws(() => faults.add({ kind: "drop" }), FaultRefused);
  });
});

test("every kind and every suite stands in the documentation", () => {
  const text = readFileSync(PAGE, "utf8");
  for (const kind of Object.keys(FAULT_KINDS)) assert.ok(text.includes(`| \`${kind}\``), kind);
  for (const { name } of SUITES) assert.ok(text.includes(`| \`${name}\``), name);
});
