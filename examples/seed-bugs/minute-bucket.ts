// A key made of the minute: what a guide's sample does, and what comes of it.
//
// The sample's key is pair, direction and minute. Two decisions within one minute share it: who closes and buys
// again is handed back the position that is closed. And one decision whose answer is lost at the end of a minute
// has another key in its repetition: it buys twice. A key that names the decision does neither.
//
// Run it: node examples/seed-bugs/minute-bucket.ts

import { createHash } from "node:crypto";
import { workflow } from "holdfast";
import { closePosition, executeTrade } from "holdfast/purpleflea";
import { type TestProject, testProject } from "holdfast/testing";
import { z } from "zod";
import { type RawAnswer, post } from "./raw-request.ts";

const MINUTE_MS = 60_000;
/** Written by hand, so that the price does not matter. */
const venue = {
  scripts: [{ symbol: "BTC-PERP", points: [{ at: 1_767_603_600_000, price: "60000" }] }],
};

/** The sample's key. */
function minuteKey(pair: string, direction: string, at: number): string {
  const bucket = Math.floor(at / MINUTE_MS);
  return createHash("sha256")
    .update(`trade:${pair}:${direction}:${bucket}`)
    .digest("hex")
    .slice(0, 32);
}

/** The sample's order, for a decision that the audit is told of. */
function openAsSample(t: TestProject, decision: string): Promise<RawAnswer> {
  return post(t, "/api/trade/open", {
    pair: "BTC-PERP",
    direction: "long",
    size_usdc: 50,
    leverage: 3,
    idempotency_key: minuteKey("BTC-PERP", "long", t.clock.now()),
    ref: decision,
  });
}

export interface Outcome {
  /** Positions that were decided on, and those that were opened. */
  readonly decided: number;
  readonly opened: number;
  /** Still open, and what the agent believes to be open. */
  readonly open: number;
  readonly believed: number;
  readonly duplicateEffects: number;
}

/** Buys, closes and buys again within one minute, with the sample's key. */
export async function reopenAsSample(): Promise<Outcome> {
  await using t = await testProject({ venue });
  await t.advance("5s");
  const first = await openAsSample(t, "buy/1");
  const close = { position_id: first.body["position_id"], ref: "close/1" };
  await post(t, "/api/trade/close", close);
  await t.advance("25s");
  const second = await openAsSample(t, "buy/2");
  // 409, and the sample takes it for success: the position that it names is closed.
  const believed = second.status === 409 || second.status === 200 ? 1 : 0;
  return await count(t, { decided: 2, believed });
}

/** Decides once; the answer is lost just before the minute is over. */
export async function crossAsSample(): Promise<Outcome> {
  await using t = await testProject({ venue });
  t.venue.faults.add({ kind: "drop", operations: ["open"], count: 1 });
  await t.advance("59s");
  try {
    await openAsSample(t, "buy/1");
  } catch {
    await t.advance("2s");
    await openAsSample(t, "buy/1");
  }
  return await count(t, { decided: 1, believed: 1 });
}

/** The same decisions in a workflow: each call's key says where it stands, whatever the time is. */
export const trader = workflow({
  name: "example.minuteBucket",
  input: z.object({ reopen: z.boolean(), wait: z.string() }),
  output: z.object({ opened: z.number() }),
  run: async (ctx, { reopen, wait }) => {
    const order = { symbol: "BTC-PERP", side: "long", sizeUsd: "50.00", leverage: 3 } as const;
    await ctx.sleep(wait as "5s");
    const { positionId } = await ctx.call(executeTrade, order, { ref: "buy/1" });
    if (!reopen) return { opened: 1 };
    await ctx.call(closePosition, { positionId }, { ref: "close/1" });
    await ctx.sleep("25s");
    await ctx.call(executeTrade, order, { ref: "buy/2" });
    return { opened: 2 };
  },
});

/** Both situations with Holdfast; the answer is lost in both. */
export async function asHoldfast(reopen: boolean): Promise<Outcome> {
  await using t = await testProject({ definitions: [trader], venue });
  t.venue.faults.add({ kind: "drop", operations: ["open"], count: 1 });
  const plan = { reopen, wait: reopen ? "5s" : "59s" };
  const { opened } = await t.runUntilClosed(await t.client.start(trader, plan, { id: "trader" }));
  return await count(t, { decided: opened, believed: 1 });
}

async function count(
  t: TestProject,
  { decided, believed }: { readonly decided: number; readonly believed: number },
): Promise<Outcome> {
  const effects = await t.venue.effects();
  const { duplicateEffects } = await t.venue.audit();
  const positions = await t.venue.client().trade.positions();
  const opened = effects.filter(({ operation }) => operation === "open").length;
  return { decided, opened, open: positions.length, believed, duplicateEffects };
}

if (import.meta.main) {
  console.table({
    "buys again within a minute, minute's key": await reopenAsSample(),
    "buys again within a minute, Holdfast": await asHoldfast(true),
    "answer lost at :59, minute's key": await crossAsSample(),
    "answer lost at :59, Holdfast": await asHoldfast(false),
  });
}
