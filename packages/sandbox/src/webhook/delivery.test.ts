// What receivers on loopback get of a venue whose clock stands still.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { openHooked } from "../fixture/hooked.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { guideReceiver, openReceiver } from "../fixture/receiver.ts";

test("the second guide's receiver accepts what is sent, unmodified, and knows a repetition", async () => {
  let secret = "";
  const guide = guideReceiver(() => secret);
  await using receiver = await openReceiver(guide.answering);
  using hooked = openHooked();
  const hook = hooked.hook(`${receiver.url}/webhooks/pf`);
  ({ secret } = hook);
  hooked.deposit();
  assert.equal(receiver.received.length, 0);

  await hooked.venue.advanceTo(START + 1);
  const types = guide.processed.map(({ type }) => type);
  assert.deepEqual(types, ["wallet.deposited", "wallet.balance_changed"]);
  assert.deepEqual(
    guide.processed.map(({ eventId }) => eventId),
    hooked
      .events()
      .slice(-2)
      .map(({ eventId }) => eventId),
  );
  const [first] = receiver.received;
  assert.equal(first?.path, "/webhooks/pf");
  assert.equal(first?.headers["content-type"], "application/json");
  assert.deepEqual(Object.keys(first?.event ?? {}), [
    "eventId",
    "type",
    "agentId",
    "payload",
    "ts",
  ]);
  assert.deepEqual([first?.event.agentId, first?.event.ts], [hooked.agent, START]);
  assert.ok(hooked.deliveries(hook.id).every(({ state }) => state === "delivered"));

  // Sent again on wish, the same bytes and the same id: known as a repetition.
  const { id } = hooked.deliveries(hook.id)[0] ?? { id: 0 };
  const what = { kind: "one", delivery: `dlv_${id}` } as const;
  hooked.send({ operation: "replay-webhook", webhook: hook.id, what });
  await hooked.venue.advanceTo(START + 2);
  assert.equal(receiver.received.length, 3);
  assert.deepEqual(receiver.received[2]?.body, first?.body);
  assert.equal(guide.processed.length, 2);
});

test("both schemes sign the bytes that are sent", async () => {
  await using receiver = await openReceiver();
  using hooked = openHooked();
  const { secret } = hooked.hook(receiver.url);
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1_500);
  const [{ headers, body, event } = assert.fail()] = receiver.received;
  assert.equal(
    headers["x-pf-signature"],
    `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  );
  const seconds = Math.floor(START / 1_000);
  assert.deepEqual(
    [headers["webhook-id"], headers["webhook-timestamp"]],
    [event.eventId, String(seconds)],
  );
  const key = Buffer.from(secret.replace(/^whsec_/u, ""), "base64");
  assert.equal(key.length, 24);
  const signed = Buffer.concat([Buffer.from(`${event.eventId}.${seconds}.`), body]);
  const expected = createHmac("sha256", key).update(signed).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${expected}`);
});

test("a receiver with another secret refuses, and gets it again once it has the right one", async () => {
  let secret = "whsec_d3Jvbmc=";
  const guide = guideReceiver(() => secret);
  await using receiver = await openReceiver(guide.answering);
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  const [refused] = hooked.deliveries(hook.id);
  assert.deepEqual([refused?.state, refused?.lastStatus, refused?.attempts], ["waiting", 403, 1]);
  ({ secret } = hook);
  await hooked.venue.advanceTo(START + 6_000);
  assert.deepEqual(
    guide.processed.map(({ type }) => type),
    ["wallet.deposited"],
  );
  assert.deepEqual(receiver.received[0]?.body, receiver.received[1]?.body);
});

test("an endpoint is sent what its topics ask for, and nothing of another agent", async () => {
  await using receiver = await openReceiver();
  using hooked = openHooked();
  const exact = hooked.hook(`${receiver.url}/exact`, ["wallet.balance_changed"]);
  const domain = hooked.hook(`${receiver.url}/domain`, ["wallet.*", "job.*"]);
  const none = hooked.hook(`${receiver.url}/none`, ["escrow.*"]);
  const other = { operation: "register", name: "b", description: "" } as const;
  hooked.venue.execute(other, { agent: "" });
  hooked.deposit();
  hooked.send({ operation: "claim" });
  const types = (id: string): readonly string[] => hooked.deliveries(id).map(({ type }) => type);
  assert.deepEqual(types(exact.id), ["wallet.balance_changed", "wallet.balance_changed"]);
  assert.deepEqual(types(domain.id), [
    "wallet.deposited",
    "wallet.balance_changed",
    "wallet.balance_changed",
  ]);
  assert.deepEqual(types(none.id), []);
  hooked.send({ operation: "test-webhook", webhook: none.id });
  assert.deepEqual(types(none.id), ["webhook.test"]);
  assert.equal(types(domain.id).length, 3);
  await hooked.venue.advanceTo(START + 1);
  assert.deepEqual(
    receiver.received.filter(({ path }) => path === "/none").map(({ event }) => event.type),
    ["webhook.test"],
  );
});

test("what falls due by itself is sent at its own instant", async () => {
  await using receiver = await openReceiver();
  const points = ["60000", "60000", "30000", "30000"].map((price, hour) => {
    return { at: START + hour * HOUR_MS, price };
  });
  using hooked = openHooked({}, { scripts: [{ symbol: "BTC-PERP", points }] });
  hooked.hook(receiver.url, ["trade.*"]);
  hooked.send({
    operation: "open",
    symbol: "BTC-PERP",
    side: "long",
    size: { kind: "value", amount: 100_000_000n as never },
    leverage: 10,
  });
  await hooked.venue.advanceTo(START + 3 * HOUR_MS);
  const liquidated = receiver.received.find(({ event }) => event.type.includes("liquidated"));
  assert.ok(liquidated !== undefined);
  const { ts } = liquidated.event;
  assert.ok(ts > START + HOUR_MS && ts < START + 2 * HOUR_MS);
  assert.equal(liquidated.headers["webhook-timestamp"], String(Math.floor(ts / 1_000)));
});

test("while both secrets sign, receivers with either accept; after the overlap only the new one does", async () => {
  let secret = "";
  const guide = guideReceiver(() => secret);
  await using receiver = await openReceiver(guide.answering);
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  const rotate = {
    operation: "rotate-webhook-secret",
    webhook: hook.id,
    overlapMs: HOUR_MS,
  } as const;
  const next = String(hooked.send(rotate).body["secret"]);
  assert.notEqual(next, hook.secret);

  secret = hook.secret;
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  assert.equal(guide.processed.length, 1);
  const standard = String(receiver.received[0]?.headers["webhook-signature"]).split(" ");
  assert.equal(standard.length, 2);

  // The receiver has the new secret: the first attempt is signed with the old one, the second with the new one.
  secret = next;
  hooked.deposit();
  await hooked.venue.advanceTo(START + 10_000);
  assert.equal(guide.processed.length, 2);
  assert.equal(receiver.received.length, 3);

  await hooked.venue.advanceTo(START + HOUR_MS);
  hooked.deposit();
  await hooked.venue.advanceTo(START + HOUR_MS + 1);
  assert.equal(guide.processed.length, 3);
  assert.equal(receiver.received.length, 4);
  const after = String(receiver.received[3]?.headers["webhook-signature"]).split(" ");
  assert.equal(after.length, 1);
});

test("a replay since an instant sends what was sent, and what happened while the endpoint was off", async () => {
  await using receiver = await openReceiver();
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  const update = {
    operation: "update-webhook",
    webhook: hook.id,
    url: undefined,
    topics: undefined,
    description: undefined,
  } as const;
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  // Waits, and is held back when the endpoint is switched off.
  hooked.deposit();
  hooked.send({ ...update, enabled: false });
  hooked.deposit();
  await hooked.venue.advanceTo(START + HOUR_MS);
  assert.equal(receiver.received.length, 1);
  assert.deepEqual(
    hooked.deliveries(hook.id).map(({ state }) => state),
    ["delivered", "held"],
  );
  const replay = {
    operation: "replay-webhook",
    webhook: hook.id,
    what: { kind: "since", since: START + 1, after: "" },
  } as const;
  assert.equal(hooked.send(replay).body["code"], "webhook_disabled");

  hooked.send({ ...update, enabled: true });
  await hooked.venue.advanceTo(START + HOUR_MS + 1);
  assert.equal(receiver.received.length, 2);
  assert.equal(hooked.send(replay).body["queued"], 2);
  await hooked.venue.advanceTo(START + HOUR_MS + 2);
  const ids = receiver.received.map(({ event }) => event.eventId);
  assert.deepEqual([ids.length, new Set(ids).size], [4, 3]);
});
