// A request that arrives twice in one turn, as after a stop when everybody asks again at once: it is one
// delivery, and who repeats it gets the answer of the first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, type Operation, encode, hasCode, signal, workflow } from "@holdfast/core";
import { z } from "zod";
import { type EmbeddedEngine, openEngine } from "../index.ts";

const sums = workflow({
  name: "repeated.sums",
  input: z.undefined(),
  output: z.array(z.number()),
  signals: { stop: signal() },
  updates: { add: { input: z.number(), output: z.number() } },
  run: async (ctx) => {
    const added: number[] = [];
    let stopped = false;
    ctx.onSignal("stop", () => {
      stopped = true;
    });
    ctx.onUpdate("add", {
      validate: (n) => {
        if (n === 0) throw new HoldfastError("NOTHING", "There is nothing to add.");
      },
      apply: (n) => added.push(n),
    });
    await ctx.until(() => stopped);
    return added;
  },
});

async function open(): Promise<EmbeddedEngine> {
  const engine = await openEngine({ path: ":memory:", definitions: [sums] });
  await engine.client.start(sums, undefined, { id: "sums" });
  return engine;
}

function add(n: number): Operation {
  return { kind: "update", id: "sums", update: "add", input: encode(n), requestId: `add-${n}` };
}

function stop(requestId: string): Operation {
  return { kind: "signal", id: "sums", signal: "stop", payload: encode(undefined), requestId };
}

test("an update that arrives twice in one turn is one update", async () => {
  await using engine = await open();
  await Promise.all([
    engine.apply([add(1)]),
    engine.apply([add(1)]),
    engine.apply([add(2), add(2)]),
  ]);
  assert.equal(engine.health, undefined);
  await engine.apply([stop("stop")]);
  assert.deepEqual(await engine.client.run(sums, "sums").result(), [1, 2]);
});

test("an update that arrives twice in one turn and is refused is refused twice", async () => {
  await using engine = await open();
  const [first, second] = await Promise.allSettled([
    engine.apply([add(0)]),
    engine.apply([add(0)]),
  ]);
  for (const { status, ...rest } of [first, second]) {
    assert.equal(status, "rejected");
    assert.ok("reason" in rest && hasCode(rest.reason, "NOTHING"), JSON.stringify(rest));
  }
});

test("a signal that arrives twice in the turn that closes its run is acknowledged neither time", async () => {
  await using engine = await open();
  const outcomes = await Promise.allSettled([
    engine.apply([stop("first")]),
    engine.apply([stop("late")]),
    engine.apply([stop("late")]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected"],
  );
});
