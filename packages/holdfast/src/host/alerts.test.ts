// The alert on dead letters, with a real engine: once past the threshold, and again after it was below.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, createClient, silentLog } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import type { DeadLetterAlert } from "../config/config.ts";
import { testWorkflows } from "../fixture/definitions.ts";
import { deadLetterAlert } from "./alerts.ts";

const failing = testWorkflows.find(({ name }) => name === "test.failing");

async function alertsOf(
  run: (alert: DeadLetterAlert) => void,
  log: Log = silentLog,
): Promise<readonly string[]> {
  const told: string[] = [];
  const alerts = {
    deadLetters: {
      above: 1,
      run: (alert: DeadLetterAlert) => {
        told.push(`${alert.total}: ${alert.letters.map(({ id }) => id).join()}`);
        run(alert);
      },
    },
  };
  await using engine = await openEngine({
    path: ":memory:",
    definitions: testWorkflows,
    onDeadLetters: deadLetterAlert(alerts, log),
  });
  let requests = 0;
  const client = createClient({ engine, newId: () => `r${(requests += 1)}` });
  const fail = async (id: string): Promise<void> => {
    assert.ok(failing !== undefined);
    await assert.rejects((await client.start(failing, undefined, { id })).result());
  };
  const discard = (id: string) =>
    engine.apply([{ kind: "discard", id, actor: "a", reason: "b", requestId: `d-${id}` }]);
  for (const id of ["a", "b", "c"]) await fail(id);
  await discard("a");
  await discard("b");
  await fail("d");
  return told;
}

test("deadLetterAlert() tells once when the threshold is passed, and again after it was below", async () => {
  assert.deepEqual(await alertsOf(() => undefined), ["2: b,a", "2: d,c"]);
});

test("deadLetterAlert() logs what the hook throws, and goes on", async () => {
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
  const told = await alertsOf(() => {
    throw new Error("no line");
  }, log);
  assert.equal(told.length, 2);
  assert.match(errors[0] ?? "", /The alert on dead letters failed: no line/u);
});
