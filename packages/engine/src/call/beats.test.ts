// How often the details of heartbeats are written: rarely enough to cost little, and in time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Duration, activity } from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing/clock";
import { z } from "zod";
import { Alarms } from "../clock/alarms.ts";
import { Beats } from "./beats.ts";
import type { PendingCallState } from "./pending.ts";

class Scene {
  readonly clock: VirtualClock = new VirtualClock(0);
  readonly written: number[] = [];
  readonly call: PendingCallState;
  readonly beats: Beats;

  constructor(heartbeat?: Duration) {
    const timeouts = heartbeat === undefined ? {} : { heartbeat };
    const beating = activity({
      name: "test.beating",
      input: z.void(),
      output: z.void(),
      effect: "none",
      timeouts,
      run: () => undefined,
    });
    this.call = { activity: beating, beat: undefined, beatAt: 0 } as unknown as PendingCallState;
    this.beats = new Beats({
      clock: this.clock,
      alarms: new Alarms(this.clock),
      book: () => this.written.push(this.clock.now()),
    });
  }

  /** Beats at these instants. */
  beatAt(...instants: readonly number[]): void {
    for (const instant of instants) {
      this.clock.advanceTo(instant);
      this.beats.add(this.call);
    }
  }
}

test("add() writes at most once a second, and what was said last in the end", () => {
  const scene = new Scene();
  scene.beatAt(...Array.from({ length: 250 }, (_, index) => index * 10));
  scene.clock.advanceTo(10_000);
  assert.deepEqual(scene.written, [1_000, 2_000, 3_000]);
});

test("add() writes at once after a silence", () => {
  const scene = new Scene();
  scene.beatAt(5_000);
  assert.deepEqual(scene.written, [5_000]);
});

test("add() writes before a short heartbeat time-out is over", () => {
  const scene = new Scene("100ms");
  scene.beatAt(10, 90, 170);
  scene.clock.advanceTo(1_000);
  assert.deepEqual(scene.written, [80, 160, 240]);
});

test("end() leaves nothing to be written for an attempt that was short", () => {
  const scene = new Scene();
  scene.beatAt(10, 20);
  scene.beats.end(scene.call);
  scene.clock.advanceTo(10_000);
  assert.deepEqual([scene.written, scene.clock.next], [[], undefined]);
});
