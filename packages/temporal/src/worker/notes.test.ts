// Which attempts a worker knows as its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Taken } from "./notes.ts";

test("Taken knows an attempt whose predecessor this worker has taken, and no other", () => {
  const taken = new Taken();
  const place = (activityId: string, attempt: number) => ({
    workflowExecution: { workflowId: "run", runId: "1" },
    activityId,
    attempt,
  });
  assert.equal(taken.take(place("1", 1)), false);
  assert.equal(taken.take(place("1", 2)), true, "the server has lost it, and not the worker");
  assert.equal(taken.take(place("1", 4)), false, "another worker has had one in between");
  assert.equal(taken.take(place("2", 5)), false);
  assert.equal(new Taken().take(place("1", 5)), false, "that worker is gone");
});
