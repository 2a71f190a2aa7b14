// The typed client's domains and their activities against the paper venue, also as at a venue without keys.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, parseWith, usdc } from "@holdfast/core";
import {
  DomainTaken,
  type PurpleFlea,
  createPurpleFlea,
  getDomain,
  publicProfile,
  registerDomain,
  renewDomain,
  searchDomains,
} from "@holdfast/purpleflea";
import { START, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { attemptOf } from "../fixture/attempt.ts";
import type { Sandbox } from "../sandbox.ts";

const EXPIRY = Date.parse("2027-01-05T09:00:00.000Z");

async function clientOf(sandbox: Sandbox, name = "a"): Promise<PurpleFlea> {
  const { apiKey } = await registerAgent(sandbox, name);
  return createPurpleFlea({ baseUrl: sandbox.url, apiKey });
}

test("the client searches, registers, renews and lists names", async () => {
  await using sandbox = await openTestSandbox();
  const client = await clientOf(sandbox);
  const [offer] = await client.domains.search("agent.com");
  assert.deepEqual([offer?.available, offer?.price_micros], [true, usdc("18")]);
  const bought = await client.domains.register({ name: "agent.com" }, { key: "buy" });
  assert.equal(bought.status, "active");
  const wanted = { name: "agent.com", years: 2, expiresAt: bought.expires_at };
  const renewed = await client.domains.renew(wanted, { key: "renew" });
  assert.equal(renewed.expires_at, "2029-01-05T09:00:00.000Z");
  assert.equal((await client.domains.get("agent.com")).renewals, 1);
  assert.equal((await client.domains.list({ status: "active", limit: 1 })).length, 1);
  const other = await clientOf(sandbox, "b");
  const taken = other.domains.register({ name: "agent.com" }, { key: "buy" });
  await assert.rejects(taken, (error) => {
    assert.ok(DomainTaken.is(error));
    assert.deepEqual([error.outcome, error.details.owned], ["refused", false]);
    return true;
  });
});

test("the client asks the faucet what it gives", async () => {
  await using sandbox = await openTestSandbox();
  const client = await clientOf(sandbox);
  assert.equal((await client.faucet.status()).claimable, true);
  await client.faucet.claim({ key: "claim" });
  const { claimable, next_claim_at: next } = await client.faucet.status();
  assert.deepEqual([claimable, next], [false, "2026-01-06T09:00:00.000Z"]);
});

test("the activities give receipts in exact money and instants", async () => {
  await using sandbox = await openTestSandbox();
  const client = await clientOf(sandbox);
  const wanted = { name: "agent.ai" } as never;
  const answer = await registerDomain.run(
    wanted,
    attemptOf(client, { key: "1", firstSentAt: START, attempt: 1 }),
  );
  const bought = parseWith(registerDomain.output, answer, "the receipt");
  assert.deepEqual([bought.price, bought.expiresAt], [usdc("102"), EXPIRY]);
  const renewal = { name: "agent.ai", expiresAt: EXPIRY } as never;
  const renewed = await renewDomain.run(
    renewal,
    attemptOf(client, { key: "2", firstSentAt: START, attempt: 1 }),
  );
  const { expiresAt } = parseWith(renewDomain.output, renewed, "the receipt");
  assert.equal(expiresAt, Date.parse("2028-01-05T09:00:00.000Z"));
  await assert.rejects(
    async () =>
      renewDomain.run(renewal, attemptOf(client, { key: "3", firstSentAt: START, attempt: 1 })),
    (error) => hasCode(error, "HF-VENUE-REFUSED"),
  );
  const offers = await searchDomains.run(
    { query: "agent.ai" } as never,
    attemptOf(client, { key: "4", firstSentAt: START, attempt: 1 }),
  );
  const [seen] = parseWith(searchDomains.output, offers, "the offers");
  assert.deepEqual([seen?.available, seen?.owned], [false, true]);
  assert.equal(
    await getDomain.run(
      { name: "other.ai" } as never,
      attemptOf(client, { key: "5", firstSentAt: START, attempt: 1 }),
    ),
    null,
  );
});

test("reconcile asks by key, and where a venue knows none, who holds the name", async () => {
  await using sandbox = await openTestSandbox();
  const client = await clientOf(sandbox);
  const keyless: PurpleFlea = { ...client, profile: publicProfile };
  const wanted = { name: "agent.com" } as never;
  for (const asked of [client, keyless]) {
    const found = await registerDomain.reconcile?.(
      wanted,
      attemptOf(asked, { key: "buy", firstSentAt: START, attempt: 1 }),
    );
    assert.equal(found?.kind, "not-done");
  }
  await client.domains.register({ name: "agent.com" }, { key: "buy" });
  for (const asked of [client, keyless]) {
    const found = await registerDomain.reconcile?.(
      wanted,
      attemptOf(asked, { key: "buy", firstSentAt: START, attempt: 1 }),
    );
    assert.equal(found?.kind, "done");
  }
  const known = { name: "agent.com", expiresAt: EXPIRY } as never;
  const renewal = async (input: never) =>
    (
      await renewDomain.reconcile?.(
        input,
        attemptOf(keyless, { key: "renew", firstSentAt: START, attempt: 1 }),
      )
    )?.kind;
  assert.equal(await renewal(known), "not-done");
  assert.equal(await renewal(wanted), "unknown");
  await client.domains.renew({ name: "agent.com" }, { key: "renew" });
  assert.equal(await renewal(known), "done");
  // What another holds is not this agent's, whatever was sent.
  const other = { ...(await clientOf(sandbox, "b")), profile: publicProfile };
  const foreign = await registerDomain.reconcile?.(
    wanted,
    attemptOf(other, { key: "buy", firstSentAt: START, attempt: 1 }),
  );
  assert.equal(foreign?.kind, "not-done");
});
