// The faucet as a venue is set up: an amount, a wait, or once for all; and what it says of itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { micros } from "@holdfast/core";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";

const iso = (at: number): string => new Date(at).toISOString();

test("GET /@faucet/api/status says what a claim gives and when the next one is granted", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const before = await agent.get("/@faucet/api/status");
  assert.deepEqual(before.body, {
    agent_id: agent.id,
    amount_micros: "1000000",
    amount: 1,
    window_ms: 24 * HOUR_MS,
    claimable: true,
    claimed_at: null,
    next_claim_at: iso(START),
  });
  await agent.post("/@faucet/api/claim");
  await sandbox.venue.advanceTo(START + HOUR_MS);
  const { body } = await agent.get("/api/faucet/status");
  const { claimable, claimed_at, next_claim_at } = body as typeof body & {
    readonly claimable: boolean;
    readonly claimed_at: string;
  };
  assert.deepEqual([claimable, claimed_at], [false, iso(START)]);
  assert.equal(next_claim_at, iso(START + 24 * HOUR_MS));
  await sandbox.venue.advanceTo(START + 24 * HOUR_MS);
  assert.equal((await agent.post("/@faucet/api/claim")).status, 200);
});

test("a faucet of another amount and wait gives that, and says so where it refuses", async () => {
  const faucet = { amount: micros(2_500_000n), windowMs: HOUR_MS };
  await using sandbox = await openTestSandbox({ faucet });
  const agent = await registerAgent(sandbox);
  const { body } = await agent.post("/@faucet/api/claim");
  assert.deepEqual([body.amount, body.next_claim_at], [2.5, iso(START + HOUR_MS)]);
  const early = await agent.post("/@faucet/api/claim");
  assert.deepEqual([early.status, early.headers.get("retry-after")], [429, "3600"]);
  assert.match(early.text, /once per agent and 1 h/u);
  await sandbox.venue.advanceTo(START + HOUR_MS);
  assert.equal((await agent.post("/@faucet/api/claim")).status, 200);
});

test("a faucet that gives once never gives again, and its refusal is no wait", async () => {
  await using sandbox = await openTestSandbox({ faucet: { once: true } });
  const agent = await registerAgent(sandbox);
  const first = await agent.post("/@faucet/api/claim", {}, { "idempotency-key": "k" });
  assert.deepEqual([first.status, first.body.next_claim_at], [200, null]);
  await sandbox.venue.advanceTo(START + 8_760 * HOUR_MS);
  const again = await agent.post("/@faucet/api/claim");
  assert.deepEqual([again.status, again.body.code], [409, "faucet_once"]);
  assert.equal(again.headers.get("retry-after"), null);
  const { body } = await agent.get("/@faucet/api/status");
  assert.deepEqual([body.next_claim_at, (body as { window_ms?: unknown }).window_ms], [null, null]);
});
