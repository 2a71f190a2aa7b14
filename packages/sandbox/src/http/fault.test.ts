// Faults over HTTP: each kind before and after the commit, and what the caller and the ledger see of it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RequestRuleInput } from "../fault/rule.ts";
import {
  START,
  type TestAgent,
  call,
  control,
  openTestSandbox,
  registerAgent,
} from "../fixture/kit.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };
const KEY = { "idempotency-key": "k" };

interface Scene {
  readonly agent: TestAgent;
  readonly opened: () => number;
}

async function withFault(
  rule: RequestRuleInput,
  work: (scene: Scene & { readonly url: string }) => Promise<void>,
): Promise<void> {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  sandbox.faults.add({ operations: ["open"], ...rule });
  const opened = (): number => sandbox.venue.positions(agent.id).length;
  await work({ agent, opened, url: sandbox.url });
}

describe("drop", () => {
  test("after the commit leaves one effect, found again under the key", async () => {
    await withFault({ kind: "drop", when: "after", count: 1 }, async ({ agent, opened }) => {
      await assert.rejects(agent.post("/api/v1/trade", ORDER, KEY));
      assert.equal(opened(), 1);
      const again = await agent.post("/api/v1/trade", ORDER, KEY);
      assert.equal(again.status, 200);
      assert.equal(again.headers.get("idempotent-replayed"), "true");
      assert.equal(opened(), 1);
    });
  });

  test("before the commit leaves nothing", async () => {
    await withFault({ kind: "drop", when: "before", count: 1 }, async ({ agent, opened }) => {
      await assert.rejects(agent.post("/api/v1/trade", ORDER, KEY));
      assert.equal(opened(), 0);
      const again = await agent.post("/api/v1/trade", ORDER, KEY);
      assert.equal(again.headers.get("idempotent-replayed"), null);
      assert.equal(opened(), 1);
    });
  });
});

describe("status", () => {
  test("is answered before or after the commit, with its own number", async () => {
    for (const [when, effects] of [
      ["before", 0],
      ["after", 1],
    ] as const) {
      await withFault({ kind: "status", status: 502, when }, async ({ agent, opened }) => {
        const { status, body, headers } = await agent.post("/api/v1/trade", ORDER, KEY);
        assert.deepEqual([status, body.status, body.code], [502, 502, "fault_injected"]);
        assert.equal(headers.get("x-venue-time"), String(START));
        assert.equal(opened(), effects);
      });
    }
  });
});

describe("throttle", () => {
  test("is a 429, with Retry-After where seconds are given", async () => {
    for (const retryAfterSeconds of [undefined, 7]) {
      const more = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      await withFault({ kind: "throttle", ...more }, async ({ agent, opened }) => {
        const { status, body, headers } = await agent.post("/api/v1/trade", ORDER, KEY);
        assert.deepEqual([status, body.code], [429, "rate_limited"]);
        assert.equal(headers.get("retry-after"), retryAfterSeconds?.toString() ?? null);
        assert.equal(opened(), 0);
      });
    }
  });
});

describe("outage", () => {
  test("cuts every connection, whoever asks for what", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    sandbox.faults.add({ kind: "outage" });
    await assert.rejects(agent.get("/api/wallet/balance"));
    await assert.rejects(call(`${sandbox.url}/api/status`));
    await assert.rejects(call(`${sandbox.url}/nowhere`));
    await assert.rejects(call(`${sandbox.url}/api/v1/trade`, { body: "not json" }));
    sandbox.faults.clear();
    assert.equal((await agent.get("/api/wallet/balance")).status, 200);
  });

  test("lasts for a stretch of the venue's time", async () => {
    await using sandbox = await openTestSandbox({
      faults: [{ kind: "outage", from: START + 1_000, until: START + 2_000 }],
    });
    const status = (): Promise<unknown> => call(`${sandbox.url}/api/status`);
    await status();
    await sandbox.venue.advanceTo(START + 1_000);
    await assert.rejects(status());
    await sandbox.venue.advanceTo(START + 2_000);
    await status();
  });
});

describe("latency", () => {
  test("carries requests out in due order, each at its own instant", async () => {
    await using sandbox = await openTestSandbox({
      faults: [
        { kind: "latency", ms: 3_000, operations: ["open"], nth: 2, count: 1 },
        { kind: "latency", ms: 9_000, operations: ["open"], count: 1 },
      ],
    });
    const agent = await registerAgent(sandbox);
    const slow = agent.post("/api/v1/trade", ORDER, { "idempotency-key": "slow" });
    await control(sandbox, "/clock/held?count=1&wait=5000");
    const fast = agent.post("/api/v1/trade", ORDER, { "idempotency-key": "fast" });
    const { body } = await control(sandbox, "/clock/held?count=2&wait=5000");
    assert.deepEqual(body.held, [
      { until: START + 3_000, method: "POST", path: "/api/v1/trade", agent: agent.id, key: "fast" },
      { until: START + 9_000, method: "POST", path: "/api/v1/trade", agent: agent.id, key: "slow" },
    ]);
    const advanced = await control(sandbox, "/clock/advance", { body: { to: START + 60_000 } });
    assert.deepEqual(advanced.body, {
      mode: "frozen",
      now: START + 60_000,
      rate: 0,
      released: 2,
      fired: [],
      more: 0,
    });
    const times = [(await fast).body.ts, (await slow).body.ts];
    assert.deepEqual(times, [START + 3_000, START + 9_000]);
  });

  test("after the commit holds the answer only", async () => {
    await using sandbox = await openTestSandbox({
      faults: [{ kind: "latency", ms: 100, when: "after", operations: ["open"] }],
    });
    const agent = await registerAgent(sandbox);
    const posted = agent.post("/api/v1/trade", ORDER, KEY);
    await control(sandbox, "/clock/held?count=1&wait=5000");
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
    await control(sandbox, "/clock/advance", { body: { by: 100 } });
    assert.equal((await posted).status, 200);
  });

  test("ends without a commit when the venue closes", async () => {
    const sandbox = await openTestSandbox({
      faults: [{ kind: "latency", ms: 100, operations: ["open"] }],
    });
    const agent = await registerAgent(sandbox);
    const posted = assert.rejects(agent.post("/api/v1/trade", ORDER, KEY));
    await control(sandbox, "/clock/held?count=1&wait=5000");
    const { venue } = sandbox;
    venue.clock.close();
    await posted;
    assert.equal(venue.positions(agent.id).length, 0);
    await sandbox.close();
  });
});
