// How it is sent: at once while the clock runs, a bounded number at a time, as the dispatch says, and nowhere that
// the venue's owner has not allowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openHooked } from "../fixture/hooked.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { openReceiver } from "../fixture/receiver.ts";
import type { Dispatch } from "./dispatch.ts";
import { SENDING_MAX, SENDING_PER_WEBHOOK_MAX } from "./outgoing.ts";
import { post } from "./post.ts";
import { refusalOf } from "./target.ts";

test("under a running clock it is sent at once, and again when it is due", async () => {
  let failures = 1;
  await using receiver = await openReceiver(() => ({ status: failures-- > 0 ? 500 : 200 }));
  // Five seconds of the venue's clock are a few milliseconds of the machine's.
  using hooked = openHooked({}, { clock: { mode: "scaled", now: START, rate: 1_000 } });
  hooked.hook(receiver.url, ["wallet.deposited"]);
  hooked.deposit();
  await receiver.count(2);
  const [first, second] = receiver.received;
  assert.equal(first?.event.eventId, second?.event.eventId);
});

test("no more are under way at once than their limits say, and none is left behind", async () => {
  const held = Promise.withResolvers<void>();
  const reply = async (): Promise<{ status: number }> => {
    await held.promise;
    return { status: 200 };
  };
  await using slow = await openReceiver(reply);
  await using receiver = await openReceiver(reply);
  using hooked = openHooked({}, { clock: { mode: "real" } });
  hooked.hook(slow.url, ["wallet.deposited"]);
  for (let n = 0; n < 10; n += 1) hooked.deposit();
  await slow.count(SENDING_PER_WEBHOOK_MAX);
  // One that is slow takes its share and no more: the others fill the rest.
  for (let n = 0; n < 6; n += 1) hooked.hook(`${receiver.url}/${n}`, ["wallet.deposited"]);
  for (let n = 0; n < 10; n += 1) hooked.deposit();
  await receiver.count(SENDING_MAX - SENDING_PER_WEBHOOK_MAX);
  assert.equal(slow.received.length, SENDING_PER_WEBHOOK_MAX);
  assert.equal(receiver.together(), SENDING_MAX - SENDING_PER_WEBHOOK_MAX);
  held.resolve();
  await slow.count(20);
  await receiver.count(60);
  assert.equal(slow.together(), SENDING_PER_WEBHOOK_MAX);
  assert.ok(receiver.together() <= SENDING_MAX);
  const ids = new Set(receiver.received.map(({ path, event }) => path + event.eventId));
  assert.equal(ids.size, 60);
});

test("a frozen clock's batches keep the limits, too", async () => {
  await using receiver = await openReceiver();
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  for (let n = 0; n < 50; n += 1) hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  assert.ok(receiver.together() <= SENDING_PER_WEBHOOK_MAX);
  assert.equal(receiver.received.length, 50);
  assert.ok(hooked.deliveries(hook.id).every(({ state }) => state === "delivered"));
});

test("the dispatch loses, doubles, and sends late and so out of order", async () => {
  const plans: (readonly number[])[] = [[], [0, 0], [5_000], [0]];
  const dispatch: Dispatch = () => plans.shift() ?? [0];
  using hooked = openHooked({ dispatch });
  const seen: [string, number][] = [];
  await using receiver = await openReceiver(({ event }) => {
    seen.push([event.eventId, hooked.venue.clock.now() - START]);
    return { status: 200 };
  });
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  for (let n = 0; n < 4; n += 1) hooked.deposit();
  await hooked.venue.advanceTo(START + 1_000);
  await hooked.venue.advanceTo(START + HOUR_MS);
  const [, doubled, late, plain] = hooked.events("wallet.deposited").map(({ eventId }) => eventId);
  assert.deepEqual(
    seen.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      [doubled, 0],
      [doubled, 0],
      [late, 5_000],
      [plain, 0],
    ],
  );
  assert.ok(hooked.deliveries(hook.id).every(({ state }) => state === "delivered"));
});

test("refusalOf() lets through this machine, or what is allowed", () => {
  const refused = (url: string): boolean => refusalOf(url, "loopback") !== undefined;
  for (const url of [
    "http://127.0.0.1:8080/hook",
    "https://localhost/hook",
    "http://[::1]:3000/",
    "http://127.1/",
    "http://0x7f000001/",
  ]) {
    assert.equal(refused(url), false, url);
  }
  for (const url of [
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://0.0.0.0/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://example.com/",
    "http://user:secret@127.0.0.1/",
    "http://user@127.0.0.1/",
    "http://127.0.0.1/#part",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "/hook",
    `http://127.0.0.1/${"a".repeat(3_000)}`,
  ]) {
    assert.equal(refused(url), true, url);
  }
  assert.equal(refusalOf("https://hooks.example.com/a", "any"), undefined);
  assert.notEqual(refusalOf("https://a:b@hooks.example.com/a", "any"), undefined);
});

test("post() sends nowhere that is not allowed today, whatever was allowed once", async () => {
  const letter = { url: "http://192.0.2.1/hook", body: "{}", headers: {} };
  const { signal } = new AbortController();
  const posted = await post(letter, { timeoutMs: 1_000, targets: "loopback", signal });
  assert.deepEqual(posted, { kind: "failed", status: null, error: "target" });
});
