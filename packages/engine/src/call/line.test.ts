// The line of calls, where the disk fails while a suspect has its turn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CRASHES_UNTIL_ALONE, Line } from "./line.ts";
import type { PendingCallState } from "./pending.ts";

/** What the line looks at of a call. */
function suspect(): PendingCallState {
  return { crashes: CRASHES_UNTIL_ALONE, activity: {}, phase: "queued" } as PendingCallState;
}

test("Line.close() leaves no lone call in flight whose beginning or end was never written", async () => {
  for (const ends of [false, true]) {
    const booked: (() => void)[] = [];
    const line = new Line({ threads: 1, book: (_call, then) => booked.push(then) });
    const call = suspect();
    line.open();
    line.enter(call, () => undefined);
    if (ends) {
      booked.shift()?.();
      line.leave(call);
    }
    assert.deepEqual([line.running, booked.length], [1, 1]);
    // The commit has failed.
    line.close();
    assert.equal(line.running, 0);
    await line.quiet();
  }
});

test("Line.close() keeps the count of a lone call whose attempt goes on, until that ends", async () => {
  const booked: (() => void)[] = [];
  const line = new Line({ threads: 1, book: (_call, then) => booked.push(then) });
  line.open();
  const call = suspect();
  line.enter(call, () => undefined);
  booked.shift()?.();
  line.close();
  assert.equal(line.running, 1);
  // Nothing is written any more, so that nothing is waited for.
  line.leave(call);
  assert.equal(line.running, 0);
  await line.quiet();
});
