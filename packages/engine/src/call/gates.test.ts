// Gates before attempts, on the real engine: what waits, in which order it goes on, and what a wait does not cost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, activity, provide, resource, toFailure, workflow } from "@holdfast/core";
import { VirtualClock, drive } from "@holdfast/testing/clock";
import { z } from "zod";
import {
  type Bell,
  type EmbeddedEngine,
  type End,
  type Gate,
  type Hold,
  memoryJournal,
  openEngine,
} from "../index.ts";

const desk = resource<unknown>({
  name: "desk",
  venue: { idempotency: "header", keyTtlMs: 86_400_000, settleMs: 1_000 },
  bind: (raw) => raw,
});

const sent: string[] = [];
let answer: (what: string) => string = (what) => what;

const read = activity({
  name: "gate.read",
  input: z.string(),
  output: z.string(),
  effect: "none",
  timeouts: { total: "1m" },
  run: (what, a) => {
    sent.push(`${what}#${a.attempt}`);
    return answer(what);
  },
});

const pay = activity({
  name: "gate.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  uses: { desk },
  timeouts: { total: "1m" },
  run: (what, a) => {
    sent.push(`${what}#${a.attempt}`);
    return answer(what);
  },
  reconcile: (what) => {
    sent.push(`${what}?`);
    return { kind: "done", output: `found ${what}` };
  },
});

const one = workflow({
  name: "gate.one",
  input: z.string(),
  output: z.string(),
  run: (ctx, what) => ctx.call(what.startsWith("pay") ? pay : read, what),
});

const closed = toFailure(
  new HoldfastError("TEST-CLOSED", "The gate is closed.", {
    class: "resource",
    disposition: "retry",
    outcome: "not-sent",
  }),
);

/** A gate that a test opens and closes by hand. */
class HandGate implements Gate {
  open = false;
  until: number | undefined;
  asked = 0;
  readonly ends: End["kind"][] = [];
  readonly bell: Bell;

  constructor(bell: Bell) {
    this.bell = bell;
  }

  ask(): Hold | undefined {
    this.asked += 1;
    return this.open ? undefined : { queue: "hand", until: this.until, failure: closed };
  }

  ended(_call: unknown, end: End): void {
    this.ends.push(end.kind);
  }
}

interface Scene {
  readonly clock: VirtualClock;
  readonly engine: EmbeddedEngine;
  readonly gates: readonly HandGate[];
  until<Value>(promise: Promise<Value>): Promise<Value>;
}

async function scene(gates = 1, path = memoryJournal().path): Promise<Scene> {
  const clock = new VirtualClock();
  const made: HandGate[] = [];
  sent.length = 0;
  answer = (what) => what;
  const make = (bell: Bell): Gate => {
    const gate = new HandGate(bell);
    made.push(gate);
    return gate;
  };
  const engine = await openEngine({
    path,
    definitions: [one],
    resources: [provide(desk, () => ({}))],
    clock,
    seed: "gates",
    gates: Array.from({ length: gates }, () => make),
  });
  const until = <Value>(promise: Promise<Value>): Promise<Value> =>
    drive(promise, { clock, engines: () => [engine] });
  return { clock, engine, gates: made, until };
}

function gateOf({ gates }: Scene, index = 0): HandGate {
  const gate = gates[index];
  assert.ok(gate !== undefined);
  return gate;
}

test("a gate that opens lets calls go on in the order in which they were decided, none counted as tried", async () => {
  const at = await scene();
  await using engine = at.engine;
  const [a, b, c] = await Promise.all(
    ["a", "b", "c"].map((name) => engine.client.start(one, name, { id: name })),
  );
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  await engine.idle();
  assert.deepEqual(sent, []);
  assert.equal((await engine.describe("a")).calls[0]?.attempt, 0);
  const gate = gateOf(at);
  gate.open = true;
  gate.bell("hand", { count: 1 });
  await at.until(a.result());
  assert.deepEqual(sent, ["a#1"]);
  gate.bell("hand", { spreadMs: 1_000 });
  await at.until(Promise.all([b.result(), c.result()]));
  assert.deepEqual(sent, ["a#1", "b#1", "c#1"]);
  assert.deepEqual(gate.ends, ["answered", "answered", "answered"]);
});

test("a call waits until the gate's instant, and fails with the gate's failure when its total is over", async () => {
  const at = await scene();
  await using engine = at.engine;
  const gate = gateOf(at);
  gate.until = at.clock.now() + 30_000;
  const start = at.clock.now();
  const run = await engine.client.start(one, "a", { id: "a" });
  const other = await engine.client.start(one, "b", { id: "b" });
  await engine.idle();
  assert.equal(gate.asked, 2);
  assert.equal((await engine.describe("a")).calls[0]?.nextAttemptAt, start + 30_000);
  gate.until = undefined;
  await assert.rejects(at.until(run.result()), { code: "TEST-CLOSED" });
  await assert.rejects(at.until(other.result()), { code: "TEST-CLOSED" });
  assert.equal(at.clock.now(), start + 60_000);
  assert.deepEqual([sent, gate.asked], [[], 4]);
});

test("what one gate lets through and the next one holds is dropped at the first", async () => {
  const at = await scene(2);
  await using engine = at.engine;
  const [first, second] = [gateOf(at, 0), gateOf(at, 1)];
  first.open = true;
  const run = await engine.client.start(one, "a", { id: "a" });
  await engine.idle();
  assert.deepEqual([first.ends, second.ends], [["dropped"], []]);
  second.open = true;
  second.bell("hand");
  assert.equal(await at.until(run.result()), "a");
  assert.deepEqual([first.ends, second.ends], [["dropped", "answered"], ["answered"]]);
});

test("money whose send is unknown goes on to ask the venue when its gate stays closed, through the gate", async () => {
  const at = await scene();
  await using engine = at.engine;
  const gate = gateOf(at);
  gate.open = true;
  answer = () => {
    gate.open = false;
    throw new HoldfastError("TEST-LOST", "No answer.", {
      class: "network",
      disposition: "retry",
      outcome: "unknown",
    });
  };
  const run = await engine.client.start(one, "pay-1", { id: "a" });
  const start = at.clock.now();
  at.clock.setTimer(start + 90_000, () => {
    gate.open = true;
    gate.bell("hand");
  });
  assert.equal(await at.until(run.result()), "found pay-1");
  assert.deepEqual(sent, ["pay-1#1", "pay-1?"]);
  assert.ok(at.clock.now() >= start + 90_000, "the question waited at the gate, too");
  assert.deepEqual(gate.ends, ["failed", "answered"]);
});

test("a call that is cancelled at a gate is gone, and its place in the queue with it", async () => {
  const at = await scene();
  await using engine = at.engine;
  const gate = gateOf(at);
  const run = await engine.client.start(one, "pay-1", { id: "a" });
  const other = await engine.client.start(one, "b", { id: "b" });
  await engine.idle();
  await run.cancel();
  await assert.rejects(at.until(run.result()), { code: "HF-CANCELLED" });
  gate.open = true;
  gate.bell("hand", { count: 1 });
  assert.equal(await at.until(other.result()), "b");
  assert.deepEqual(sent, ["b#1"]);
});
