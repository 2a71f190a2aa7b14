// Domains over HTTP: the guide's path and the venue's own, and what a caller reads of the answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainResponse, DomainSearchResponse, DomainsResponse } from "@holdfast/purpleflea/wire";
import { openTestSandbox, registerAgent } from "../fixture/kit.ts";

test("the guide's request registers a name and reads registration id and expiry", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const { status, body } = await agent.post("/api/v1/domains/register", { name: "agent.com" });
  const { registration_id, id, expiry, ...domain } = DomainResponse.parse(body);
  assert.equal(status, 201);
  assert.match(registration_id, /^dom_/u);
  assert.equal(id, registration_id);
  assert.equal(expiry, "2027-01-05T09:00:00.000Z");
  assert.deepEqual([domain.price_micros, domain.price_usdc], [18_000_000n, 18]);
  const spent = await agent.get("/api/wallet/transactions");
  assert.equal(spent.body.transactions[0]?.kind, "domain");
  assert.equal(spent.body.transactions[0]?.amount_micros, "-18000000");
});

test("a repetition under a key is answered as the first, in each dialect", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const wanted = { domain: "agent.com", years: 2 };
  const key = { "idempotency-key": "k" };
  const first = await agent.post("/api/domains/register", wanted, key);
  const second = await agent.post("/api/domains/register", wanted, key);
  assert.equal(first.status, 201);
  assert.deepEqual([second.status, second.text], [201, first.text]);
  const renewal = { name: "agent.com", idempotency_key: "r" };
  const renewed = await agent.post("/api/domains/renew", renewal);
  const again = await agent.post("/api/v1/domains/renew", renewal);
  assert.deepEqual([renewed.status, again.status], [200, 409]);
  const list = DomainsResponse.parse((await agent.get("/api/domains")).body).domains;
  assert.deepEqual(
    list.map(({ name, expires_at, renewals }) => [name, expires_at, renewals]),
    [["agent.com", "2029-01-05T09:00:00.000Z", 1]],
  );
});

test("a search shows what is free at which price, and who holds it only to the holder", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const other = await registerAgent(sandbox, "other");
  await other.post("/api/domains/register", { name: "agent.io" });
  const find = async (q: string) =>
    DomainSearchResponse.parse((await agent.get(`/api/domains/search?q=${q}`)).body).results;
  assert.deepEqual(
    (await find("agent")).map(({ name, available, price_usdc }) => [name, available, price_usdc]),
    [
      ["agent.com", true, 18],
      ["agent.io", false, 54],
      ["agent.ai", true, 102],
      ["agent.xyz", true, 14.4],
    ],
  );
  const [taken] = await find("agent.io");
  assert.deepEqual(
    [taken?.owned, taken?.expires_at, taken?.released_at],
    [false, "2027-01-05T09:00:00.000Z", "2027-02-09T09:00:00.000Z"],
  );
  const refused = await agent.get("/api/domains/search?q=Agent");
  assert.deepEqual([refused.status, refused.body.code], [422, "domain_invalid"]);
  assert.equal((await agent.get("/api/domains/search")).status, 422);
});

test("GET /api/domains/:name shows an agent its own names only", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const other = await registerAgent(sandbox, "other");
  await other.post("/api/domains/register", { name: "agent.io" });
  assert.equal((await other.get("/api/domains/agent.io")).status, 200);
  const hidden = await agent.get("/api/domains/agent.io");
  assert.deepEqual([hidden.status, hidden.body.code], [404, "unknown_domain"]);
  assert.deepEqual((await agent.get("/api/domains?status=active")).text, '{"domains":[]}');
  assert.equal((await agent.get("/api/domains?status=lost")).status, 422);
  assert.equal((await agent.get("/api/domains/%ff")).status, 400);
  for (const years of [0, 11, 1.5, "2"]) {
    const { status } = await agent.post("/api/domains/register", { name: "b.com", years });
    assert.equal(status, 422);
  }
});
