// The rules of repetition, in tables: what may be sent again, what must be asked first, what waits for a person.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, HoldfastError, retryPolicy, seededRandom, toFailure } from "@holdfast/core";
import { ASSUMED_VENUE } from "../registry.ts";
import {
  type CallSituation,
  afterFailure,
  afterNotDone,
  afterStop,
  afterUnclear,
} from "./decide.ts";

const HOUR = 3_600_000;
const random = seededRandom("decide");

function failing(
  outcome: Failure["outcome"],
  disposition: Failure["disposition"] = "retry",
): Failure {
  return toFailure(new HoldfastError("TEST", "failed", { outcome, disposition }));
}

function situation(more: Partial<CallSituation> = {}): CallSituation {
  return {
    activity: "test.pay",
    effect: "money",
    policy: retryPolicy(),
    venue: ASSUMED_VENUE,
    canReconcile: false,
    attempt: 1,
    scheduledAt: 0,
    deadlineAt: HOUR,
    unknown: false,
    lost: false,
    sentAt: undefined,
    lastSendAt: 0,
    cancelled: false,
    ...more,
  };
}

const sent = { unknown: true, sentAt: 0 } as const;
const keyless = { ...ASSUMED_VENUE, idempotency: "none" } as const;

const table: readonly (readonly [string, Partial<CallSituation>, Failure, number, string])[] = [
  ["a refusal fails", {}, failing("refused", "refused"), 0, "fail"],
  ["what never left is tried again", {}, failing("not-sent"), 0, "retry"],
  ["what never left fails when its total is over", {}, failing("not-sent"), HOUR, "fail"],
  [
    "what never left fails when it is cancelled",
    { cancelled: true },
    failing("not-sent"),
    0,
    "fail",
  ],
  ["an unknown outcome is sent again with its key", sent, failing("unknown"), 0, "retry"],
  [
    "an unknown outcome is in doubt when its total is over",
    sent,
    failing("unknown"),
    HOUR,
    "doubt",
  ],
  [
    "an unknown outcome is reconciled where that can be done",
    { ...sent, canReconcile: true },
    failing("unknown"),
    HOUR,
    "reconcile",
  ],
  [
    "a refusal after an unknown outcome settles nothing",
    sent,
    failing("refused", "refused"),
    0,
    "doubt",
  ],
  [
    "a cancelled call with an unknown outcome is not dropped",
    { ...sent, cancelled: true },
    failing("unknown"),
    0,
    "doubt",
  ],
  [
    "a venue without keys is asked before anything is sent again",
    { ...sent, venue: keyless, canReconcile: true },
    failing("unknown"),
    0,
    "reconcile",
  ],
  [
    "a key that the venue may have forgotten is not sent again",
    { ...sent, deadlineAt: 30 * HOUR },
    failing("unknown"),
    23 * HOUR,
    "doubt",
  ],
  [
    "attempts that are used up leave an unknown outcome in doubt",
    { ...sent, policy: retryPolicy({ attempts: 1 }) },
    failing("unknown"),
    0,
    "doubt",
  ],
  [
    "a call without money fails when its total is over",
    { effect: "external" },
    failing("unknown"),
    HOUR,
    "fail",
  ],
];

for (const [name, more, failure, now, expected] of table) {
  test(`afterFailure(): ${name}`, () => {
    assert.equal(afterFailure(situation(more), failure, now, random).kind, expected);
  });
}

test("afterStop() sends again only what cannot happen twice", () => {
  const stopped = (more: Partial<CallSituation>, now = 0): string =>
    afterStop(situation(more), failing("unknown"), now).kind;
  assert.equal(stopped({}), "retry");
  assert.equal(stopped(sent), "retry");
  assert.equal(stopped({ ...sent, venue: keyless }), "doubt");
  assert.equal(stopped({ ...sent, venue: keyless, canReconcile: true }), "reconcile");
  assert.equal(stopped({ ...sent, deadlineAt: 30 * HOUR }, 23 * HOUR), "doubt");
  assert.equal(stopped({ effect: "external", unknown: true, venue: keyless }), "retry");
});

test("afterFailure() reconciles no earlier than the venue has settled", () => {
  const call = situation({ ...sent, canReconcile: true, lastSendAt: 500, deadlineAt: 1_000 });
  const verdict = afterFailure(call, failing("unknown"), 1_000, random);
  assert.deepEqual(verdict, { kind: "reconcile", at: 500 + ASSUMED_VENUE.settleMs });
});

test("afterNotDone() sends again in time, and fails after", () => {
  assert.equal(afterNotDone(situation(sent), failing("unknown"), 0, random).kind, "retry");
  assert.equal(afterNotDone(situation(sent), failing("unknown"), HOUR, random).kind, "fail");
});

test("afterUnclear() asks again for a while, then leaves it to a person", () => {
  const call = situation(sent);
  assert.equal(afterUnclear(call, failing("unknown"), 1, HOUR, random).kind, "reconcile");
  assert.equal(afterUnclear(call, failing("unknown"), 9, 3 * HOUR, random).kind, "doubt");
});
