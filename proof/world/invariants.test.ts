// The invariants can turn red: a bug is planted for each, and it is its own invariant that is broken.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import {
  type Workflow,
  type WorkflowContext,
  activity,
  encode,
  usdc,
  workflow,
} from "@holdfast/core";
import { createPurpleFlea, purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";
import { type Rule, brokenInvariants } from "./invariants.ts";
import { VENUE_URL } from "./paper-venue.ts";
import { World, type WorldOptions } from "./world.ts";

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1h", periods: 3 } as const;

/** A plan that has ended well, in which something is then wrong. */
async function redAfter(
  plant: (world: World) => unknown,
  options: Partial<WorldOptions> = {},
): Promise<readonly Rule[]> {
  await using world = await World.open({ seed: "planted", definitions: [dca], ...options });
  await world.client.start(dca, plan, { id: "dca" });
  await world.drive(world.client.run(dca, "dca").result());
  assert.deepEqual(await brokenInvariants(world), []);
  await plant(world);
  return [...new Set((await brokenInvariants(world)).map(({ rule }) => rule))];
}

function change(path: string, sql: string): void {
  using database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(sql);
}

/** A workflow that acts under names that the test says. */
function acting(
  name: string,
  run: (ctx: WorkflowContext) => Promise<void>,
): Workflow<undefined, void> {
  return workflow({ name, input: z.undefined(), output: z.void(), run });
}

async function redOf(flow: Workflow<undefined, void>): Promise<readonly Rule[]> {
  await using world = await World.open({ seed: "planted", definitions: [flow] });
  await world.client.start(flow, undefined, { id: "flow" });
  await world.drive(world.client.run(flow, "flow").result());
  return [...new Set((await brokenInvariants(world)).map(({ rule }) => rule))];
}

test("an acknowledged signal that is gone turns red", async () => {
  const red = await redAfter(async (world) => {
    const operation = { kind: "signal", id: "dca", requestId: "lost" } as const;
    await world.observed.acknowledge(
      [{ ...operation, signal: "resume", payload: encode(undefined) }],
      [{ kind: "ok" }],
    );
  });
  assert.deepEqual(red, ["seen before it was on disk", "acknowledged once"]);
});

test("a result that was told and is another now turns red", async () => {
  const red = await redAfter((world) =>
    world.observed.tell("dca", { kind: "completed", output: encode("nothing") }),
  );
  assert.deepEqual(red, ["told result"]);
});

test("an effect that was sent before its decision was on disk turns red", async () => {
  const red = await redAfter(async (world) => {
    await world.observed.send({ key: "early", ref: "early", path: "/", body: "" });
    const apiKey = world.venue.apiKey("default") ?? "";
    const client = createPurpleFlea({ baseUrl: VENUE_URL, fetch: world.venue.fetch, apiKey });
    const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("5") } as const;
    await client.trade.open(order, { key: "early", ref: "early" });
  });
  assert.deepEqual(red, ["decided before"]);
});

test("a second effect for one decision turns red", async () => {
  const hasty = activity({
    name: "planted.hasty",
    input: z.void(),
    output: z.void(),
    effect: "money",
    uses: { venue: purpleFlea },
    timeouts: { total: "1h" },
    run: async (_input, a) => {
      await a.use(purpleFlea).wallet.deposit({ amount: usdc("1") });
    },
  });
  const red = await redOf(
    acting("planted.twice", async (ctx) => {
      for (const key of ["try-1", "try-2"]) await ctx.call(hasty, undefined, { key, ref: "one" });
    }),
  );
  assert.deepEqual(red, ["one effect"]);
});

test("a call that is done without an effect turns red", async () => {
  const idle = activity({
    name: "planted.idle",
    input: z.void(),
    output: z.void(),
    effect: "money",
    timeouts: { total: "1h" },
    run: () => undefined,
  });
  const flow = acting("planted.nothing", (ctx) => ctx.call(idle, undefined, { ref: "nothing" }));
  assert.deepEqual(await redOf(flow), ["done has its effect"]);
});

test("receipts that do not add up to the ledger turn red", async () => {
  const red = await redAfter((world) => {
    const size = '"size":{"$hf":"bigint","v":"';
    change(
      world.journal,
      `UPDATE journal SET sum = NULL, entries = replace(entries, '${size}', '${size}1')`,
    );
  });
  assert.ok(red.includes("done has its effect"), red.join(", "));
});

test("a row that is not the fold of its journal turns red", async () => {
  const red = await redAfter((world) => {
    change(world.journal, "UPDATE run SET cancel = 1");
  });
  assert.deepEqual(red, ["row = fold"]);
});

test("code that gives other commands turns red", async () => {
  let runs = 0;
  const flow = acting("planted.fickle", async (ctx) => {
    runs += 1;
    await ctx.sleep(runs * 1_000);
  });
  assert.deepEqual(await redOf(flow), ["replay"]);
});

test("time that goes back in a journal turns red", async () => {
  const red = await redAfter((world) => {
    change(
      world.journal,
      "UPDATE journal SET sum = NULL, at = at - 86400000 WHERE position = (SELECT max(position) - 1 FROM journal)",
    );
  });
  assert.ok(red.includes("time"), red.join(", "));
});

test("two open runs of one id turn red", async () => {
  const flow = acting("planted.sleeps", (ctx) => ctx.sleep("1h"));
  await using world = await World.open({ seed: "planted", definitions: [flow] });
  await world.client.start(flow, undefined, { id: "flow" });
  await world.client.start(flow, undefined, { id: "other" });
  assert.deepEqual(await brokenInvariants(world), []);
  change(world.journal, "UPDATE run SET id = 'flow'");
  const red = (await brokenInvariants(world)).map(({ rule }) => rule);
  assert.ok(red.includes("one open run of an id"), red.join(", "));
});

test("memory of runs that have closed and are held turns red", async () => {
  const held: unknown[] = [];
  const flow = acting("planted.held", async (ctx) => {
    held.push(ctx);
  });
  assert.deepEqual(await redOf(flow), ["memory"]);
  assert.equal(held.length > 0, true);
});

test("a ledger that does not sum to zero turns red", async () => {
  const red = await redAfter((world) => {
    world.venue.crash();
    change(world.venue.path, "UPDATE account SET credits = credits + 1 WHERE id LIKE 'agent:%'");
    world.venue.open();
  });
  assert.deepEqual(red, ["ledger"]);
});

test("a run whose call was lost turns red", async () => {
  const endless = activity({
    name: "planted.endless",
    input: z.void(),
    output: z.void(),
    effect: "none",
    run: () => new Promise<void>(() => undefined),
  });
  const flow = acting("planted.waits", (ctx) => ctx.call(endless, undefined));
  await using world = await World.open({ seed: "planted", definitions: [flow] });
  await world.client.start(flow, undefined, { id: "flow" });
  assert.deepEqual(await brokenInvariants(world), []);
  const { crashable } = world;
  const describe = crashable.describe.bind(crashable);
  crashable.describe = async (id) => ({ ...(await describe(id)), calls: [] });
  const red = (await brokenInvariants(world)).map(({ rule }) => rule);
  assert.deepEqual(red, ["reason to wake"]);
});

test("a timer that is overdue turns red", async () => {
  const flow = acting("planted.sleeps", (ctx) => ctx.sleep("1h"));
  await using world = await World.open({ seed: "planted", definitions: [flow] });
  await world.client.start(flow, undefined, { id: "flow" });
  const { crashable } = world;
  const describe = crashable.describe.bind(crashable);
  const wakeAt = world.clock.now();
  crashable.describe = async (id) => ({ ...(await describe(id)), wakeAt });
  const red = (await brokenInvariants(world)).map(({ rule }) => rule);
  assert.deepEqual(red, ["reason to wake"]);
});
