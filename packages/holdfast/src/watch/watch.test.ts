// What the watch makes of what it measures: who is refused, who waits, what is said once, and when the process ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "@holdfast/core";
import { notification } from "@holdfast/notify";
import { VirtualClock } from "@holdfast/testing/clock";
import type { Gauge } from "./gauge.ts";
import { ResourceWatch, SHED_MORE_MS } from "./watch.ts";

class Scene {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly stops: string[] = [];
  readonly watch: ResourceWatch;
  changes = 0;
  eased = 0;
  /** What is measured; an error where it cannot be. */
  value: number | Error = 0;

  constructor(patienceMs = 3_000) {
    const gauge: Gauge = {
      name: "memory",
      title: "memory",
      thresholds: { hold: 100, shed: 200, stop: 300, falls: false },
      read: async () => {
        if (this.value instanceof Error) throw this.value;
        return this.value;
      },
      format: (value) => `${value} of 400`,
    };
    const say = (level: keyof Log) => (message: string) =>
      void this.lines.push(`${level} ${message}`);
    this.watch = new ResourceWatch({
      gauges: [gauge],
      clock: this.clock,
      log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
      everyMs: 1_000,
      patienceMs,
      onChange: () => (this.changes += 1),
      onStop: ({ message }) => this.stops.push(message),
    });
    this.watch.onEased(() => (this.eased += 1));
  }

  /** Looks each second for so many of them. */
  async pass(value: number | Error, seconds = 1): Promise<void> {
    this.value = value;
    for (let second = 0; second < seconds; second += 1) {
      this.clock.advanceTo(this.clock.now() + 1_000);
      await this.watch.look();
    }
  }

  get sheds(): string {
    return (["low", "normal", "high"] as const).filter((one) => this.watch.sheds(one)).join();
  }
}

test("held() refuses new starts from the first level on, but never those that tell people", async () => {
  const scene = new Scene();
  assert.equal(scene.watch.held("a", "any"), undefined);
  await scene.pass(150);
  const held = scene.watch.held("a", "any");
  assert.deepEqual(
    [held?.code, held?.disposition, held?.outcome, held?.retryAfterMs],
    ["HF-OVERLOADED", "retry-after", "not-sent", 5_000],
  );
  assert.match(held?.message ?? "", /run "a".*memory \(150 of 400\)/u);
  assert.equal(scene.watch.held("b", notification.name), undefined);
  assert.equal(scene.watch.report.status, "held");
  await scene.pass(10, 7);
  assert.equal(scene.watch.held("a", "any"), undefined);
  assert.equal(scene.watch.report.status, "ok");
});

test("sheds() lets low priority wait first, then normal, never high, and tells when they may go on", async () => {
  const scene = new Scene();
  await scene.pass(250);
  assert.equal(scene.sheds, "low");
  await scene.pass(250, SHED_MORE_MS / 1_000);
  assert.equal(scene.sheds, "low,normal");
  assert.equal(scene.eased, 0);
  await scene.pass(150, 6);
  assert.equal(scene.sheds, "");
  assert.equal(scene.eased, 1);
  assert.equal(scene.watch.report.status, "held");
});

test("a level is told once in an episode, and so is its end", async () => {
  const scene = new Scene();
  await scene.pass(150, 3);
  await scene.pass(250);
  await scene.pass(150, 10);
  await scene.pass(250, 2);
  assert.deepEqual(
    scene.lines.map((line) => line.replace(/: .*/u, "")),
    ["warn Short of memory", "warn Short of memory"],
  );
  assert.deepEqual(
    scene.watch.reached.map(({ level, since }) => [level, since]),
    [
      [1, scene.watch.reached[0]?.since],
      [2, scene.watch.reached[0]?.since],
    ],
  );
  await scene.pass(0, 7);
  assert.match(scene.lines[2] ?? "", /^info Enough memory again/u);
  assert.deepEqual(scene.watch.reached, []);
  assert.equal(scene.changes, 3);
  await scene.pass(150);
  assert.equal(scene.lines.length, 4, "another episode");
});

test("the process ends once it has been over the hard limit for as long as it may", async () => {
  const scene = new Scene();
  await scene.pass(350, 3);
  assert.deepEqual(scene.stops, []);
  await scene.pass(0, 6);
  await scene.pass(350, 3);
  assert.deepEqual(scene.stops, [], "it was better in between");
  await scene.pass(350, 5);
  assert.equal(scene.stops.length, 1);
  assert.match(scene.stops[0] ?? "", /memory for 3 s.*350 of 400.*code 75/u);
  assert.equal(scene.watch.report.status, "stopping");
});

test("what cannot be measured is said once, and holds nobody up", async () => {
  const scene = new Scene();
  await scene.pass(new Error("no such file"), 3);
  assert.deepEqual(scene.lines, ["warn Cannot tell how much memory is used: no such file"]);
  assert.equal(scene.watch.held("a", "any"), undefined);
});
