// API keys: what each may do and for how long, and what stays of a live one.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { createPurpleFlea } from "@holdfast/purpleflea";
import {
  HOUR_MS,
  START,
  type TestAgent,
  agentOf,
  call,
  openTestSandbox,
  registerAgent,
  testFolder,
} from "../fixture/kit.ts";
import { type Sandbox, openSandbox } from "../sandbox.ts";
import { API_KEYS_MAX } from "./key.ts";
import { LIVE_KEYS_WARNING } from "./live-key.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };

interface Keys {
  readonly keys: readonly {
    readonly key_id: string;
    readonly prefix: string;
    readonly label: string;
    readonly last_used_at: string | null;
    readonly revoked_at: string | null;
  }[];
}

async function keysOf(agent: TestAgent): Promise<Keys["keys"]> {
  return ((await agent.get("/api/keys")).body as unknown as Keys).keys;
}

/** A further key of an agent, and what it may do. */
async function withKey(
  sandbox: Sandbox,
  agent: TestAgent,
  asked: Readonly<Record<string, unknown>>,
): Promise<TestAgent & { readonly keyId: string }> {
  const { status, body } = await agent.post("/api/keys", { label: "more", ...asked });
  assert.equal(status, 201, JSON.stringify(body));
  const { key_id: keyId } = body as unknown as { readonly key_id: string };
  return { ...agentOf(sandbox, agent.id, body.api_key), keyId };
}

describe("a further API key", () => {
  test("does what its scopes say, and is refused the rest with 403", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const reader = await withKey(sandbox, agent, { scopes: ["read"] });
    assert.equal((await reader.get("/api/wallet/balance")).status, 200);
    const refused = await reader.post("/api/v1/trade", ORDER);
    assert.deepEqual([refused.status, refused.body.code], [403, "missing_scope"]);
    const trader = await withKey(sandbox, agent, { scopes: ["trade"] });
    assert.equal((await trader.post("/api/v1/trade", ORDER)).status, 200);
    assert.equal((await trader.post("/api/trade/close-all")).status, 200);
    assert.equal((await trader.get("/api/wallet/balance")).body.code, "missing_scope");
    assert.equal((await trader.post("/api/wallet/deposit", { amount: 1 })).status, 403);
    const payer = await withKey(sandbox, agent, { scopes: ["wallet"] });
    assert.equal((await payer.post("/api/wallet/deposit", { amount: 1 })).status, 200);
    assert.equal((await payer.post("/@faucet/api/claim")).status, 200);
  });

  test("makes no keys unless it is a full one: with all scopes, and without an end", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const ending = await withKey(sandbox, agent, { expires_in_seconds: 3_600 });
    assert.equal((await ending.post("/api/keys", { label: "x" })).body.code, "missing_scope");
    const all = ["read", "trade", "wallet", "escrow", "casino", "domains", "webhooks"];
    const full = await withKey(sandbox, agent, { scopes: all });
    assert.equal((await full.post("/api/keys", { label: "x" })).status, 201);
  });

  test("ends by the venue's clock", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const ending = await withKey(sandbox, agent, { expires_in_seconds: 3_600 });
    await sandbox.venue.advanceTo(START + HOUR_MS - 1);
    assert.equal((await ending.get("/api/wallet/balance")).status, 200);
    await sandbox.venue.advanceTo(START + HOUR_MS);
    const late = await ending.get("/api/wallet/balance");
    assert.deepEqual([late.status, late.body.code], [401, "expired_api_key"]);
  });

  test("is listed by its first characters and last use only, and revoked for good", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const other = await withKey(sandbox, agent, { label: "other" });
    await sandbox.venue.advanceTo(START + HOUR_MS);
    await other.post("/api/wallet/deposit", { amount: 1 });
    const [first, second] = await keysOf(agent);
    assert.deepEqual([first?.label, second?.label], ["registration", "other"]);
    assert.equal(second?.prefix, other.apiKey.slice(0, 12));
    assert.equal(second.last_used_at, new Date(START + HOUR_MS).toISOString());
    const shown = (await agent.get("/api/keys")).text;
    for (const { apiKey } of [agent, other]) assert.ok(!shown.includes(apiKey.slice(12)));

    assert.equal((await agent.post(`/api/keys/${other.keyId}/revoke`)).status, 200);
    const revoked = await other.get("/api/wallet/balance");
    assert.deepEqual([revoked.status, revoked.body.code], [401, "revoked_api_key"]);
    const again = await agent.post(`/api/keys/${other.keyId}/revoke`);
    assert.deepEqual([again.status, again.body.code], [409, "api_key_revoked"]);
    assert.equal((await agent.post("/api/keys/key_none/revoke")).body.code, "unknown_key");
    const foreign = await registerAgent(sandbox, "foreign");
    const theirs = (await keysOf(foreign))[0]?.key_id ?? "";
    assert.equal((await agent.post(`/api/keys/${theirs}/revoke`)).body.code, "unknown_key");
  });

  test("takes the place of the first, but the last full key stays", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const first = (await keysOf(agent))[0]?.key_id ?? "";
    await withKey(sandbox, agent, { scopes: ["read"] });
    await withKey(sandbox, agent, { expires_in_seconds: 60 });
    const last = await agent.post(`/api/keys/${first}/revoke`);
    assert.deepEqual([last.status, last.body.code], [409, "last_api_key"]);
    const second = await withKey(sandbox, agent, {});
    assert.equal((await agent.post(`/api/keys/${first}/revoke`)).status, 200);
    assert.equal((await agent.get("/api/status")).status, 200, "open to everybody");
    assert.equal((await agent.get("/api/keys")).status, 401);
    assert.equal((await second.post(`/api/keys/${second.keyId}/revoke`)).status, 409);
  });

  test("is one of at most so many", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    for (let n = 1; n < API_KEYS_MAX; n += 1) await withKey(sandbox, agent, {});
    const over = await agent.post("/api/keys", { label: "one too many" });
    assert.deepEqual([over.status, over.body.code], [422, "too_many_api_keys"]);
  });

  test("is shown again to a repetition, and to no look-up", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const key = { "idempotency-key": "make-a-key" };
    const first = await agent.post("/api/keys", { label: "k" }, key);
    const second = await agent.post("/api/keys", { label: "k" }, key);
    assert.deepEqual([second.status, second.body], [201, first.body]);
    const other = await agent.post("/api/keys", { label: "other" }, key);
    assert.equal(other.body.code, "idempotency_mismatch");
    const found = await agent.get("/api/idempotency/make-a-key");
    assert.equal(found.body.state, "done");
    assert.ok(!found.text.includes(first.body.api_key));
    const reserved = { "idempotency-key": `sha256:${"0".repeat(64)}` };
    assert.equal((await agent.post("/api/keys", { label: "k" }, reserved)).status, 422);
  });

  test("is made, listed and revoked by the client", async () => {
    await using sandbox = await openTestSandbox();
    const { apiKey } = await registerAgent(sandbox);
    const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey });
    const made = await client.keys.create(
      { label: "bot", scopes: ["read", "trade"], expiresInSeconds: 60 },
      { key: "k1" },
    );
    assert.deepEqual(made.scopes, ["read", "trade"]);
    assert.equal((await client.keys.revoke(made.key_id, { key: "k2" })).key_id, made.key_id);
    const kept = await client.keys.list();
    assert.equal(kept.filter(({ revoked_at: at }) => at === null).length, 1);
  });
});

describe("acceptLiveKeys", () => {
  const live = "pf_live_a-key-that-could-move-real-money";
  const balance = (sandbox: Sandbox, apiKey: string) =>
    call(`${sandbox.url}/api/wallet/balance`, { headers: { authorization: `Bearer ${apiKey}` } });

  test("is off: a live key is refused, and not kept", async () => {
    await using sandbox = await openTestSandbox();
    const refused = await balance(sandbox, live);
    assert.deepEqual([refused.status, refused.body.code], [401, "live_key_refused"]);
  });

  test("takes pf_live_ keys as names of paper agents, warns at each start, keeps hashes", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const said: string[] = [];
    const warn = (message: string): void => void said.push(message);
    {
      await using sandbox = await openSandbox({ path, acceptLiveKeys: true, warn });
      const agents = [await balance(sandbox, live), await balance(sandbox, live)];
      assert.deepEqual(
        agents.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(agents[0]?.body.agent_id, agents[1]?.body.agent_id);
      assert.equal(sandbox.venue.effects({}, 0, 10).length, 1, "registered once");
      assert.equal((await balance(sandbox, "sk_live_other")).body.code, "live_key_refused");
      assert.equal((await balance(sandbox, "pf_sk_live_x")).body.code, "live_key_refused");
      const client = agentOf(sandbox, "", live);
      assert.equal((await client.post("/api/v1/trade", ORDER)).status, 200);
      assert.equal((await client.post("/api/trade/close-all")).status, 200);
      const files = readdirSync(folder.path("."));
      const bytes = files.map((name) => readFileSync(folder.path(name), "latin1")).join("");
      assert.ok(bytes.includes("pf_live_") && !bytes.includes(live.slice(8)));
      assert.equal(sandbox.venue.effects({}, 0, 10).length, 3);
    }
    await using again = await openSandbox({ path, acceptLiveKeys: true, warn });
    assert.equal((await balance(again, live)).status, 200);
    assert.equal(again.venue.effects({}, 0, 10).length, 3);
    assert.deepEqual(said, [LIVE_KEYS_WARNING, LIVE_KEYS_WARNING]);
    await again.close();
    await using without = await openSandbox({ path });
    assert.equal((await balance(without, live)).body.code, "live_key_refused");
  });
});
