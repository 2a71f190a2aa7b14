// T2: ten thousand purchases (200 without --all) in a storm: lost answers, errors before the commit, answers later
// than the attempt's time-out, and an engine that is killed every fifty purchases. Each is done, or in doubt and
// then settled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import { Storm } from "./harness/storm.ts";
import { executeTrade } from "@holdfast/purpleflea";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const shape = everything ? { runs: 50, purchases: 200 } : { runs: 25, purchases: 8 };

test("T2: a storm leaves each purchase done once, none failed, none doubled", async () => {
  await using storm = await Storm.open({
    buy: executeTrade,
    // Ten thousand positions of a dollar each, and their fees.
    sandbox: { grant: usdc("20000") },
    ...shape,
  });
  await storm.weather();
  const intents = shape.runs * shape.purchases;
  const { audit, states, crashes } = await storm.outcome();
  assert.deepEqual(states, { done: intents });
  assert.deepEqual([audit.refs, audit.effects, audit.duplicateEffects], [intents, intents, 0]);
  assert.deepEqual([audit.ledgerSum, audit.keyless], ["0", 0]);
  assert.ok(crashes >= Math.floor(intents / 50) - 1, `only ${crashes} crashes`);
  assert.ok(audit.replays > intents / 10, "the storm was no storm");
});
