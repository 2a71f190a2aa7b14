// The stream over real sockets: what is told, to whom, in which order, and from where on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventEnvelope, EVENTS, isEventType } from "@holdfast/purpleflea/wire";
import { type Heard, type Listener, openListener } from "../fixture/listener.ts";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";

const MINUTE_MS = 60_000;

const types = (events: readonly Heard[]): readonly string[] => events.map(({ type }) => type);
const ids = (events: readonly Heard[]): readonly string[] =>
  events.map(({ eventId }) => eventId ?? "");

function assertRising(events: readonly Heard[]): void {
  const all = ids(events);
  all.forEach((id, index) => {
    if (index > 0) assert.ok(id > (all[index - 1] ?? ""), `${id} after ${all[index - 1]}`);
  });
}

const count =
  (wanted: number) =>
  (heard: readonly Heard[]): boolean =>
    heard.filter(({ eventId }) => eventId !== undefined).length >= wanted;

/** Resolves when so many events were heard, and no more are on their way. */
async function stop(listener: Listener, wanted: number): Promise<void> {
  await listener.until(count(wanted));
  listener.say({ action: "ping" });
  await listener.until((heard) => heard.at(-1)?.type === "pong");
  assert.equal(listener.events().length, wanted);
}

test("subscribe tells of what an agent does, by schema, and of nobody else", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const other = await registerAgent(sandbox, "other");
  using stream = await openListener(sandbox, agent.apiKey, { headers: { "x-agent-id": agent.id } });
  const answer = await stream.subscribe(["wallet.*", "trade.*"]);
  assert.deepEqual([answer.type, answer["replayed"]], ["subscribed", 0]);
  assert.equal(answer.eventId, undefined);
  await other.post("/api/v1/trade", { symbol: "BTC-PERP", side: "long", size: 10 });
  await agent.post("/api/v1/trade", { symbol: "BTC-PERP", side: "long", size: 10 });
  await stream.until(count(2));
  assert.deepEqual(types(stream.events()), ["trade.opened", "wallet.balance_changed"]);
  for (const event of stream.events()) {
    const { type, payload, agentId, ts } = EventEnvelope.parse(event);
    assert.ok(isEventType(type));
    EVENTS[type].payload.parse(payload);
    assert.deepEqual([agentId, ts], [agent.id, START]);
  }
  assertRising(stream.events());
});

test("topics are exact, of a domain, or all, and can be added and taken away", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["wallet.deposited"]);
  const deposit = (): Promise<unknown> => agent.post("/api/wallet/deposit", { amount: 1 });
  await deposit();
  await stream.until(count(1));
  await stream.subscribe(["*"]);
  // All: but no tick of an instant of which something later has been told.
  await deposit();
  await stream.until(count(3));
  stream.say({ action: "unsubscribe", topics: ["*"] });
  await stream.until((heard) => heard.at(-1)?.type === "unsubscribed");
  await deposit();
  await stream.until(count(4));
  const told = types(stream.events());
  assert.deepEqual(told, [
    "wallet.deposited",
    "wallet.deposited",
    "wallet.balance_changed",
    "wallet.deposited",
  ]);
});

test("resumeFrom is exclusive: nothing twice, nothing left out", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  for (let n = 0; n < 5; n += 1) await agent.post("/api/wallet/deposit", { amount: 1 });
  const all = sandbox.venue.events.ofAgent(agent.id, 0, 100);
  for (let seen = 0; seen < all.length; seen += 1) {
    using stream = await openListener(sandbox, agent.apiKey);
    const topics = ["agent.*", "wallet.*"];
    const answer = await stream.subscribe(topics, { resumeFrom: all[seen]?.eventId });
    const rest = all.slice(seen + 1);
    assert.equal(answer["replayed"], rest.length);
    await stream.until(count(rest.length));
    assert.deepEqual(
      ids(stream.events()),
      rest.map(({ eventId }) => eventId),
    );
  }
});

test("candles and events of the past are told again in one order, from any place", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using live = await openListener(sandbox, agent.apiKey);
  const { resumeFrom } = await live.subscribe(["market.candle", "wallet.deposited"]);
  for (let half = 1; half <= 9; half += 1) {
    await sandbox.venue.advanceTo(START + half * 30_000);
    await agent.post("/api/wallet/deposit", { amount: 1 });
  }
  await stop(live, 9 + 4 * sandbox.venue.market.pairs.length);
  const all = live.events();
  const places = [String(resumeFrom), ...ids(all)];
  for (const [seen, place] of places.entries()) {
    using again = await openListener(sandbox, agent.apiKey);
    const topics = ["market.candle", "wallet.deposited"];
    const answer = await again.subscribe(topics, { resumeFrom: place });
    assert.equal(answer["replayed"], all.length - seen);
    await stop(again, all.length - seen);
    assert.deepEqual(again.events(), all.slice(seen));
  }
});

test("a cursor older than five minutes, or of another venue, is answered with a gap", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const [registered] = sandbox.venue.events.ofAgent(agent.id, 0, 1);
  await sandbox.venue.advanceTo(START + 5 * MINUTE_MS);
  await agent.post("/api/wallet/deposit", { amount: 1 });
  using inTime = await openListener(sandbox, agent.apiKey);
  await inTime.subscribe(["wallet.*"], { resumeFrom: registered?.eventId });
  assert.ok(!types(inTime.heard).includes("gap"));
  await sandbox.venue.advanceTo(START + 5 * MINUTE_MS + 1);
  for (const requested of [registered?.eventId ?? "", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]) {
    using late = await openListener(sandbox, agent.apiKey);
    const { oldest } = await late.subscribe(["wallet.*"], { resumeFrom: requested });
    await late.until(count(2));
    assert.deepEqual(types(late.heard).slice(1), [
      "gap",
      "wallet.deposited",
      "wallet.balance_changed",
    ]);
    assert.deepEqual(late.heard[1], { type: "gap", requested, oldest });
  }
});

test("a frozen clock that is moved tells candles and events in due order, all before it stands", async () => {
  const prices = Array.from({ length: 4 }, (_, hour) => String(50_000 - 1_000 * hour));
  const points = prices.map((price, index) => ({ at: START + index * HOUR_MS, price }));
  await using sandbox = await openTestSandbox({ scripts: [{ symbol: "BTC-PERP", points }] });
  const agent = await registerAgent(sandbox);
  const resting = { symbol: "BTC-PERP", side: "long", size: 100, type: "limit" };
  for (const price of ["49500.00", "48500.00"]) {
    await agent.post("/api/orders", { ...resting, limit_price: price });
  }
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["market.candle", "trade.*"]);
  const end = START + 2 * HOUR_MS;
  await sandbox.venue.advanceTo(end);
  const pairs = sandbox.venue.market.pairs.length;
  await stream.until(count(120 * pairs + 2));
  const events = stream.events();
  assert.equal(events.length, 120 * pairs + 2);
  assertRising(events);
  const filled = events.filter(({ type }) => type === "trade.order_filled");
  assert.equal(filled.length, 2);
  for (const fill of filled) {
    // Between the candles of the minutes around it, at the second at which the price was there.
    const at = events.indexOf(fill);
    assert.ok((events[at - 1]?.ts ?? 0) <= (fill.ts ?? 0));
    assert.ok((events[at + 1]?.ts ?? Infinity) > (fill.ts ?? 0));
  }
  const last = events.at(-1);
  assert.deepEqual([last?.type, last?.ts], ["market.candle", end]);
  // The same candles again, from anywhere in the buffer.
  using again = await openListener(sandbox, agent.apiKey);
  const from = events[events.length - 8]?.eventId ?? "";
  await again.subscribe(["market.*"], { resumeFrom: from });
  await again.until(count(7));
  assert.deepEqual(
    again.events().filter(({ type }) => type === "market.candle"),
    events.slice(-7),
  );
});

test("ticks come at each whole minute and where a frozen clock stops, and one of each pair at first", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["market.tick"]);
  const pairs = sandbox.venue.market.pairs.length;
  await sandbox.venue.advanceTo(START + 2 * MINUTE_MS + 500);
  await stream.until(count(4 * pairs));
  const instants = stream.events().map(({ ts }) => (ts ?? 0) - START);
  const expected = [0, MINUTE_MS, 2 * MINUTE_MS, 2 * MINUTE_MS + 500];
  assert.deepEqual(
    instants,
    expected.flatMap((at) => Array.from({ length: pairs }, () => at)),
  );
  const tick = stream.events().at(-1)?.payload;
  for (const field of ["pair", "price", "bid", "ask", "timestamp_ms", "o", "h", "l", "c", "v"]) {
    assert.ok(tick?.[field] !== undefined, field);
  }
  assertRising(stream.events());
});

test("a frozen clock waits until each caller has been given what happened", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["market.tick"]);
  // More at a time than a caller may have waiting: the next minute would find no room for its ticks.
  let given = 0;
  const payload = JSON.stringify({ text: "x".repeat(400_000) });
  sandbox.stream.setDeliver((event) => {
    given += 1;
    return [{ event: { ...event, payload } }];
  });
  await sandbox.venue.advanceTo(START + 60 * MINUTE_MS);
  const ticks = 60 * sandbox.venue.market.pairs.length;
  assert.equal(given, ticks);
  await stream.until(count(ticks + sandbox.venue.market.pairs.length));
});

test("ticks of the past are told on request only, on the grid of their pace", async () => {
  await using sandbox = await openTestSandbox({ stream: { tickMs: 500 } });
  const agent = await registerAgent(sandbox);
  using first = await openListener(sandbox, agent.apiKey);
  const { resumeFrom } = await first.subscribe(["market.tick"]);
  await sandbox.venue.advanceTo(START + 2_000);
  using second = await openListener(sandbox, agent.apiKey);
  const answer = await second.subscribe(["market.tick"], { resumeFrom, replayTicks: true });
  const pairs = sandbox.venue.market.pairs.length;
  assert.equal(answer["replayed"], 4 * pairs);
  await second.until(count(4 * pairs));
  assert.deepEqual(
    second.events().map(({ ts }) => (ts ?? 0) - START),
    [500, 1_000, 1_500, 2_000].flatMap((at) => Array.from({ length: pairs }, () => at)),
  );
  assertRising(second.events());
});

test("under a clock that runs ticks come by themselves, and events between them in order", async () => {
  await using sandbox = await openTestSandbox({
    clock: { mode: "scaled", now: START, rate: 100 },
    stream: { tickMs: 100 },
  });
  const agent = await registerAgent(sandbox);
  using stream = await openListener(sandbox, agent.apiKey);
  await stream.subscribe(["*"]);
  const told = (listener: Listener, type: string): number =>
    listener.events().filter((event) => event.type === type).length;
  await stream.until(() => told(stream, "market.tick") >= 6);
  await agent.post("/api/wallet/deposit", { amount: 1 });
  await stream.until(
    () => told(stream, "market.candle") >= 6 && told(stream, "wallet.deposited") >= 1,
  );
  assertRising(stream.events());
});
