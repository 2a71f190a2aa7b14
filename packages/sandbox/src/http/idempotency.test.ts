// Keys over HTTP: every carrier, what is kept and for how long, and what a repetition is answered with.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KEY_TTL_MS } from "../command/journal.ts";
import { HOUR_MS, START, call, control, openTestSandbox, registerAgent } from "../fixture/kit.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };

describe("a repetition under a key", () => {
  for (const carrier of ["header", "client_request_id"] as const) {
    test(`is answered with the original status and body when ${carrier} carries it`, async () => {
      await using sandbox = await openTestSandbox();
      const agent = await registerAgent(sandbox);
      const body = carrier === "header" ? ORDER : { ...ORDER, client_request_id: "k" };
      const headers: Record<string, string> =
        carrier === "header" ? { "idempotency-key": "k" } : {};
      const first = await agent.post("/api/v1/trade", body, headers);
      const second = await agent.post("/api/v1/trade", body, headers);
      assert.deepEqual([first.status, second.status], [200, 200]);
      assert.deepEqual(second.body, first.body);
      assert.equal(first.headers.get("idempotent-replayed"), null);
      assert.equal(second.headers.get("idempotent-replayed"), "true");
      const { body: shown } = await agent.get("/api/trade/positions");
      assert.equal(shown.positions.length, 1);
    });
  }

  test("is answered 409 with the original body when idempotency_key carries it", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const body = { pair: "BTC", direction: "long", size_usdc: 25, idempotency_key: "k" };
    const first = await agent.post("/api/trade/open", body);
    const second = await agent.post("/api/trade/open", body);
    assert.deepEqual([first.status, second.status], [200, 409]);
    assert.deepEqual(second.body, { ...first.body, duplicate: true, original_status: 200 });
    assert.match(second.headers.get("content-type") ?? "", /^application\/json/);
  });

  test("is the same order in another dialect, under another carrier", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const first = await agent.post("/api/v1/trade", ORDER, { "idempotency-key": "k" });
    const second = await agent.post("/api/trade/open", {
      pair: "BTC/USD",
      direction: "long",
      size_usdc: "25.00",
      client_request_id: "k",
    });
    assert.equal(second.body.position_id, first.body.position_id);
    assert.equal(second.body.pair, "BTC/USD");
  });

  test("with another body is a 422 and changes nothing", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    await agent.post("/api/v1/trade", ORDER, { "idempotency-key": "k" });
    const other = await agent.post(
      "/api/v1/trade",
      { ...ORDER, size: 26 },
      { "idempotency-key": "k" },
    );
    assert.deepEqual([other.status, other.body.code], [422, "idempotency_mismatch"]);
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
  });

  test("is another command under another operation or of another agent", async () => {
    await using sandbox = await openTestSandbox();
    const one = await registerAgent(sandbox, "one");
    const two = await registerAgent(sandbox, "two");
    const key = { "idempotency-key": "k" };
    const first = await one.post("/api/v1/trade", ORDER, key);
    const other = await two.post("/api/v1/trade", ORDER, key);
    const closing = await one.post(
      "/api/trade/close",
      { position_id: first.body.position_id },
      key,
    );
    assert.notEqual(other.body.position_id, first.body.position_id);
    assert.equal(closing.status, 200);
  });

  test("executes again after 24 hours, and shows in the audit", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const key = { "idempotency-key": "k" };
    const first = await agent.post("/api/v1/trade", ORDER, key);
    await sandbox.venue.advanceTo(START + KEY_TTL_MS - 1);
    const within = await agent.post("/api/v1/trade", ORDER, key);
    assert.equal(within.body.position_id, first.body.position_id);
    await sandbox.venue.advanceTo(START + KEY_TTL_MS);
    const after = await agent.post("/api/v1/trade", ORDER, key);
    assert.notEqual(after.body.position_id, first.body.position_id);
    assert.deepEqual(sandbox.venue.audit().keysWithMoreThanOneEffect, [
      { agent: agent.id, operation: "open", key: "k", effects: 2 },
    ]);
  });

  test("is refused when two carriers differ, and fine when they agree", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const differing = await agent.post(
      "/api/v1/trade",
      { ...ORDER, client_request_id: "a" },
      { "idempotency-key": "b" },
    );
    assert.deepEqual([differing.status, differing.body.code], [400, "key_conflict"]);
    const agreeing = await agent.post(
      "/api/v1/trade",
      { ...ORDER, client_request_id: "a" },
      { "idempotency-key": "a" },
    );
    assert.equal(agreeing.status, 200);
  });
});

describe("what is kept under a key", () => {
  test("includes refusals by rule: the same key is refused again when there is money", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const order = { ...ORDER, size: 1_000_000 };
    const first = await agent.post("/api/v1/trade", order, { "idempotency-key": "k" });
    assert.deepEqual([first.status, first.body.code], [402, "insufficient_funds"]);
    assert.match(first.headers.get("content-type") ?? "", /problem\+json/);
    const again = await agent.post("/api/v1/trade", order, { "idempotency-key": "k" });
    assert.deepEqual([again.status, again.body], [402, first.body]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    const { body } = await agent.get("/api/idempotency/k");
    assert.deepEqual([body.state, body.operation, body.status], ["done", "open", 402]);
  });

  test("leaves out what a later try may overturn", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    await agent.post("/@faucet/api/claim");
    const key = { "idempotency-key": "k" };
    const early = await agent.post("/@faucet/api/claim", {}, key);
    assert.equal(early.status, 429);
    assert.equal(early.headers.get("retry-after"), "86400");
    assert.equal(early.body.next_claim_at, new Date(START + 24 * HOUR_MS).toISOString());
    assert.deepEqual((await agent.get("/api/idempotency/k")).body, { state: "unknown" });
    await sandbox.venue.advanceTo(START + 24 * HOUR_MS);
    const later = await agent.post("/@faucet/api/claim", {}, key);
    assert.deepEqual([later.status, later.body.amount], [200, 1]);
    const unknown = await agent.post("/api/trade/close", { position_id: "pos_none" }, key);
    assert.equal(unknown.status, 404);
  });

  test("answers a claim again under its key, and a registration with its API key", async () => {
    await using sandbox = await openTestSandbox();
    const url = `${sandbox.url}/@faucet/api/register`;
    const headers = { "idempotency-key": "register-1" };
    const first = await call(url, { body: { name: "a" }, headers });
    const second = await call(url, { body: { name: "a" }, headers });
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.deepEqual(second.body, first.body);
    const other = await call(url, { body: { name: "b" }, headers });
    assert.equal(other.status, 422);
    const without = await call(url, { body: { name: "a" } });
    assert.notEqual(without.body.agent_id, first.body.agent_id);
  });

  test("can be looked up by its key, narrowed by operation", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const key = "a/b c✓";
    const path = `/api/idempotency/${encodeURIComponent(key)}`;
    assert.deepEqual((await agent.get(path)).body, { state: "unknown" });
    const opened = await agent.post("/api/v1/trade", {
      ...ORDER,
      client_request_id: key,
      ref: "dca/1",
    });
    const { body } = await agent.get(path);
    assert.deepEqual(body, {
      state: "done",
      operation: "open",
      status: 200,
      body: { ...opened.body },
      at: START,
      ref: "dca/1",
    });
    assert.deepEqual((await agent.get(`${path}?operation=close`)).body, { state: "unknown" });
    const other = await registerAgent(sandbox, "other");
    assert.deepEqual((await other.get(path)).body, { state: "unknown" });
  });
});

describe("a second request while the first is held", () => {
  const key = { "idempotency-key": "k" };
  const slow = { kind: "latency", ms: 60_000, tries: [1] } as const;

  test("waits for five seconds of the venue's time, then is told so", async () => {
    await using sandbox = await openTestSandbox({ faults: [{ ...slow, operations: ["open"] }] });
    const agent = await registerAgent(sandbox);
    const first = agent.post("/api/v1/trade", ORDER, key);
    await control(sandbox, "/clock/held?count=1&wait=5000");
    assert.deepEqual((await agent.get("/api/idempotency/k")).body, {
      state: "in_flight",
      operation: "open",
    });
    const second = agent.post("/api/v1/trade", ORDER, key);
    const { body } = await control(sandbox, "/clock/held?count=2&wait=5000");
    assert.deepEqual(
      body.held.map(({ until }: { until: number }) => until - START),
      [5_000, 60_000],
    );
    await control(sandbox, "/clock/advance", { body: { by: 5_000 } });
    const told = await second;
    assert.deepEqual([told.status, told.body.code], [409, "idempotency_in_flight"]);
    assert.equal(told.headers.get("retry-after"), "1");
    await control(sandbox, "/clock/advance", { body: { to: START + 60_000 } });
    const done = await first;
    assert.equal(done.status, 200);
    const third = await agent.post("/api/v1/trade", ORDER, key);
    assert.deepEqual(third.body, done.body);
  });

  test("is told so with a 503 in the dialect whose 409 must contain the result", async () => {
    await using sandbox = await openTestSandbox({ faults: [{ ...slow, operations: ["open"] }] });
    const agent = await registerAgent(sandbox);
    const body = { pair: "BTC", direction: "long", size_usdc: 25, idempotency_key: "k" };
    const first = agent.post("/api/trade/open", body);
    await control(sandbox, "/clock/held?count=1&wait=5000");
    const second = agent.post("/api/trade/open", body);
    await control(sandbox, "/clock/held?count=2&wait=5000");
    await control(sandbox, "/clock/advance", { body: { by: 60_000 } });
    const told = await second;
    assert.deepEqual([told.status, told.body.code], [503, "idempotency_wait"]);
    assert.equal((await first).status, 200);
  });

  test("is answered from memory as soon as the first is through", async () => {
    await using sandbox = await openTestSandbox({
      faults: [{ kind: "latency", ms: 2_000, tries: [1], operations: ["open"] }],
    });
    const agent = await registerAgent(sandbox);
    const first = agent.post("/api/v1/trade", ORDER, key);
    await control(sandbox, "/clock/held?count=1&wait=5000");
    const second = agent.post("/api/v1/trade", ORDER, key);
    await control(sandbox, "/clock/held?count=2&wait=5000");
    await control(sandbox, "/clock/advance", { body: { by: 2_000 } });
    const [one, two] = await Promise.all([first, second]);
    assert.deepEqual(two.body, one.body);
    assert.equal(two.headers.get("idempotent-replayed"), "true");
  });

  test("of a caller that has gone is carried out all the same, later", async () => {
    await using sandbox = await openTestSandbox({ faults: [{ ...slow, operations: ["open"] }] });
    const agent = await registerAgent(sandbox);
    const abort = new AbortController();
    const first = agent.post("/api/v1/trade", ORDER, key, abort.signal);
    const { body } = await control(sandbox, "/clock/held?count=1&wait=5000");
    assert.equal(body.held.length, 1);
    abort.abort();
    await assert.rejects(first);
    await control(sandbox, "/clock/advance", { body: { to: START + 60_000 } });
    const found = await agent.get("/api/idempotency/k");
    assert.equal(found.body.state, "done");
    assert.equal(sandbox.venue.positions(agent.id).length, 1);
  });
});
