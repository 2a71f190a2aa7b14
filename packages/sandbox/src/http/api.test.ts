// The edge: who may call what, what is refused and how, and that no input of any kind ends in a 5xx.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PROBLEM_CODES, Problem } from "@holdfast/purpleflea/wire";
import * as fc from "fast-check";
import { type Answer, START, call, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { BODY_BYTES_MAX } from "./body.ts";
import { ROUTES } from "./routes.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };

function assertProblem({ status, body, headers }: Answer, code: keyof typeof PROBLEM_CODES): void {
  const problem = Problem.parse(body);
  assert.deepEqual([problem.code, problem.status, status], [code, status, PROBLEM_CODES[code]]);
  assert.equal(headers.get("content-type"), "application/problem+json");
}

describe("every answer", () => {
  test("says the venue's time and which venue it is, also when it refuses", async () => {
    await using sandbox = await openTestSandbox();
    for (const path of ["/api/status", "/nowhere", "/api/wallet/balance"]) {
      const { headers } = await call(`${sandbox.url}${path}`);
      assert.equal(headers.get("x-venue-time"), String(START));
      assert.equal(headers.get("x-venue-instance"), sandbox.instanceId);
    }
  });
});

describe("the API key", () => {
  test("is needed everywhere but at the faucet's registration, prices and status", async () => {
    await using sandbox = await openTestSandbox();
    for (const { host, method, path, open } of ROUTES) {
      const url = `${sandbox.url}/@${host}${path.replace(":key", "k")}`;
      const answer = await call(url, { method, ...(method === "POST" ? { body: {} } : {}) });
      if (open === true) assert.ok([200, 422].includes(answer.status), path);
      else assertProblem(answer, "missing_api_key");
    }
  });

  test("must be known, not live, and the agent's own", async () => {
    await using sandbox = await openTestSandbox();
    const one = await registerAgent(sandbox, "one");
    const two = await registerAgent(sandbox, "two");
    const balance = (apiKey: string, headers: Record<string, string> = {}): Promise<Answer> =>
      call(`${sandbox.url}/api/wallet/balance`, {
        headers: { authorization: `Bearer ${apiKey}`, ...headers },
      });
    assertProblem(await balance("pf_test_unknown"), "unknown_api_key");
    const live = await balance("sk_live_abc");
    assertProblem(live, "live_key_refused");
    assert.doesNotMatch(JSON.stringify(live.body), /abc/);
    assertProblem(await balance(one.apiKey, { "x-agent-id": two.id }), "agent_mismatch");
    assert.equal((await balance(one.apiKey, { "x-agent-id": one.id })).status, 200);
  });

  test("never touches another agent's positions", async () => {
    await using sandbox = await openTestSandbox();
    const one = await registerAgent(sandbox, "one");
    const two = await registerAgent(sandbox, "two");
    const { body } = await one.post("/api/v1/trade", ORDER);
    const { position_id } = body;
    assertProblem(await two.post("/api/trade/close", { position_id }), "unknown_position");
    assert.equal((await two.post("/api/trade/close-all")).body.closed.length, 0);
    assert.equal(sandbox.venue.positions(one.id).length, 1);
  });
});

describe("paths", () => {
  test("that do not exist are 404, and with another method 405", async () => {
    await using sandbox = await openTestSandbox();
    for (const path of ["/", "/api", "/api/v2/trade", "/@faucet/api/orders", "/_sandbox/audit"]) {
      assertProblem(await call(`${sandbox.url}${path}`), "unknown_path");
    }
    const wrong = await call(`${sandbox.url}/api/v1/trade`);
    assertProblem(wrong, "method_not_allowed");
    assert.equal(wrong.headers.get("allow"), "POST, OPTIONS");
  });

  test("that are not percent-encoded text are 400", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    assertProblem(await agent.get("/api/idempotency/%E0%A4%A"), "malformed_path");
  });
});

describe("bodies", () => {
  test("are JSON objects of limited size", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const post = (body: string): Promise<Answer> => agent.post("/api/v1/trade", body);
    assertProblem(await post("{"), "malformed_json");
    assertProblem(await post("[]"), "malformed_body");
    assertProblem(await post('"text"'), "malformed_body");
    assertProblem(await post(`"${"x".repeat(BODY_BYTES_MAX)}"`), "body_too_large");
    assertProblem(await post(""), "invalid_request");
  });

  test("that stream without a length are limited, too", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
    const response = await fetch(`${sandbox.url}/api/v1/trade`, {
      method: "POST",
      headers: { authorization: `Bearer ${agent.apiKey}` },
      body: new ReadableStream({
        start(controller) {
          for (let part = 0; part < 5; part += 1) controller.enqueue(chunk);
          controller.close();
        },
      }),
      duplex: "half",
    });
    assert.equal(response.status, 413);
  });

  test("with an amount that is no amount are 422", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const amounts = [
      "NaN",
      "-Infinity",
      "1e400",
      "-1",
      "0",
      "0.0000001",
      '"NaN"',
      '"1e3"',
      "null",
      "[]",
    ];
    for (const amount of amounts) {
      const text = `{"symbol":"BTC-PERP","side":"long","size":${amount}}`;
      assertProblem(await agent.post("/api/v1/trade", text), "invalid_request");
      const asset = `{"asset":"BTC","size":${amount === "0.0000001" ? "1e-9" : amount}}`;
      assertProblem(await agent.post("/api/trade", asset), "invalid_request");
    }
    assertProblem(await agent.post("/api/v1/trade", '{"size": NaN "}'), "invalid_request");
    assertProblem(await agent.post("/api/v1/trade", '{"NaN": }'), "malformed_json");
  });

  test("name every field that does not fit", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const answer = await agent.post("/api/v1/trade", {
      symbol: 1,
      side: "up",
      size: 1,
      leverage: 2.5,
    });
    assertProblem(answer, "invalid_request");
    const fields = answer.body.problems.map((problem: string) => problem.split(":")[0]);
    assert.deepEqual(fields, ["symbol", "side", "leverage"]);
  });

  test("may use any guide's spelling, and are refused where two differ", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const mixed = { pair: "btcusdt", direction: "sell", size_usd: "25" };
    const { status, body } = await agent.post("/api/v1/trade", mixed);
    assert.deepEqual([status, body.symbol, body.side], [200, "BTC-PERP", "short"]);
    assertProblem(await agent.post("/api/v1/trade", { ...ORDER, size_usd: 26 }), "invalid_request");
  });
});

describe("orders", () => {
  test("are refused by rule: unknown pair, leverage, funds, too small, too large", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const cases = [
      [{ symbol: "XYZ" }, "unknown_symbol"],
      [{ symbol: "SOL", leverage: 21 }, "leverage_too_high"],
      [{ size: 10_001 }, "insufficient_funds"],
      [{ size: 10_000 }, "insufficient_funds"],
      [{ size: "0.000001" }, "size_too_small"],
      [{ size: "9000000000000" }, "size_too_large"],
    ] as const;
    for (const [more, code] of cases) {
      assertProblem(await agent.post("/api/v1/trade", { ...ORDER, ...more }), code);
    }
    assertProblem(await agent.post("/api/trade", { asset: "BTC", size: 1e9 }), "size_too_large");
    assertProblem(await agent.post("/api/v1/trade", { ...ORDER, leverage: 51 }), "invalid_request");
    assert.equal((await agent.get("/api/wallet/balance")).body.usdc_micros, "10000000000");
  });

  test("are closed once", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const { position_id } = (await agent.post("/api/v1/trade", ORDER)).body;
    assert.equal((await agent.post("/api/trade/close", { position_id })).status, 200);
    assertProblem(await agent.post("/api/trade/close", { position_id }), "position_closed");
  });
});

describe("names that a write carries", () => {
  test("are checked in the header as in the body", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const long = "x".repeat(256);
    for (const [body, headers] of [
      [{ ...ORDER, ref: "" }, {}],
      [{ ...ORDER, client_request_id: long }, {}],
      [{ ...ORDER, idempotency_key: "a\u0000b" }, {}],
      [ORDER, { "idempotency-key": long }],
      [ORDER, { "x-holdfast-ref": encodeURIComponent("a\nb") }],
    ] as const) {
      assertProblem(await agent.post("/api/v1/trade", body, headers), "invalid_request");
    }
    const differing = await agent.post(
      "/api/v1/trade",
      { ...ORDER, ref: "a" },
      { "x-holdfast-ref": "b" },
    );
    assertProblem(differing, "ref_conflict");
  });

  test("are kept with the effect: the ref, percent-encoded in the header", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const ref = "Zürich/№ 1";
    await agent.post("/api/v1/trade", ORDER, { "x-holdfast-ref": encodeURIComponent(ref) });
    const { body } = await agent.get("/api/trade/positions");
    assert.equal(body.positions[0]?.ref, ref);
    const [, effect] = sandbox.venue.effects({}, 0, 10);
    assert.deepEqual([effect?.ref, effect?.key], [ref, null]);
  });
});

const FIELDS: readonly string[] = [
  "symbol pair asset side direction size size_usd size_usdc leverage position_id",
  "client_request_id idempotency_key ref name description __proto__",
].flatMap((line) => line.split(" "));

describe("any input at all", () => {
  test("is answered below 500", async () => {
    await using sandbox = await openTestSandbox({ verify: false });
    const agent = await registerAgent(sandbox);
    const paths = ROUTES.map(({ host, path }) => `/@${host}${path.replace(":key", "%20")}`);
    const field = fc.constantFrom(...FIELDS);
    const value = fc.oneof(
      fc.constantFrom(
        "BTC",
        "BTC-PERP",
        "long",
        "short",
        "buy",
        1,
        2,
        25,
        "0.01",
        1e15,
        "9".repeat(13),
      ),
      fc.double(),
      fc.integer(),
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const body = fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(field, value, { noNullPrototype: true }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
      { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async (path, given) => {
        const text = typeof given === "string" ? given : JSON.stringify(given);
        const { status } = await agent.post(path, text);
        assert.ok(status < 500, `${path} answered ${status} to ${text}`);
      }),
      { numRuns: 1_200 },
    );
    sandbox.venue.assertInvariants();
  });
});
