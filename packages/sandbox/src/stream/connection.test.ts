// Who is let in, who is dropped and why, and what a caller may cost.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import { STREAM_TOPICS_MAX } from "@holdfast/purpleflea/wire";
import { nextTurn } from "../clock/wall.ts";
import { START, type TestAgent, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { type Listener, openListener } from "../fixture/listener.ts";
import type { Sandbox } from "../sandbox.ts";

test("a wrong key, another agent's id and a second stream are told by their close codes", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using unknown = await openListener(sandbox, "pf_test_unknown");
  assert.deepEqual(await unknown.closed, [4401, "unknown_api_key"]);
  using none = await openListener(sandbox, "", { headers: { authorization: "" } });
  assert.deepEqual(await none.closed, [4401, "missing_api_key"]);
  // A key in an address ends up in logs.
  using inAddress = await openListener(sandbox, "", {
    headers: { authorization: "" },
    path: `/api/stream?token=${agent.apiKey}`,
  });
  assert.equal((await inAddress.closed)[0], 4401);
  using other = await openListener(sandbox, agent.apiKey, {
    headers: { "x-agent-id": "pf_other" },
  });
  assert.deepEqual(await other.closed, [4403, "agent_mismatch"]);
  using first = await openListener(sandbox, agent.apiKey);
  await first.subscribe(["wallet.*"]);
  using second = await openListener(sandbox, agent.apiKey, { path: "/@main/api/stream" });
  assert.equal((await first.closed)[0], 4409);
  assert.equal((await second.subscribe(["wallet.*"])).type, "subscribed");
  assert.equal(sandbox.stream.size, 1);
});

test("other paths do not become streams, and are served as before", async () => {
  await using sandbox = await openTestSandbox();
  await assert.rejects(openListener(sandbox, "x", { path: "/api/other" }), /404/u);
  await assert.rejects(openListener(sandbox, "x", { path: "/@faucet/api/stream" }), /404/u);
  const asks = request(`${sandbox.url}/api/status`, {
    headers: { connection: "upgrade", upgrade: "h2c" },
  });
  asks.end();
  const [answer] = (await once(asks, "response")) as [IncomingMessage];
  assert.equal(answer.statusCode, 200);
  answer.destroy();
});

test("a frozen clock that is moved beyond 60 s drops who does not answer, and nobody else", async () => {
  await using sandbox = await openTestSandbox({ stream: { limits: { answerMs: 1_000 } } });
  const agent = await registerAgent(sandbox);
  using alive = await openListener(sandbox, agent.apiKey);
  await alive.subscribe(["wallet.*"]);
  const gone = await registerAgent(sandbox, "gone");
  using deaf = await openListener(sandbox, gone.apiKey, { isDeaf: true });
  await deaf.subscribe(["wallet.*"]);
  await sandbox.venue.advanceTo(START + 59_999);
  assert.equal(sandbox.stream.size, 2);
  await sandbox.venue.advanceTo(START + 60_000);
  assert.equal((await deaf.closed)[0], 4408);
  alive.say({ action: "ping" });
  await alive.until((heard) => heard.at(-1)?.type === "pong");
});

test("a real clock drops a caller from whom nothing came for 60 s, not even a ping", async () => {
  await using sandbox = await openTestSandbox({ clock: { mode: "real" } });
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  const { clock } = sandbox.venue;
  const later = (ms: number): void => {
    sandbox.venue.setClock("real", clock.now() + ms);
  };
  later(50_000);
  stream.socket.ping();
  await once(stream.socket, "pong");
  later(50_000);
  stream.say({ action: "ping" });
  await stream.until((heard) => heard.at(-1)?.type === "pong");
  assert.equal(sandbox.stream.size, 1);
  later(60_000);
  assert.deepEqual(await stream.closed, [4408, "nothing came for 60 s"]);
});

test("frames that cannot be read are answered, too many of them are not", async () => {
  await using sandbox = await openTestSandbox({
    stream: { limits: { framesPerMinute: 8, subscribesPerMinute: 2 } },
  });
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  const wrong: readonly (readonly [unknown, string])[] = [
    ["{", "malformed_json"],
    ["[]", "invalid_request"],
    [{ action: "dance" }, "invalid_request"],
    [{ action: "subscribe", topics: ["Not A Topic"] }, "invalid_request"],
    [{ action: "subscribe", topics: ["a.*"], resumeFrom: "yesterday" }, "invalid_cursor"],
  ];
  for (const [frame] of wrong) stream.say(frame);
  await stream.until((heard) => heard.length === wrong.length);
  assert.deepEqual(
    stream.heard.map(({ code }) => code),
    wrong.map(([, code]) => code),
  );
  for (let n = 0; n < 4; n += 1) stream.say({ action: "ping" });
  assert.deepEqual(await stream.closed, [4429, "too many frames in a minute"]);
  using eager = await openListener(sandbox, agent.apiKey);
  await eager.subscribe(["wallet.*"]);
  const many = Array.from({ length: STREAM_TOPICS_MAX }, (_, n) => `domain.n${n}`);
  assert.equal((await eager.subscribe(many))["code"], "too_many_topics");
  eager.say({ action: "subscribe", topics: ["escrow.*"] });
  assert.deepEqual(await eager.closed, [4429, "too many subscriptions in a minute"]);
});

test("a venue that closes ends its streams, and they touch it no more", async () => {
  const sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["*"]);
  await sandbox.close();
  assert.equal((await stream.closed)[0], 1006);
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  assert.equal(sandbox.stream.size, 0);
});

test("a frame that is too large ends the stream", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  stream.say(JSON.stringify({ action: "ping", more: "x".repeat(20_000) }));
  assert.equal((await stream.closed)[0], 1009);
});

const EVENTS_SENT = 600;
const EVENT_BYTES = 65_536;

/** Sends more than the sockets hold to a caller who does not read; says how many were taken up for him. */
async function flood(
  sandbox: Sandbox,
  agent: TestAgent,
): Promise<{ readonly stream: Listener; readonly taken: () => number }> {
  const stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["wallet.deposited"]);
  stream.socket.pause();
  let taken = 0;
  const payload = JSON.stringify({ text: "x".repeat(EVENT_BYTES) });
  sandbox.stream.setDeliver((event) => {
    taken += 1;
    return [{ event: { ...event, payload } }];
  });
  const deposit = { operation: "deposit", asset: "USDC", amount: usdc("1") } as const;
  for (let n = 0; n < EVENTS_SENT; n += 1) sandbox.venue.execute(deposit, { agent: agent.id });
  // What is written goes out between turns.
  for (let turn = 0; turn < 200; turn += 1) await nextTurn();
  return { stream, taken: () => taken };
}

test("a caller who does not read costs bounded memory, and loses nothing when he reads on", async () => {
  await using sandbox = await openTestSandbox({ verify: false });
  const agent = await registerAgent(sandbox);
  const { stream, taken } = await flood(sandbox, agent);
  using _stream = stream;
  assert.ok(taken() < EVENTS_SENT / 2, `${taken()} of ${EVENTS_SENT}`);
  stream.socket.resume();
  await stream.until(() => stream.events().length === EVENTS_SENT);
  const kept = sandbox.venue.events.ofAgent(agent.id, 0, 10 * EVENTS_SENT);
  assert.deepEqual(
    stream.events().map(({ eventId }) => eventId),
    kept.filter(({ type }) => type === "wallet.deposited").map(({ eventId }) => eventId),
  );
});

test("a caller who reads nothing for too long is dropped", async () => {
  const limits = { slowMs: 100, answerMs: 50 };
  await using sandbox = await openTestSandbox({ verify: false, stream: { limits } });
  const agent = await registerAgent(sandbox);
  const { stream, taken } = await flood(sandbox, agent);
  using _stream = stream;
  while (sandbox.stream.size > 0) await nextTurn();
  assert.ok(taken() < EVENTS_SENT / 2, `${taken()} of ${EVENTS_SENT}`);
  stream.socket.resume();
  const [code] = await stream.closed;
  assert.ok(code === 4413 || code === 1006, String(code));
});

test("faults: an event is lost, doubled, delayed; a line is cut, closed, left half open", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["wallet.deposited"]);
  let number = 0;
  sandbox.stream.setDeliver((event) => {
    number += 1;
    if (number === 1) return [];
    if (number === 2) return [{ event }, { event }];
    return number === 3 ? [{ event, afterMs: 5_000 }] : [{ event }];
  });
  for (let n = 0; n < 4; n += 1) await agent.post("/api/wallet/deposit", { amount: 1 });
  await sandbox.venue.advanceTo(START + 5_000);
  const [, second, third, fourth] = sandbox.venue.events
    .ofAgent(agent.id, 0, 100)
    .filter(({ type }) => type === "wallet.deposited")
    .map(({ eventId }) => eventId);
  await stream.until((heard) => heard.length === 5);
  assert.deepEqual(
    stream.events().map(({ eventId }) => eventId),
    [second, second, fourth, third],
  );
  sandbox.stream.setDeliver(undefined);
  sandbox.stream.silence(agent.id, true);
  await agent.post("/api/wallet/deposit", { amount: 1 });
  stream.say({ action: "ping" });
  await sandbox.venue.advanceTo(START + 200_000);
  assert.equal(stream.heard.length, 5);
  sandbox.stream.silence(agent.id, false);
  await stream.until((heard) => heard.length === 6);
  assert.equal(sandbox.stream.close(agent.id, 4500, "injected"), 1);
  assert.deepEqual(await stream.closed, [4500, "injected"]);
  using next = await openListener(sandbox, agent.apiKey);
  sandbox.stream.cut(agent.id);
  assert.equal((await next.closed)[0], 1006);
});
