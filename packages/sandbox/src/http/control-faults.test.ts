// Faults and clock through the controls: suites, the page with its forms, and what an advance says.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { FAULT_KINDS } from "../fault/kind.ts";
import { btc } from "../fixture/desk.ts";
import { HOUR_MS, START, call, control, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";

const HTML = { accept: "text/html" };

interface Listed {
  readonly faults: readonly { readonly id: number; readonly rule: { readonly kind: string } }[];
}

function kindsOf(sandbox: Sandbox): readonly string[] {
  return sandbox.faults.list().map(({ rule }) => rule.kind);
}

/** Sends a form as a browser does, and does not follow. */
function submit(
  sandbox: Sandbox,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const { controlUrl, controlToken } = sandbox;
  return fetch(`${controlUrl}/_sandbox/${path}?token=${encodeURIComponent(controlToken)}`, {
    method: "POST",
    headers: { ...HTML, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}

describe("suites", () => {
  test("are listed with what they prove, and armed with overrides", async () => {
    await using sandbox = await openTestSandbox();
    const { body } = await control(sandbox, "/faults/suites");
    const suites = body["suites" as never] as readonly { name: string; parameters: object }[];
    const partition = suites.find(({ name }) => name === "partition-30s");
    assert.deepEqual(partition?.parameters, { seconds: 30 });
    const armed = await control(sandbox, "/faults", {
      body: { suite: "throttled", seconds: 5, retryAfterSeconds: 1 },
    });
    assert.deepEqual([armed.status, armed.body], [201, { suite: "throttled", ids: [1] }]);
    const throttled = await call(`${sandbox.url}/api/status`);
    assert.deepEqual([throttled.status, throttled.headers.get("retry-after")], [429, "1"]);
    await sandbox.venue.advanceTo(START + 5_000);
    assert.equal((await call(`${sandbox.url}/api/status`)).status, 200);
  });

  test("are refused as a whole", async () => {
    await using sandbox = await openTestSandbox();
    for (const body of [
      { suite: "nothing" },
      { suite: 7 },
      { suite: "slow-5s", ms: "slow" },
      { suite: "slow-5s", kind: "drop" },
      { suite: "kill-after-commit" },
      { kind: "drop", operations: ["opne"] },
      { kind: "repeat", operations: ["balance"] },
    ]) {
      const { status, body: answer } = await control(sandbox, "/faults", { body });
      assert.deepEqual([status, answer.code], [422, "invalid_request"], JSON.stringify(body));
    }
    assert.deepEqual(kindsOf(sandbox), []);
  });
});

describe("any rule at all", () => {
  test("is armed or refused, and never breaks the page", async () => {
    await using sandbox = await openTestSandbox();
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constant(null),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    const kinds = fc.constantFrom(...Object.keys(FAULT_KINDS), "fire");
    const names = [
      "ms",
      "share",
      "count",
      "nth",
      "from",
      "until",
      "seconds",
      "agent",
      "operations",
    ];
    const more = fc.dictionary(fc.constantFrom(...names, "symbol", "typo"), value, { maxKeys: 2 });
    await fc.assert(
      fc.asyncProperty(kinds, more, async (kind, fields) => {
        const { status } = await control(sandbox, "/faults", { body: { ...fields, kind } });
        assert.ok(status === 201 || status === 422, String(status));
        const page = await control(sandbox, "/faults", { headers: HTML });
        assert.equal(page.status, 200);
        sandbox.faults.clear();
      }),
      { numRuns: 200 },
    );
  });
});

describe("the page", () => {
  test("shows what is armed, escaped, under a strict policy, to holders of the token only", async () => {
    await using sandbox = await openTestSandbox();
    sandbox.faults.add({ kind: "drop", agent: "<script>alert(1)</script>", from: START });
    const url = `${sandbox.controlUrl}/_sandbox/faults`;
    assert.equal((await call(url, { headers: HTML })).status, 401);
    const { text, headers } = await control(sandbox, "/faults", { headers: HTML });
    assert.match(text, /&#60;script&#62;alert\(1\)/u);
    assert.doesNotMatch(text, /<script/u);
    assert.match(text, /from 2026-01-05T09:00:00\.000Z/u);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; style-src 'nonce-[^']+'; form-action 'self'/u);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    const again = await control(sandbox, "/faults", { headers: HTML });
    assert.notEqual(again.headers.get("content-security-policy"), policy);
  });

  test("arms rules and suites by its forms, clears them, and comes back", async () => {
    await using sandbox = await openTestSandbox();
    const rule = await submit(sandbox, "faults", {
      kind: "status",
      status: "502",
      operations: "open, close",
      tries: "1,2",
      probability: "0.5",
      agent: "",
    });
    assert.equal(rule.status, 303);
    assert.equal(
      rule.headers.get("location"),
      `/_sandbox/faults?token=${encodeURIComponent(sandbox.controlToken)}`,
    );
    assert.deepEqual(sandbox.faults.list()[0]?.rule, {
      kind: "status",
      status: 502,
      when: "before",
      operations: ["open", "close"],
      tries: [1, 2],
      probability: 0.5,
    });
    await submit(sandbox, "faults", { suite: "nan-price", seconds: "60" });
    await submit(sandbox, "faults", { kind: "defer", ms: "5", answer: "504" });
    assert.deepEqual(kindsOf(sandbox), ["status", "nan", "defer"]);
    await submit(sandbox, "faults/clear", { id: "1" });
    assert.deepEqual(kindsOf(sandbox), ["nan", "defer"]);
    await submit(sandbox, "faults/clear", {});
    assert.deepEqual(kindsOf(sandbox), []);
  });

  test("says why a form was refused", async () => {
    await using sandbox = await openTestSandbox();
    const refused = await submit(sandbox, "faults", { kind: "partial", share: "<2>" });
    assert.equal(refused.status, 422);
    assert.match(await refused.text(), /role="alert">share: /u);
    assert.deepEqual(kindsOf(sandbox), []);
  });

  test("moves the clock", async () => {
    await using sandbox = await openTestSandbox();
    const { clock } = sandbox.venue;
    await submit(sandbox, "clock/advance", { by: "60000" });
    assert.equal(clock.now(), START + 60_000);
    await submit(sandbox, "clock", { mode: "scaled", rate: "60" });
    assert.deepEqual([clock.mode, clock.rate], ["scaled", 60]);
    assert.equal((await submit(sandbox, "clock/advance", { by: "1" })).status, 409);
    await submit(sandbox, "clock", { mode: "frozen" });
    assert.equal(clock.mode, "frozen");
  });

  test("answers programs in JSON, also where they send a form", async () => {
    await using sandbox = await openTestSandbox();
    const { status, body } = await control(sandbox, "/faults", {
      body: "kind=drop&count=2",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.deepEqual([status, body], [201, { id: 1 }]);
    const listed = (await control(sandbox, "/faults")).body as unknown as Listed;
    assert.deepEqual(
      listed.faults.map(({ rule }) => rule),
      [{ kind: "drop", when: "after", count: 2 }],
    );
  });
});

describe("an advance", () => {
  test("says what fell due, in due order", async () => {
    await using sandbox = await openTestSandbox({ scripts: [btc(["60000", "58000", "40000"])] });
    const agent = await registerAgent(sandbox);
    const limit = { symbol: "BTC", side: "long", type: "limit", quantity: 0.01 };
    await agent.post("/api/orders", { ...limit, limit_price: "59000" });
    const kept = await agent.post("/api/orders", { ...limit, limit_price: "30000" });
    await agent.post("/api/v1/trade", { symbol: "BTC", side: "long", size: 1_000, leverage: 10 });
    sandbox.faults.add({ kind: "late-fill", ms: 600_000 });
    await agent.post("/api/orders/cancel", { order_id: kept.body.order_id });
    const { body } = await control(sandbox, "/clock/advance", { body: { by: 2 * HOUR_MS } });
    const fired = body["fired" as never] as readonly { kind: string; at: number; agent: string }[];
    assert.deepEqual(
      fired.map(({ kind }) => kind),
      ["fill-order", "fill-order", "liquidate"],
    );
    assert.equal(fired[0]?.at, START + 600_000);
    assert.ok((fired[1]?.at ?? 0) > START + 600_000 && (fired[1]?.at ?? 0) < START + HOUR_MS);
    assert.ok((fired[2]?.at ?? 0) > START + HOUR_MS);
    assert.ok(fired.every((one) => one.agent === agent.id));
    assert.equal(body["more" as never], 0);
    const nothing = await control(sandbox, "/clock/advance", { body: { by: 1 } });
    assert.deepEqual(nothing.body["fired" as never], []);
  });
});
