// What a run and its activities hand to each other are copies, also where nothing had to be decoded: neither sees
// what the other does to its own later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, type Schema, activity, workflow } from "@holdfast/core";
import { openEngine } from "../index.ts";

interface Order {
  n: number;
}

/** A schema that gives what it was given, where zod would give a copy. */
const same: Schema<Order, Order> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Order }) },
};

test("a call takes its input as it was when it was asked for, and its output as it was when it was given", async () => {
  const seen: number[] = [];
  const kept: Order[] = [];
  const keep = activity({
    name: "payload.keep",
    input: same,
    output: same,
    effect: "none",
    run: (order) => {
      seen.push(order.n);
      for (const before of kept) before.n = 100;
      order.n += 10;
      kept.push(order);
      return order;
    },
  });
  const orders = workflow({
    name: "payload.orders",
    input: same,
    output: same,
    run: async (ctx, order) => {
      const first = ctx.call(keep, order);
      order.n = 2;
      const second = ctx.call(keep, order);
      order.n = 3;
      const [one, two] = [await first, await second];
      return { n: one.n * 1_000 + two.n };
    },
  });
  await using engine = await openEngine({ path: ":memory:", definitions: [orders] });
  const run = await engine.client.start(orders, { n: 1 }, { id: "orders" });
  assert.deepEqual(await run.result(), { n: 11_012 });
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(await engine.verify(), []);
});

test("an attempt that is made again gets its input anew", async () => {
  const seen: number[] = [];
  const flaky = activity({
    name: "payload.flaky",
    input: same,
    output: same,
    effect: "none",
    retry: { first: "1ms", max: "1ms" },
    run: (order, a) => {
      seen.push(order.n);
      order.n = 100;
      if (a.attempt < 3) throw new HoldfastError("AWAY", "away", { disposition: "retry" });
      return order;
    },
  });
  const orders = workflow({
    name: "payload.again",
    input: same,
    output: same,
    run: (ctx, order) => ctx.call(flaky, order),
  });
  await using engine = await openEngine({ path: ":memory:", definitions: [orders] });
  const run = await engine.client.start(orders, { n: 1 }, { id: "orders" });
  assert.deepEqual(await run.result(), { n: 100 });
  assert.deepEqual(seen, [1, 1, 1]);
});
