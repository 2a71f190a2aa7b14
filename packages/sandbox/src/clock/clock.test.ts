// The venue's clock with a wall of its own: it never runs back by itself, and holds end in due order.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { handWall } from "../fixture/hand-wall.ts";
import { VenueClock } from "./clock.ts";
import type { Held } from "./hold.ts";

function held(until: number, path = `/${until}`): Held {
  return { until, method: "POST", path, agent: undefined, key: undefined };
}

const frozen = (now: number): VenueClock => new VenueClock({ mode: "frozen", now, offset: 0 });

describe("VenueClock", () => {
  test("follows a real clock and stands still where that runs back", () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "real", now: 0, offset: 0 }, wall);
    assert.equal(clock.now(), 1_000);
    wall.go(5_000);
    assert.equal(clock.now(), 5_000);
    wall.go(2_000);
    assert.equal(clock.now(), 5_000);
  });

  test("goes on from where it was frozen ahead of the machine's time", () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "frozen", now: 9_000, offset: 0 }, wall);
    clock.set("real");
    wall.go(1_500);
    assert.equal(clock.now(), 9_500);
  });

  test("does not move while it is frozen", () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "frozen", now: 7, offset: 0 }, wall);
    wall.go(100_000);
    assert.equal(clock.now(), 7);
  });
});

describe("advanceTo()", () => {
  test("lets held answers go in due order, each at its own instant", async () => {
    const clock = frozen(0);
    const seen: [string, number][] = [];
    for (const until of [30, 10, 20, 10]) {
      const name = `${until}#${seen.length}`;
      void clock
        .hold(held(until))
        .ended.then(() => seen.push([name.split("#")[0] ?? "", clock.now()]));
    }
    assert.equal(await clock.advanceTo(25), 3);
    assert.deepEqual(seen, [
      ["10", 10],
      ["10", 10],
      ["20", 20],
    ]);
    assert.equal(clock.now(), 25);
    assert.deepEqual(clock.dueInstants(), [30]);
  });

  test("reaches what is held again on the way", async () => {
    const clock = frozen(0);
    const seen: number[] = [];
    void clock
      .hold(held(10))
      .ended.then(() => clock.hold(held(15)).ended)
      .then(() => seen.push(clock.now()));
    await clock.advanceTo(20);
    assert.deepEqual(seen, [15]);
  });

  test("never runs back, and calls queue up", async () => {
    const clock = frozen(50);
    await Promise.all([clock.advanceTo(100), clock.advanceTo(60)]);
    assert.equal(clock.now(), 100);
  });
});

describe("hold()", () => {
  test("ends when a real clock reaches it", async () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "real", now: 0, offset: 0 }, wall);
    const { ended } = clock.hold(held(1_500));
    wall.go(1_499);
    assert.deepEqual(clock.dueInstants(), [1_500]);
    wall.go(1_500);
    assert.equal(await ended, "due");
  });

  test("ends as closed when the clock closes, then and afterwards", async () => {
    const clock = frozen(0);
    const before = clock.hold(held(10));
    clock.close();
    assert.equal(await before.ended, "closed");
    assert.equal(await clock.hold(held(10)).ended, "closed");
  });

  test("is shown only while its caller waits, and is due all the same", async () => {
    const clock = frozen(0);
    const hold = clock.hold(held(10));
    assert.deepEqual(clock.held(), [held(10)]);
    hold.gone();
    assert.deepEqual([clock.held(), clock.dueInstants()], [[], [10]]);
    await clock.advanceTo(10);
    assert.equal(await hold.ended, "due");
  });

  test("can be called off", async () => {
    const clock = frozen(0);
    const hold = clock.hold(held(10));
    hold.cancel();
    assert.equal(await hold.ended, "cancelled");
    assert.equal(await clock.advanceTo(20), 0);
  });
});

describe("waitForHeld()", () => {
  test("resolves when enough are held", async () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "frozen", now: 0, offset: 0 }, wall);
    const waiting = clock.waitForHeld(2, 1_000);
    clock.hold(held(1));
    clock.hold(held(2));
    await waiting;
    assert.equal(clock.held().length, 2);
  });

  test("gives up after its time, and at once when the clock closes", async () => {
    const wall = handWall();
    const clock = new VenueClock({ mode: "frozen", now: 0, offset: 0 }, wall);
    const late = clock.waitForHeld(1, 500);
    wall.go(wall.now() + 500);
    await late;
    const closed = clock.waitForHeld(1, 500);
    clock.close();
    await closed;
  });
});
