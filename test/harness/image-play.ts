// A play in which runs do all that is acknowledged to anybody: starts, signals, updates, results, cancellations,
// terminations, resumes and resolutions, over activities with and without money at a real venue. Each request has an
// id of its own, so that the play may be begun again on any image of the journal, and is then one play.

import assert from "node:assert/strict";
import {
  type ActivityContext,
  HoldfastError,
  activity,
  done,
  encode,
  signal,
  usdc,
  workflow,
} from "@holdfast/core";
import type { EmbeddedEngine } from "@holdfast/engine";
import { executeTrade, purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";
import type { Scene } from "./scene.ts";
import { until } from "./until.ts";

const nothing = z.undefined();
const SIZE = "10.00";
const ROUNDS = 48;
const order = { symbol: "BTC-PERP", side: "long", sizeUsd: SIZE } as const;

/** What lies outside, and does not come back with an image. */
export class Outside {
  mended = false;
  /** Keys of what was done without money. */
  readonly steps = new Set<string>();
}

/** Told each time that somebody was promised something, with a look whether it is there. */
export type Promised = (
  what: string,
  isThere: (engine: EmbeddedEngine) => Promise<boolean>,
) => void;

export type ImageRuns = ReturnType<typeof imageRuns>;

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is that of what it makes
export function imageRuns(outside: Outside) {
  const acts = activities(outside);
  return { ...basics(acts), ...looping(acts), ...failing(acts) };
}

function activities(outside: Outside) {
  const step = activity({
    name: "image.step",
    input: z.string(),
    output: z.string(),
    effect: "external",
    run: (what, a) => {
      outside.steps.add(a.key);
      return what;
    },
  });
  /** Keeps where it was, and fails once it has. */
  const slow = activity({
    name: "image.slow",
    input: z.number(),
    output: z.number(),
    effect: "external",
    retry: { first: "1s", factor: 1 },
    run: async (n, a: ActivityContext) => {
      const kept = z.number().optional().parse(a.lastHeartbeat) ?? 0;
      if (kept === n) return kept;
      a.heartbeat(kept);
      await a.keep(kept + 1);
      throw new HoldfastError("SLOW", "cut off", { disposition: "retry", outcome: "unknown" });
    },
  });
  const fragile = activity({
    name: "image.fragile",
    input: nothing,
    output: z.string(),
    effect: "none",
    run: () => {
      if (outside.mended) return "mended";
      throw new HoldfastError("BROKEN", "not yet", { disposition: "terminal" });
    },
  });
  /** Buys, and nobody learns of it. */
  const blind = activity({
    name: "image.blind",
    input: nothing,
    output: z.string(),
    effect: "money",
    uses: { venue: purpleFlea },
    timeouts: { total: "1m" },
    run: async (_nothing, a) => {
      await a.use(purpleFlea).trade.open({ ...order, sizeUsd: usdc(SIZE) });
      throw new HoldfastError("BLIND", "no answer", {
        disposition: "terminal",
        outcome: "unknown",
      });
    },
    reconcile: async () => ({ kind: "unknown", reason: "nobody looks", lasting: true }),
  });
  return { step, slow, fragile, blind };
}

type Activities = ReturnType<typeof activities>;

function basics({ step, slow }: Activities) {
  /** Three generations of one purchase each. */
  const chain = workflow({
    name: "image.chain",
    input: z.number(),
    output: z.array(z.string()),
    run: async (ctx, n) => {
      ctx.tag({ round: n });
      await ctx.sleep("2s");
      const fill = await ctx.call(executeTrade, order, { ref: `chain/${n}` });
      await ctx.call(step, `chain ${n}`);
      return n < 2 ? ctx.continueAs(n + 1) : [fill.positionId];
    },
  });
  const hub = workflow({
    name: "image.hub",
    input: nothing,
    output: z.object({ words: z.string(), bought: z.array(z.string()) }),
    signals: { word: z.string(), stop: signal() },
    updates: { buy: { input: z.number(), output: z.string() } },
    run: async (ctx) => {
      const words: string[] = [];
      const bought: string[] = [];
      let stopped = false;
      ctx.onSignal("word", (word) => void words.push(word));
      ctx.onSignal("stop", () => {
        stopped = true;
      });
      ctx.onUpdate("buy", {
        apply: async (n) => {
          const { positionId } = await ctx.call(executeTrade, order, { ref: `hub/${n}` });
          bought.push(positionId);
          return positionId;
        },
      });
      await ctx.until(() => stopped);
      return { words: words.join(" "), bought };
    },
  });
  const kid = workflow({
    name: "image.kid",
    input: z.number(),
    output: z.string(),
    run: async (ctx, n) => {
      await ctx.sleep("1s");
      return (await ctx.call(executeTrade, order, { ref: `kid/${n}` })).positionId;
    },
  });
  const family = workflow({
    name: "image.family",
    input: nothing,
    output: z.array(z.unknown()),
    run: async (ctx) => {
      const kids = await Promise.all([0, 1].map((n) => ctx.child(kid, n)));
      const other = ctx.run(hub, "hub");
      await other.signal("word", "a");
      await other.signal("word", "b");
      return [...kids, await ctx.call(slow, 3)];
    },
  });
  return { chain, hub, kid, family };
}

function looping({ step }: Activities) {
  const loop = workflow({
    name: "image.loop",
    input: nothing,
    output: z.number(),
    run: async (ctx) =>
      ctx.loop({ n: 0 }, async ({ n }) => {
        if (n === ROUNDS) return done(n);
        await ctx.call(step, `loop ${n}`);
        if (n % 12 === 0) await ctx.call(executeTrade, order, { ref: `loop/${n}` });
        await ctx.sleep("1s");
        return { n: n + 1 };
      }),
  });
  return { loop };
}

function failing({ fragile, blind, step }: Activities) {
  /** Buys once more when it is cancelled. */
  const waiter = workflow({
    name: "image.waiter",
    input: nothing,
    output: z.string(),
    signals: { stop: signal() },
    run: async (ctx) => {
      try {
        await ctx.sleep("1000d");
        return "never";
      } catch (error) {
        await ctx.shield((safe) =>
          safe.call(executeTrade, order, { ref: `${ctx.info.id}/cleanup` }),
        );
        throw error;
      }
    },
  });
  const broken = workflow({
    name: "image.broken",
    input: nothing,
    output: z.string(),
    run: async (ctx) => {
      await ctx.call(executeTrade, order, { ref: "broken/before" });
      const said = await ctx.call(fragile);
      await ctx.call(executeTrade, order, { ref: "broken/after" });
      return said;
    },
  });
  const doubtful = workflow({
    name: "image.doubtful",
    input: nothing,
    output: z.string(),
    run: async (ctx) => {
      const found = await ctx.call(blind, undefined, { ref: "doubtful" });
      await ctx.call(step, found);
      return found;
    },
  });
  return { waiter, broken, doubtful };
}

const because = { actor: "ada", reason: "looked at it" } as const;

/** Plays it all, from wherever the journal stands. */
export async function playImage(
  scene: Scene,
  runs: ImageRuns,
  outside: Outside,
  promised: Promised,
): Promise<void> {
  const { client, engine } = scene;
  const start = async (id: string): Promise<void> => {
    promised(`start ${id}`, async (now) => (await now.list({ idPrefix: id })).runs.length > 0);
  };
  const started = (id: string) => ({ id, requestId: `start-${id}` });
  const told = (what: string, requestId: string): void => {
    promised(what, (now) => now.inspect((store) => store.delivered(requestId)));
  };
  const ended = async (id: string): Promise<void> => {
    await scene.drive(engine.result({ id }));
    promised(`result ${id}`, async (now) => (await now.describe(id)).status !== "running");
  };
  const hub = await client.start(runs.hub, undefined, started("hub"));
  await start("hub");
  await client.start(runs.chain, 0, started("chain"));
  await start("chain");
  await client.start(runs.loop, undefined, started("loop"));
  await start("loop");
  for (const n of [0, 1, 2]) {
    await scene.drive(hub.update("buy", n, { requestId: `buy-${n}` }));
    told(`update ${n}`, `buy-${n}`);
  }
  await client.start(runs.family, undefined, started("family"));
  await start("family");
  await ended("family");
  await hub.signal("word", "c", { requestId: "word-c" });
  told("signal word", "word-c");
  for (const id of ["cancelled", "ended"]) await client.start(runs.waiter, undefined, started(id));
  await start("ended");
  await engine.apply([{ kind: "cancel", id: "cancelled", reason: "old", requestId: "cancel" }]);
  told("cancel", "cancel");
  if ((await engine.describe("ended")).status === "running")
    await engine.apply([{ kind: "terminate", id: "ended", reason: "old" }]);
  promised("terminate", async (now) => (await now.describe("ended")).status === "terminated");
  await ended("cancelled");
  await playFailures(scene, runs, outside, told);
  await hub.signal("stop", undefined, { requestId: "hub-stop" });
  told("signal stop", "hub-stop");
  for (const id of ["hub", "chain", "loop"]) await ended(id);
}

async function playFailures(
  scene: Scene,
  runs: ImageRuns,
  outside: Outside,
  told: (what: string, requestId: string) => void,
): Promise<void> {
  const { client, engine } = scene;
  const resting = (id: string): Promise<void> =>
    scene.drive(until(async () => (await engine.describe(id)).status !== "running"));
  const broken = await client.start(runs.broken, undefined, {
    id: "broken",
    requestId: "start-broken",
  });
  await resting("broken");
  outside.mended = true;
  if ((await broken.describe()).status === "failed") {
    await engine.apply([{ kind: "resume", id: "broken", requestId: "resume", ...because }]);
    told("resume", "resume");
  }
  await scene.drive(broken.result());
  const doubtful = await client.start(runs.doubtful, undefined, {
    id: "doubtful",
    requestId: "start-doubtful",
  });
  await resting("doubtful");
  const [call] = (await doubtful.describe()).calls;
  if (call !== undefined) {
    const resolution = { kind: "done", output: encode("found") } as const;
    const request = { id: "doubtful", requestId: "resolve", key: call.key, ...because };
    await engine.apply([{ kind: "resolve", resolution, ...request }]);
    told("resolve", "resolve");
  }
  await scene.drive(doubtful.result());
}

/** What is the same whatever image the play went on from. */
export async function outcomeOfImage(scene: Scene): Promise<unknown> {
  const { engine } = scene;
  const { runs } = await engine.list({ limit: 1_000 });
  const ends: Record<string, unknown> = {};
  for (const { id } of runs) {
    const { output, failure, tags } = await engine.describe(id);
    ends[id] = { end: output ?? failure?.code, tags };
  }
  const { letters } = await engine.dead();
  const intents = await engine.inspect((store) => store.intents.all());
  return {
    ends,
    runs: runs.map(({ id, generation, status }) => `${id} ${generation} ${status}`).toSorted(),
    dead: letters.map(({ id, kind }) => `${id} ${kind}`),
    intents: intents.map(({ key, ref, state }) => `${key} ${ref} ${state}`).toSorted(),
  };
}

/** Business names of all purchases. */
export const IMAGE_REFS: readonly string[] = (
  "chain/0 chain/1 chain/2 hub/0 hub/1 hub/2 kid/0 kid/1 loop/0 loop/12 loop/24 loop/36 " +
  "cancelled/cleanup broken/before broken/after doubtful"
).split(" ");

/** One effect for each decision, and none else. */
export function assertEffects(scene: Scene): void {
  const { effects, refs, duplicateEffects } = scene.audit();
  const found = scene.sandbox.venue.effects({}, 0, 1_000).map(({ ref }) => String(ref));
  assert.deepEqual(found.toSorted(), [...IMAGE_REFS, "scene/register"].toSorted());
  const all = IMAGE_REFS.length + 1;
  assert.deepEqual([effects, refs, duplicateEffects], [all, all, 0]);
}
