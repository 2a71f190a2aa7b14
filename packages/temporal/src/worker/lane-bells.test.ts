// Whom a bell wakes of those who wait for a lane in one worker.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@holdfast/testing";
import { LaneBells } from "./lane-bells.ts";

test("LaneBells wakes who was decided first, of its own lane, or whose time is over", async () => {
  const clock = new VirtualClock();
  const bells = new LaneBells(clock);
  const gone = new AbortController();
  const said: string[] = [];
  const at = clock.now() + 1_000;
  const wait = async (name: string, since: number, lane = "a"): Promise<void> => {
    const isRung = await bells.wait({ lane, since, key: name, at, unwanted: [gone.signal] });
    said.push(`${name} ${String(isRung)}`);
  };
  const all = [wait("late", 2), wait("early", 1), wait("other", 0, "b"), wait("equal", 2)];
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  bells.ring("a");
  await turn();
  assert.deepEqual([said, bells.waiting], [["early true"], 3]);
  bells.ring("a");
  await turn();
  assert.deepEqual(said.slice(1), ["equal true"]);
  clock.advanceTo(at);
  await Promise.all(all);
  assert.deepEqual(said.slice(2).sort(), ["late false", "other false"]);
  const late = clock.now() + 1_000;
  gone.abort();
  const unwanted = [gone.signal];
  assert.equal(await bells.wait({ lane: "a", since: 1, key: "x", at: late, unwanted }), false);
  assert.deepEqual([bells.waiting, clock.next], [0, undefined]);
});

test("LaneBells wakes all that a mode held back, and nobody who waits for a lane", async () => {
  const clock = new VirtualClock();
  const bells = new LaneBells(clock);
  const at = clock.now() + 1_000;
  const held = ["a", "b"].map((key) =>
    bells.wait({ lane: "guard", since: 1, key, at, unwanted: [] }),
  );
  const other = bells.wait({ lane: "lane", since: 0, key: "c", at, unwanted: [] });
  bells.ringAll("guard");
  assert.deepEqual(await Promise.all(held), [true, true]);
  assert.equal(bells.waiting, 1);
  clock.advanceTo(at);
  assert.equal(await other, false);
});
