// What an escrow payment does next, for everything that can be known.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EscrowPlan, type Known, type Step, giveUpAt, nextStep, timeoutHours } from "./plan.ts";

const asked = { to: "x", amountUsd: "5.00", condition: "" };

function step(more: object, known: Partial<Known>): Step {
  const plan = EscrowPlan.parse({ ...asked, ...more });
  return nextStep(plan, { status: "locked", wanted: undefined, isLate: false, ...known });
}

test("nextStep() waits for a signal, and for the payee where its word is enough", () => {
  assert.equal(step({}, {}), "wait");
  assert.equal(step({}, { wanted: "release" }), "release");
  assert.equal(step({}, { wanted: "dispute" }), "dispute");
  assert.equal(step({}, { status: "completed" }), "wait");
  assert.equal(step({ releaseOn: "completion" }, { status: "completed" }), "release");
  assert.equal(
    step({ releaseOn: "completion" }, { status: "completed", wanted: "dispute" }),
    "dispute",
  );
});

test("nextStep() leaves the deadline to the venue or to the arbiter, and never pays for it", () => {
  assert.equal(step({}, { isLate: true }), "wait");
  assert.equal(step({ atDeadline: "dispute" }, { isLate: true }), "dispute");
  assert.equal(step({}, { status: "completed", isLate: true }), "dispute");
});

test("nextStep() does nothing to what has ended or what the arbiter decides", () => {
  for (const wanted of ["release", "dispute", undefined] as const) {
    assert.equal(step({}, { status: "disputed", wanted, isLate: true }), "wait");
    for (const status of ["released", "refunded", "split", "unheard-of"]) {
      assert.equal(step({}, { status, wanted, isLate: true }), "end");
    }
  }
});

test("the venue keeps the money a day longer where it may be disputed at the deadline", () => {
  const plan = EscrowPlan.parse({ ...asked, deadlineHours: 5, atDeadline: "dispute" });
  assert.equal(timeoutHours(plan), 29);
  assert.equal(giveUpAt(plan, 29 * 3_600_000), 5 * 3_600_000);
  assert.equal(timeoutHours(EscrowPlan.parse({ ...asked, deadlineHours: 5 })), 5);
});

test("a plan that would look too often, or keep money too long, is refused", () => {
  assert.ok(!EscrowPlan.safeParse({ ...asked, every: "1s" }).success);
  assert.ok(!EscrowPlan.safeParse({ ...asked, every: "0s" }).success);
  assert.ok(!EscrowPlan.safeParse({ ...asked, deadlineHours: 697 }).success);
  assert.ok(EscrowPlan.safeParse({ ...asked, deadlineHours: 696 }).success);
});
