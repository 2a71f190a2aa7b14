// When engines die: as often as was asked for, each kind as often as the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CrashPoint } from "@holdfast/engine";
import { CRASHES, type Crash, CrashSchedule } from "./crashes.ts";

const POINTS: readonly CrashPoint[] = [
  "commit.before",
  "commit.after",
  "attempt.start",
  "attempt.answered",
];

/** All deaths of a world that lets each moment come, effect by effect. */
function deaths(seed: string, crashes: number, effects: number): readonly Crash[] {
  const schedule = new CrashSchedule({ seed, crashes, effects });
  const kinds: Crash[] = [];
  for (let effect = 0; effect < effects; effect += 1) {
    const met = POINTS.map((point) => schedule.meet(point, effect));
    for (const death of [...met, schedule.rest(effect)]) if (death) kinds.push(death.kind);
  }
  while (schedule.left > 0) kinds.push(schedule.last().kind);
  return kinds;
}

test("CrashSchedule asks for as many deaths as it was told to, of each kind alike", () => {
  const kinds = deaths("even", 400, 20_000);
  assert.equal(kinds.length, 400);
  for (const kind of CRASHES) {
    const count = kinds.filter((one) => one === kind).length;
    assert.ok(count >= 45 && count <= 55, `${kind}: ${count}`);
  }
});

test("CrashSchedule lets nothing die in recovery that has not died before", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const [first] = deaths(String(seed), 8, 1_000);
    assert.ok(first !== "recovery" && first !== "opening", `seed ${seed}: ${String(first)}`);
  }
});

test("CrashSchedule repeats with its seed, and asks for nothing where no crash is wanted", () => {
  assert.deepEqual(deaths("a", 20, 500), deaths("a", 20, 500));
  assert.notDeepEqual(deaths("a", 20, 500), deaths("b", 20, 500));
  assert.deepEqual(deaths("a", 0, 500), []);
});
