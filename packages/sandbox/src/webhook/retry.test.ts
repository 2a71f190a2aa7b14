// What becomes of a delivery that does not get through: tried again to the instant, given up, its endpoint
// switched off.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openHooked } from "../fixture/hooked.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { openReceiver } from "../fixture/receiver.ts";
import {
  ATTEMPTS_MAX,
  FAILING_MS_MAX,
  JITTER_MAX,
  RETRY_DELAYS_MS,
  retryDelayMs,
} from "./retry.ts";

const DAY_MS = 24 * HOUR_MS;

test("the waits are those that are published", () => {
  const minutes = RETRY_DELAYS_MS.map((delay) => delay / 60_000);
  assert.deepEqual(minutes, [5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440]);
  assert.equal(ATTEMPTS_MAX, 10);
  assert.equal(FAILING_MS_MAX, ((75 * 60 + 35) * 60 + 5) * 1_000);
});

test("retryDelayMs() draws the same wait for the same seed, longer by at most a tenth", () => {
  const drawn = new Set<number>();
  for (let n = 0; n < 200; n += 1) {
    const delay = retryDelayMs(2, `seed-${n}`) ?? 0;
    assert.equal(delay, retryDelayMs(2, `seed-${n}`));
    assert.ok(delay >= 300_000 && delay < 300_000 * (1 + JITTER_MAX));
    drawn.add(delay);
  }
  assert.ok(drawn.size > 190);
  assert.equal(retryDelayMs(ATTEMPTS_MAX, "seed"), undefined);
});

test("each attempt comes at the announced instant, then the delivery is given up and the endpoint off", async () => {
  using hooked = openHooked();
  const times: number[] = [];
  await using receiver = await openReceiver(() => {
    times.push(hooked.venue.clock.now());
    return { status: 500 };
  });
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  hooked.deposit();
  const announced: number[] = [START];
  await hooked.venue.advanceTo(START);
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
    const [delivery = assert.fail()] = hooked.deliveries(hook.id);
    assert.deepEqual([delivery.state, delivery.attempts], ["waiting", attempt]);
    const before = announced.at(-1) ?? 0;
    const base = RETRY_DELAYS_MS[attempt - 1] ?? 0;
    const wait = delivery.nextAt - before;
    assert.ok(wait >= base && wait <= base * (1 + JITTER_MAX), `attempt ${attempt}: ${wait}`);
    announced.push(delivery.nextAt);
    await hooked.venue.advanceTo(delivery.nextAt - 1);
    assert.equal(receiver.received.length, attempt);
    await hooked.venue.advanceTo(delivery.nextAt);
    assert.equal(receiver.received.length, attempt + 1);
  }
  assert.deepEqual(times, announced);
  const bodies = new Set(receiver.received.map(({ body }) => body.toString("utf8")));
  const ids = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
  assert.deepEqual([bodies.size, ids.size], [1, 1]);
  assert.deepEqual(
    receiver.received.map(({ headers }) => headers["webhook-timestamp"]),
    announced.map((at) => String(Math.floor(at / 1_000))),
  );

  const [delivery] = hooked.deliveries(hook.id);
  assert.deepEqual([delivery?.state, delivery?.attempts], ["failed", ATTEMPTS_MAX]);
  assert.equal(hooked.events("webhook.disabled").length, 1);
  // It is for the stream: no webhook tells of webhooks.
  assert.equal(hooked.deliveries(hook.id).length, 1);
  hooked.deposit();
  await hooked.venue.advanceTo((announced.at(-1) ?? 0) + 10 * DAY_MS);
  assert.equal(receiver.received.length, ATTEMPTS_MAX);
});

test("advancing far at once makes the same attempts as advancing step by step", async () => {
  const run = async (steps: readonly number[]): Promise<readonly number[]> => {
    using hooked = openHooked();
    const times: number[] = [];
    await using receiver = await openReceiver(() => {
      times.push(hooked.venue.clock.now());
      return { status: 503 };
    });
    hooked.hook(receiver.url, ["wallet.deposited"]);
    hooked.deposit();
    for (const step of steps) await hooked.venue.advanceTo(START + step);
    return times;
  };
  const hours = Array.from({ length: 120 }, (_, n) => (n + 1) * HOUR_MS);
  const atOnce = await run([120 * HOUR_MS]);
  assert.equal(atOnce.length, ATTEMPTS_MAX);
  assert.deepEqual(await run(hours), atOnce);
});

test("an event that alone is refused is given up, and its endpoint stays", async () => {
  await using receiver = await openReceiver(({ event }) => {
    return { status: event.type === "wallet.deposited" ? 500 : 200 };
  });
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url);
  hooked.deposit();
  for (let day = 1; day <= 5; day += 1) {
    await hooked.venue.advanceTo(START + day * DAY_MS);
    hooked.send({ operation: "claim" });
  }
  const states = hooked.deliveries(hook.id).map(({ type, state }) => `${type} ${state}`);
  assert.equal(states[0], "wallet.deposited failed");
  assert.equal(hooked.events("webhook.delivery_failed").length, 1);
  assert.equal(hooked.events("webhook.disabled").length, 0);
});

test("a receiver that is gone for good is not asked again", async () => {
  await using receiver = await openReceiver(() => ({ status: 410 }));
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url);
  hooked.deposit();
  await hooked.venue.advanceTo(START + DAY_MS);
  assert.ok(receiver.received.length <= 2);
  assert.equal(hooked.events("webhook.disabled").length, 1);
  assert.ok(
    hooked.deliveries(hook.id).every(({ state }) => state === "failed" || state === "held"),
  );
});

test("a redirect is not followed", async () => {
  await using elsewhere = await openReceiver();
  await using receiver = await openReceiver(() => {
    return { status: 307, headers: { location: elsewhere.url } };
  });
  using hooked = openHooked();
  const hook = hooked.hook(receiver.url, ["wallet.deposited"]);
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  const [delivery] = hooked.deliveries(hook.id);
  assert.deepEqual(
    [delivery?.state, delivery?.lastStatus, delivery?.lastError],
    ["waiting", 307, "redirect"],
  );
  assert.equal(elsewhere.received.length, 0);
});

test("a receiver that is not there, and one that never answers, are tried again", async () => {
  const closed = await openReceiver();
  await closed[Symbol.asyncDispose]();
  await using silent = await openReceiver(() => "silence");
  using hooked = openHooked({ timeoutMs: 200 });
  const gone = hooked.hook(closed.url, ["wallet.deposited"]);
  const slow = hooked.hook(silent.url, ["wallet.deposited"]);
  hooked.deposit();
  await hooked.venue.advanceTo(START + 1);
  const last = (id: string): unknown => {
    const [delivery] = hooked.deliveries(id);
    return [delivery?.state, delivery?.lastStatus, delivery?.lastError];
  };
  assert.deepEqual(last(gone.id), ["waiting", null, "unreachable"]);
  assert.deepEqual(last(slow.id), ["waiting", null, "timeout"]);
  silent.answer(() => ({ status: 204 }));
  await hooked.venue.advanceTo(START + 6_000);
  assert.deepEqual(last(slow.id), ["delivered", 204, null]);
});
