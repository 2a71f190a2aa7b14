// The heap of alarms against a plain sorted list, under random operations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@holdfast/testing";
import * as fc from "fast-check";
import { type Alarm, Alarms } from "./alarms.ts";

test("Alarms ring in due order, and those that were cancelled do not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.boolean()), { maxLength: 60 }),
      (plan) => {
        const clock = new VirtualClock(0);
        using alarms = new Alarms(clock);
        const rung: number[] = [];
        const set: Alarm[] = plan.map(([at], index) => alarms.set(at, () => rung.push(index)));
        plan.forEach(([, cancelled], index) => {
          if (cancelled) alarms.cancel(set[index]);
        });
        alarms.rearm();
        clock.advanceTo(100);
        const expected = plan
          .map(([at, cancelled], index) => ({ at, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.at - b.at || a.index - b.index)
          .map(({ index }) => index);
        assert.deepEqual(rung, expected);
      },
    ),
  );
});
