// Webhooks over HTTP and through the typed client: registered, changed, refused, limited, and verified by the
// client's own verification. And no secret where none belongs.

import assert from "node:assert/strict";
import { keyDigest } from "../command/seal.ts";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createPurpleFlea, verifyWebhook } from "@holdfast/purpleflea";
import { usdc } from "@holdfast/core";
import { START, control, openTestSandbox, registerAgent, testFolder } from "../fixture/kit.ts";
import { type Received, openReceiver } from "../fixture/receiver.ts";
import { WEBHOOKS_MAX } from "./endpoint.ts";

test("the client registers, lists, changes, rotates, tests, replays and removes", async () => {
  await using sandbox = await openTestSandbox();
  await using receiver = await openReceiver();
  const { apiKey, id: agent } = await registerAgent(sandbox);
  const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey });
  const advance = (by: number) => sandbox.venue.advanceTo(sandbox.venue.clock.now() + by);
  const { webhooks } = client;
  const url = `${receiver.url}/pf`;
  const made = await webhooks.register({ url, topics: ["wallet.*"] }, { key: "hook" });
  assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{32}$/u);
  const again = await webhooks.register({ url, topics: ["wallet.*"] }, { key: "hook" });
  assert.deepEqual(again, made);
  const { secret, ...shown } = made;
  const { webhook_id: id } = shown;
  assert.deepEqual(await webhooks.list(), [shown]);
  assert.deepEqual(await webhooks.get(id), shown);

  await client.wallet.deposit({ amount: usdc("5") }, { key: "deposit" });
  await advance(1);
  const verify = ({ body, headers }: Received, secrets: string | readonly string[]) =>
    verifyWebhook({ body, headers, secrets, now: sandbox.venue.clock.now() });
  const [first = assert.fail()] = receiver.received;
  const event = await verify(first, secret);
  assert.deepEqual([event.type, event.agentId], ["wallet.deposited", agent]);
  assert.equal((await webhooks.deliveries(id)).length, 2);

  const next = await webhooks.rotateSecret(id, { overlapSeconds: 60 }, { key: "rotate" });
  assert.equal(next.old_secret_until, new Date(START + 1 + 60_000).toISOString());
  await webhooks.test(id, { key: "test" });
  await advance(1);
  const tested = receiver.received.at(-1) ?? assert.fail();
  for (const secrets of [secret, next.secret, [secret, next.secret]]) {
    assert.equal((await verify(tested, secrets)).type, "webhook.test");
  }

  const [newest] = await webhooks.deliveries(id, { state: "delivered", limit: 1 });
  assert.equal(newest?.type, "webhook.test");
  const replayed = await webhooks.replay(id, { since: START }, { key: "replay" });
  // With the balance of the registration, which was there before the endpoint.
  assert.deepEqual([replayed.queued, replayed.next], [3, null]);
  await webhooks.replay(id, { deliveryId: newest.delivery_id }, { key: "replay-one" });
  await advance(1);
  assert.equal(receiver.received.length, 7);

  const off = await webhooks.update(id, { enabled: false }, { key: "off" });
  assert.deepEqual([off.enabled, off.disabled_reason], [false, "asked"]);
  await webhooks.remove(id, { key: "remove" });
  assert.deepEqual(await webhooks.list(), []);
  assert.equal(sandbox.venue.audit().duplicateEffects, 0);
});

test("what cannot be is refused, and what is another agent's is not there", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const other = await registerAgent(sandbox, "other");
  const url = "http://127.0.0.1:9/hook";
  const code = async (path: string, body: object, of = agent): Promise<unknown> => {
    const answer = await of.post(path, body);
    return [answer.status, answer.body.code];
  };
  const register = (body: object): Promise<unknown> => code("/api/webhooks", { url, ...body });
  assert.deepEqual(await register({ url: "http://10.0.0.1/" }), [422, "webhook_url_refused"]);
  assert.deepEqual(await register({ url: "http://a:b@127.0.0.1/" }), [422, "webhook_url_refused"]);
  assert.deepEqual(await register({ topics: ["market.tick"] }), [422, "webhook_topic_refused"]);
  assert.deepEqual(await register({ topics: ["market.*"] }), [422, "webhook_topic_refused"]);
  assert.deepEqual(await register({ topics: ["Wallet"] }), [422, "webhook_topic_refused"]);
  assert.deepEqual(await register({ topics: [] }), [422, "invalid_request"]);

  const { text } = await agent.post("/api/webhooks", { url });
  const { webhook_id } = JSON.parse(text) as { webhook_id: string };
  const named = { webhook_id };
  for (const path of ["update", "delete", "rotate-secret", "test"]) {
    const found = await code(`/api/webhooks/${path}`, named, other);
    assert.deepEqual(found, [404, "unknown_webhook"]);
  }
  assert.equal((await other.get(`/api/webhooks/${webhook_id}`)).status, 404);
  assert.equal((await other.get(`/api/webhooks/${webhook_id}/deliveries`)).status, 404);
  const replay = (body: object): Promise<unknown> =>
    code("/api/webhooks/replay", { ...named, ...body });
  assert.deepEqual(await replay({}), [422, "invalid_request"]);
  assert.deepEqual(await replay({ delivery_id: "dlv_1", since: 0 }), [422, "invalid_request"]);
  for (const name of ["dlv_1", "dlv_x", "dlv_99999999999999999999", "1"]) {
    assert.deepEqual(await replay({ delivery_id: name }), [404, "unknown_delivery"], name);
  }
  for (let n = 1; n < WEBHOOKS_MAX; n += 1) {
    assert.equal((await agent.post("/api/webhooks", { url })).status, 201);
  }
  assert.deepEqual(await register({}), [422, "too_many_webhooks"]);
});

test("an owner who widens the targets may register elsewhere", async () => {
  await using sandbox = await openTestSandbox({ webhooks: { targets: "any" } });
  const agent = await registerAgent(sandbox);
  const answer = await agent.post("/api/webhooks", { url: "https://hooks.example.com/pf" });
  assert.equal(answer.status, 201);
});

test("a secret is in the answers that show it and in the state file, and nowhere else", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  await using sandbox = await openTestSandbox({ path });
  await using receiver = await openReceiver();
  const agent = await registerAgent(sandbox);
  const headers = { "idempotency-key": "hook" };
  const answers = [
    await agent.post("/api/webhooks", { url: receiver.url }, headers),
    await agent.post("/api/webhooks", { url: receiver.url, topics: ["escrow.*"] }),
  ];
  const { webhook_id, secret } = JSON.parse(answers[0]?.text ?? "") as Record<string, string>;
  answers.push(await agent.post("/api/webhooks/rotate-secret", { webhook_id }));
  const secrets = answers.map(({ text }) => (JSON.parse(text) as { secret: string }).secret);
  assert.equal(new Set([secret, ...secrets]).size, 3);
  await agent.post("/api/wallet/deposit", { amount: "5" });
  await agent.post("/api/webhooks/test", { webhook_id });
  await sandbox.venue.advanceTo(START + 10_000);

  const seen = [
    await agent.get("/api/webhooks"),
    await agent.get(`/api/webhooks/${webhook_id}`),
    await agent.get(`/api/webhooks/${webhook_id}/deliveries`),
    await agent.post("/api/webhooks/update", { webhook_id, description: "mine" }),
    await agent.get("/api/wallet/transactions"),
    await control(sandbox, "/audit"),
    await control(sandbox, "/audit", { headers: { accept: "text/html" } }),
    await control(sandbox, "/effects"),
    await control(sandbox, "/export"),
    await control(sandbox, "/faults"),
  ].map(({ status, text }) => {
    assert.equal(status, 200);
    return text;
  });
  seen.push(
    ...receiver.received.map(({ headers: sent, body }) => JSON.stringify(sent) + String(body)),
  );
  assert.equal(receiver.received.length, 3);
  const raw = secrets.flatMap((one) => [one, one.slice("whsec_".length)]);
  for (const text of seen)
    for (const one of raw) assert.ok(!text.includes(one), text.slice(0, 200));

  // In the file they lie in their table; stored answers and events hold none of them.
  const kept = sandbox.venue.look(agent.id, ({ store }) => [
    JSON.stringify(store.deliveries.list(webhook_id ?? "", 1_000)),
    ...["hook"].map(
      (key) => store.commands.byKey(agent.id, [key, keyDigest(key)])?.body ?? assert.fail(),
    ),
  ]);
  for (const text of kept) for (const one of raw) assert.ok(!text.includes(one));
  await sandbox.close();
  assert.ok(readFileSync(path).includes(secrets[0] ?? ""));
});
