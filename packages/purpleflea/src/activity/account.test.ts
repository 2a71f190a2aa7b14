// Registration: the key goes to the secrets, and never takes the place of another.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type ActivityContext, type AttemptBinding, hasCode, silentLog } from "@holdfast/core";
import { createPurpleFlea } from "../client/client.ts";
import { type SecretStore, purpleFlea } from "../resource.ts";
import { registerAgent } from "./account.ts";

const KEY = "pf_test_a-very-secret-key";

/** Registers at a venue that gives `KEY`, with these secrets; tells how often the venue was asked. */
async function registering(
  kept: Map<string, string>,
  firstSentAt: number | undefined,
): Promise<{ readonly asked: number; readonly output: unknown; readonly error: unknown }> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end(JSON.stringify({ agent_id: "agent_1", api_key: KEY, grant_micros: "5000000" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store: SecretStore = {
    save: async (name, value) => {
      kept.set(name, value);
      return `secret:${name}`;
    },
    read: (name) => kept.get(name),
  };
  const binding: AttemptBinding = {
    key: "k",
    ref: "r",
    account: "alice",
    effect: "money",
    attempt: 1,
    firstSentAt,
    signal: new AbortController().signal,
    now: () => 0,
  };
  const context: ActivityContext = {
    ...binding,
    log: silentLog,
    heartbeat: () => undefined,
    keep: async () => undefined,
    lastHeartbeat: undefined,
    token: "unused",
    rest: () => undefined,
    completeLater: () => assert.fail("this activity completes at once"),
    use: (used) =>
      used.bind(
        (used.name === purpleFlea.name ? createPurpleFlea({ baseUrl }) : store) as never,
        binding,
      ),
    part: () => context,
  };
  try {
    const output: unknown = await registerAgent.run({ name: "alice" } as never, context);
    return { asked, output, error: undefined };
  } catch (error) {
    return { asked, output: undefined, error };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("registerAgent() keeps the key as a secret and answers with a reference", async () => {
  const kept = new Map<string, string>();
  const { output } = await registering(kept, undefined);
  assert.equal(kept.get("agent/alice/api-key"), KEY);
  assert.deepEqual(output, {
    agentId: "agent_1",
    secret: "secret:agent/alice/api-key",
    grant: 5_000_000n,
  });
});

test("registerAgent() asks for no second key where the account has one", async () => {
  const kept = new Map([["agent/alice/api-key", "pf_test_the-first"]]);
  const { asked, error } = await registering(kept, undefined);
  assert.ok(hasCode(error, "HF-ACCOUNT-REGISTERED"));
  assert.equal(error.outcome, "refused");
  assert.equal(asked, 0);
  assert.equal(kept.get("agent/alice/api-key"), "pf_test_the-first");
});

test("registerAgent() finishes what a crash interrupted after the key was saved", async () => {
  const kept = new Map([["agent/alice/api-key", KEY]]);
  const { asked, error } = await registering(kept, 0);
  assert.equal(error, undefined);
  assert.equal(asked, 1);
});
