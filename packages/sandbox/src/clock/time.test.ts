// The venue on a clock that runs, with a wall of its own: a year in half a minute, timers that go without anybody
// asking, and a clock that goes on where it was after a restart.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { btc, buy, deskOf, order } from "../fixture/desk.ts";
import { type HandWall, handWall } from "../fixture/hand-wall.ts";
import { HOUR_MS, START, testFolder } from "../fixture/kit.ts";
import { type Venue, createVenue } from "../venue.ts";

const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const RATE = 1_000_000;

function opened(wall: HandWall, more: Partial<Parameters<typeof createVenue>[0]> = {}): Venue {
  return createVenue({ path: ":memory:", verify: true, identitySeed: "test", wall, ...more });
}

function agentAt(venue: Venue): ReturnType<typeof deskOf> {
  const command = { operation: "register", name: "a", description: "" } as const;
  return deskOf(venue, String(venue.execute(command, { agent: "" }).body["agent_id"]));
}

describe("a scaled clock", () => {
  test("runs a year in half a minute, with funding, expiries, orders and candles", () => {
    const wall = handWall(START);
    // Flat for half a year, then down to where an order waits, and up again.
    const scripts = [btc(["60000", "60000", "50000", "60000"], YEAR_MS / 4)];
    using venue = opened(wall, { scripts, clock: { mode: "scaled", now: START, rate: RATE } });
    const desk = agentAt(venue);
    buy(desk, { amount: "1000" });
    const limit = order({ type: "limit", quantity: 1_000_000n, limit: "55000" });
    const placed = desk.send(limit, "limit");
    assert.equal(placed.body["status"], "open");
    const events: number[] = [];
    const leave = venue.onEvents(() => events.push(venue.clock.now()));

    wall.go(START + 80);
    assert.equal(venue.clock.now(), START + 80 * RATE);
    assert.notEqual(venue.lookup(desk.agent, "limit"), undefined);
    wall.go(START + 87);
    assert.equal(venue.lookup(desk.agent, "limit"), undefined, "a key lives for a day");
    const year = YEAR_MS / RATE;
    for (let wallMs = 500; wallMs <= year; wallMs += 500) wall.go(START + wallMs);
    wall.go(START + year);
    assert.equal(venue.clock.now(), START + YEAR_MS);
    assert.ok(events.length > 0, "the order filled without anybody asking");
    leave();

    const id = String(placed.body["order_id"]);
    const filled = venue.order(desk.agent, id);
    assert.equal(filled?.status, "filled");
    const filledAt = Date.parse(filled?.updated_at ?? "");
    assert.ok(filledAt > START + YEAR_MS / 4 && filledAt < START + YEAR_MS / 2);
    const paid = venue.positions(desk.agent).map((one) => BigInt(one.funding_micros ?? 0));
    assert.equal(paid.length, 2);
    assert.ok(paid.every((one) => one !== 0n));
    const pair = venue.market.pairs[0];
    assert.ok(pair !== undefined);
    const until = START + YEAR_MS;
    const days = venue.market.candles(pair, { interval: "1d", from: until - 30 * DAY_MS, until });
    assert.equal(days.length, 30);
  });

  test("lets held answers go at their own instants", async () => {
    const wall = handWall(START);
    using venue = opened(wall, { clock: { mode: "scaled", now: START, rate: 60 } });
    const request = { method: "GET", path: "/", agent: undefined, key: undefined };
    const hold = venue.clock.hold({ until: START + 60_000, ...request });
    wall.go(START + 999);
    assert.deepEqual(venue.clock.dueInstants(), [START + 60_000]);
    wall.go(START + 1_000);
    assert.equal(await hold.ended, "due");
  });
});

describe("a real clock", () => {
  test("carries out what falls due while somebody listens, without anybody asking", () => {
    const wall = handWall(START);
    const scripts = [btc(["60000", "58000"])];
    using venue = opened(wall, { scripts, clock: { mode: "real" } });
    const desk = agentAt(venue);
    desk.send(order({ type: "limit", quantity: 1_000_000n, limit: "59000" }));
    let told = 0;
    wall.go(START + HOUR_MS);
    assert.equal(told, 0, "nobody listens yet");
    const leave = venue.onEvents(() => {
      told += 1;
    });
    for (let minute = 1; minute <= 5; minute += 1) wall.go(START + HOUR_MS + minute * 60_000);
    assert.equal(told, 1);
    leave();
    assert.equal(venue.positions(desk.agent).length, 1);
  });
});

describe("a timer under a real clock", () => {
  test("goes off at its instant while somebody listens", () => {
    const wall = handWall(START);
    using venue = opened(wall, { scripts: [btc(["60000", "60000"])], clock: { mode: "real" } });
    const { agent, send } = agentAt(venue);
    const { body } = send(order({ type: "limit", quantity: 1_000_000n, limit: "59000" }));
    const told: number[] = [];
    const leave = venue.onEvents(() => told.push(venue.clock.now()));
    const cancel = { operation: "cancel-order", orderId: String(body["order_id"]) } as const;
    venue.execute(cancel, { agent, fate: { fillAfterCancelMs: 90_000 } });
    const before = told.length;
    wall.go(START + 60_000);
    assert.equal(told.length, before);
    for (const ms of [89_999, 90_000]) wall.go(START + ms);
    assert.deepEqual(told.slice(before), [START + 90_000]);
    leave();
    assert.equal(venue.positions(agent).length, 1);
  });
});

describe("a frozen clock", () => {
  test("moves by hand only, to the millisecond, and says what fell due", async () => {
    const wall = handWall(START);
    const scripts = [btc(["60000", "58000"])];
    using venue = opened(wall, { scripts, clock: { mode: "frozen", now: START } });
    const desk = agentAt(venue);
    desk.send(order({ type: "limit", quantity: 1_000_000n, limit: "59000" }));
    wall.go(START + YEAR_MS);
    assert.equal(venue.clock.now(), START);
    const { fired, more, released } = await venue.advance(START + HOUR_MS - 1);
    assert.equal(venue.clock.now(), START + HOUR_MS - 1);
    assert.deepEqual([fired.map(({ kind }) => kind), more, released], [["fill-order"], 0, 0]);
    assert.ok((fired[0]?.at ?? 0) > START && (fired[0]?.at ?? 0) % 1_000 === 0);
  });
});

describe("a clock after a restart", () => {
  test("goes on in its mode, never earlier than it was", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const wall = handWall(START);
    {
      using venue = opened(wall, { path, clock: { mode: "scaled", now: START, rate: 3_600 } });
      wall.go(START + 1_000);
      assert.equal(venue.clock.now(), START + HOUR_MS);
    }
    wall.go(START + 5_000);
    {
      using venue = opened(wall, { path });
      assert.deepEqual([venue.clock.mode, venue.clock.rate], ["scaled", 3_600]);
      assert.equal(venue.clock.now(), START + HOUR_MS, "a stopped venue has no time");
      wall.go(START + 6_000);
      assert.equal(venue.clock.now(), START + 2 * HOUR_MS);
      venue.setClock("frozen");
    }
    {
      using venue = opened(wall, { path });
      assert.deepEqual([venue.clock.mode, venue.clock.now()], ["frozen", START + 2 * HOUR_MS]);
      venue.setClock("real");
    }
    wall.go(START + 10_000);
    using venue = opened(wall, { path });
    assert.equal(venue.clock.mode, "real");
    assert.equal(venue.clock.now(), START + 2 * HOUR_MS + 4_000, "ahead of the machine, as it was");
  });
});
