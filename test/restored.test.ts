// A journal that was restored from a backup, or copied, knows nothing of what was done since. Its runs decide that
// again, and nothing of it may happen twice: the venue is asked first, and where it cannot tell, a person.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import {
  type Log,
  type PendingCall,
  type Usdc,
  encode,
  formatUsdc,
  silentLog,
  workflow,
} from "@holdfast/core";
import { executeTrade, publicProfile } from "@holdfast/purpleflea";
import { z } from "zod";
import { weekly } from "./harness/plans.ts";
import { backUp, putBack, putBackWhole } from "./harness/restore.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
const because = { actor: "ada", reason: "looked at the venue" };

/** Keeps the fields of what is warned of. */
function logInto(warned: unknown[]): Log {
  return { ...silentLog, warn: (_message, fields) => void warned.push(fields) };
}

/** Orders, without the registration. */
const ordersOf = (scene: Scene): number => scene.audit().effects - 1;

/** Lets a person settle what waits for one until the run has ended; gives how. */
async function settleAll(scene: Scene, id: string): Promise<readonly string[]> {
  const { engine, client } = scene;
  const how: string[] = [];
  const stateOf = (): ReturnType<typeof engine.describe> => engine.describe(id);
  for (;;) {
    await scene.drive(until(async () => (await stateOf()).status !== "running"));
    const [call] = (await stateOf()).calls;
    if (call === undefined) break;
    const receipt = receiptOf(scene, call);
    how.push(`${call.ref} ${receipt === undefined ? "resend" : "done"}`);
    const resolution =
      receipt === undefined
        ? ({ kind: "resend" } as const)
        : ({ kind: "done", output: receipt } as const);
    const { key } = call;
    await engine.apply([
      { kind: "resolve", id, key, resolution, requestId: `settle-${how.length}`, ...because },
    ]);
  }
  await scene.drive(client.run(dca, id).result());
  return how;
}

/** What the venue shows under a call's business name. */
function receiptOf(scene: Scene, { ref }: PendingCall): string | undefined {
  const effect = scene.sandbox.venue.effects({}, 0, 1_000).find((one) => one.ref === ref);
  if (effect === undefined) return undefined;
  return encode({
    positionId: ref,
    symbol: "BTC-PERP",
    side: "long",
    entryPrice: "1.00",
    size: "25.00",
    margin: "25.00",
    fee: "0.01",
    liquidationPrice: null,
  });
}

/** A weekly plan of ten periods, backed up in its fifth week, and three weeks further on. */
async function threeWeeksOn(scene: Scene): Promise<string> {
  const plan = { ...weekly, periods: 10 };
  await scene.client.start(dca, plan, { id: "plan" });
  await scene.drive(until(() => ordersOf(scene) === 5));
  await scene.settleVenue();
  const backup = backUp(scene);
  await scene.drive(until(() => ordersOf(scene) === 8));
  return backup;
}

test("a weekly plan restored to three weeks ago: what is unknown waits, nothing is bought twice", async () => {
  const warned: unknown[] = [];
  await using scene = await Scene.open({ definitions: [dca] });
  const backup = await threeWeeksOn(scene);
  putBack(scene, backup);
  await scene.openEngine({ log: logInto(warned) });
  assert.deepEqual(warned.slice(0, 1), [
    {
      code: "HF-RESTORED",
      from: VIRTUAL_START + 4 * WEEK_MS,
      until: VIRTUAL_START + 10 * WEEK_MS + HOUR_MS,
    },
  ]);
  const how = await settleAll(scene, "plan");
  // The venue itself still knew of the newest purchase; those to come are asked for as long as was lost.
  assert.deepEqual(how, ["plan/5 done", "plan/6 done", "plan/8 resend", "plan/9 resend"]);
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [11, 11, 0]);
});

test("the proof can see: nobody notices the restore of a whole folder, and two weeks are bought twice", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const backup = await threeWeeksOn(scene);
  putBackWhole(scene, backup);
  const warned: unknown[] = [];
  await scene.openEngine({ log: logInto(warned) });
  await scene.drive(scene.client.run(dca, "plan").result());
  // All that tells is the venue, which still knew the newest purchase.
  assert.deepEqual(warned, [{ code: "HF-JOURNAL-BEHIND", ref: "plan/7" }]);
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [13, 11, 2]);
});

test("a year later a restored journal has forgotten that it was: nothing is asked first any more", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const plan = { ...weekly, periods: 52 };
  await scene.client.start(dca, plan, { id: "plan" });
  await scene.drive(until(() => ordersOf(scene) === 5));
  await scene.settleVenue();
  const backup = backUp(scene);
  await scene.drive(until(() => ordersOf(scene) === 8));
  putBack(scene, backup);
  await scene.openEngine();
  const how = await settleAll(scene, "plan");
  assert.deepEqual(how, [
    "plan/5 done",
    "plan/6 done",
    "plan/8 resend",
    "plan/9 resend",
    "plan/10 resend",
  ]);
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [53, 53, 0]);
});

/** Lots are whole, so that a little less is bought. */
const inWhole = (size: Usdc): string => Number(formatUsdc(size)).toFixed(0);

/** Buys for what it is told to, in each of the hours that it has. */
const told = workflow({
  name: "restored.told",
  input: z.number(),
  output: z.array(z.string()),
  signals: { size: z.string() },
  run: async (ctx, hours) => {
    const sizes: string[] = [];
    let size = "10.00";
    ctx.onSignal("size", (given) => {
      size = given;
    });
    for (let n = 0; n < hours; n += 1) {
      await ctx.sleep("1h");
      const order = { symbol: "BTC-PERP", side: "long", sizeUsd: size } as const;
      const bought = await ctx.try(executeTrade, order, { ref: `told/${n}` });
      sizes.push(bought.ok ? inWhole(bought.value.size) : bought.failure.code);
    }
    return sizes;
  },
});

async function anHourOn(scene: Scene): Promise<string> {
  const run = await scene.client.start(told, 5, { id: "told" });
  await scene.drive(until(() => ordersOf(scene) === 2));
  await scene.settleVenue();
  const backup = backUp(scene);
  await run.signal("size", "20.00");
  await scene.drive(until(() => ordersOf(scene) === 3));
  return backup;
}

test("a backup of an hour ago: the venue says what was bought, though the journal would buy otherwise", async () => {
  await using scene = await Scene.open({ definitions: [told] });
  putBack(scene, await anHourOn(scene));
  await scene.openEngine();
  const sizes = await scene.drive(scene.client.run(told, "told").result());
  // The message that the third was bought after is lost.
  assert.deepEqual(sizes, ["10", "10", "20", "10", "10"]);
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [6, 6, 0]);
});

test("the proof can see: unasked, what was bought in that hour is reported as refused", async () => {
  await using scene = await Scene.open({ definitions: [told] });
  putBackWhole(scene, await anHourOn(scene));
  await scene.openEngine();
  const sizes = await scene.drive(scene.client.run(told, "told").result());
  assert.deepEqual(sizes, ["10", "10", "HF-VENUE-REFUSED", "10", "10"]);
});

test("a backup older than the venue's memory: what it still knows is taken, the rest waits", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  await scene.client.start(dca, { ...weekly, every: "6h", periods: 12 }, { id: "plan" });
  await scene.drive(until(() => ordersOf(scene) === 2));
  await scene.settleVenue();
  const backup = backUp(scene);
  await scene.drive(until(() => ordersOf(scene) === 8));
  putBack(scene, backup);
  await scene.openEngine();
  const how = await settleAll(scene, "plan");
  assert.deepEqual(how.slice(0, 2), ["plan/2 done", "plan/3 done"]);
  assert.ok(how.slice(2).every((what) => what.endsWith("resend")));
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [13, 13, 0]);
});

test("a copy in another place while the first lives: both go on, and each purchase is made once", async () => {
  await using scene = await Scene.open({ definitions: [dca] });
  const backup = await threeWeeksOn(scene);
  await using copy = await scene.engineOn(backup);
  const first = scene.client.run(dca, "plan").result();
  const second = copy.client.run(dca, "plan");
  const both = [scene.engine, copy];
  const settled: string[] = [];
  for (;;) {
    await scene.drive(
      until(async () => (await second.describe()).status !== "running"),
      undefined,
      both,
    );
    const [call] = (await second.describe()).calls;
    if (call === undefined) break;
    const output = receiptOf(scene, call);
    settled.push(call.ref);
    const resolution =
      output === undefined ? ({ kind: "resend" } as const) : ({ kind: "done", output } as const);
    await copy.apply([
      { kind: "resolve", id: "plan", key: call.key, resolution, requestId: call.key, ...because },
    ]);
  }
  await scene.drive(first, undefined, both);
  assert.deepEqual(settled.slice(0, 2), ["plan/5", "plan/6"]);
  const { effects, refs, duplicateEffects } = scene.audit();
  assert.deepEqual([effects, refs, duplicateEffects], [11, 11, 0]);
  assert.deepEqual(await copy.verify(), []);
});

/** Buys each hour at a venue that knows no keys. */
const hourly = workflow({
  name: "restored.hourly",
  input: z.number(),
  output: z.number(),
  run: async (ctx, hours) => {
    for (let n = 0; n < hours; n += 1) {
      await ctx.sleep("1h");
      const order = { symbol: "BTC", side: "long", sizeUsd: "10.00" } as const;
      await ctx.call(executeTrade, order, { ref: `hourly/${n}`, total: "1h" });
    }
    return hours;
  },
});

test("a venue without keys cannot tell what was bought in the time that was lost: a person is asked, and no second order leaves", async () => {
  await using scene = await Scene.open({
    definitions: [hourly],
    profile: publicProfile,
    sandbox: { dialect: "public-2026-03" },
  });
  const { effects: before } = scene.audit();
  const bought = (): number => scene.audit().effects - before;
  await scene.client.start(hourly, 4, { id: "hourly" });
  await scene.drive(until(() => bought() === 2));
  await scene.settleVenue();
  const backup = backUp(scene);
  await scene.drive(until(() => bought() === 3));
  await scene.settleVenue();
  putBack(scene, backup);
  await scene.openEngine();
  const doubted: string[] = [];
  for (;;) {
    const stateOf = () => scene.engine.describe("hourly");
    await scene.drive(until(async () => (await stateOf()).status !== "running"));
    const [call] = (await stateOf()).calls;
    if (call === undefined) break;
    doubted.push(call.ref);
    // What the person sees in the account's own records.
    const isThere = doubted.length === 1;
    const resolution = isThere
      ? ({ kind: "done", output: receiptOf(scene, call) ?? assert.fail(call.ref) } as const)
      : ({ kind: "resend" } as const);
    const requestId = `settle-${doubted.length}`;
    const request = { id: "hourly", key: call.key, resolution, requestId, ...because };
    await scene.engine.apply([{ kind: "resolve", ...request }]);
  }
  assert.deepEqual([doubted, bought()], [["hourly/2", "hourly/3"], 4]);
  assert.equal(scene.audit().duplicateEffects, 0);
});
