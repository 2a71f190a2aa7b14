// A process of its own that is promised something of every kind, and says "ACK kind" with a plain write each time that
// it was. For watching what was synchronised before. With a venue it also trades there.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { HoldfastError, activity, encode, provide, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, executeTrade, paperProfile, purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    durability: { type: "string", default: "full" },
    count: { type: "string", default: "20" },
    /** Address of a venue, and a key to it. */
    venue: { type: "string", default: "" },
    key: { type: "string", default: "" },
  },
});

const nothing = z.undefined();

/** Waits for a signal that never comes. */
const waiting = workflow({
  name: "ack.waiting",
  input: z.number(),
  output: z.number(),
  signals: { note: z.number() },
  updates: { add: { input: z.number(), output: z.number() } },
  run: async (ctx, n) => {
    let sum = 0;
    ctx.onSignal("note", (value) => {
      sum += value;
    });
    ctx.onUpdate("add", {
      apply: async (value) => {
        sum += value;
        return sum;
      },
    });
    await ctx.until(() => sum < 0);
    return n;
  },
});

/** Ends at once. */
const short = workflow({
  name: "ack.short",
  input: z.number(),
  output: z.number(),
  run: async (_ctx, n) => n,
});

let isMended = false;
const fragile = activity({
  name: "ack.fragile",
  input: nothing,
  output: z.void(),
  effect: "none",
  run: () => {
    if (!isMended) throw new HoldfastError("BROKEN", "not yet", { disposition: "terminal" });
  },
});
const broken = workflow({
  name: "ack.broken",
  input: nothing,
  output: z.void(),
  run: async (ctx) => ctx.call(fragile),
});

const blind = activity({
  name: "ack.blind",
  input: nothing,
  output: z.number(),
  effect: "money",
  timeouts: { total: "1m" },
  run: () => {
    throw new HoldfastError("BLIND", "no answer", { disposition: "terminal", outcome: "unknown" });
  },
});
const doubtful = workflow({
  name: "ack.doubtful",
  input: nothing,
  output: z.number(),
  run: async (ctx) => ctx.call(blind),
});

/** Keeps where it is, and goes on when that is on disk. */
const keeping = activity({
  name: "ack.keeping",
  input: nothing,
  output: z.void(),
  effect: "external",
  run: async (_nothing, a) => {
    for (let n = 0; n < Number(values.count); n += 1) {
      await a.keep(n);
      acknowledged("keep");
    }
  },
});
const keeper = workflow({
  name: "ack.keeper",
  input: nothing,
  output: z.void(),
  run: async (ctx) => ctx.call(keeping),
});

const order = { symbol: "BTC-PERP", side: "long", sizeUsd: "10.00" } as const;
const trading = workflow({
  name: "ack.trading",
  input: z.number(),
  output: z.void(),
  run: async (ctx, count) => {
    for (let n = 0; n < count; n += 1) await ctx.call(executeTrade, order);
  },
});

function acknowledged(kind: string): void {
  writeSync(1, `ACK ${kind}\n`);
}

const engine = await openEngine({
  path: values.journal,
  definitions: [waiting, short, broken, doubtful, keeper, trading],
  durability: values.durability === "full" ? "full" : "relaxed",
  resources: [
    provide(
      purpleFlea,
      () => createPurpleFlea({ baseUrl: values.venue, apiKey: values.key, profile: paperProfile }),
      paperProfile,
    ),
  ],
});
const { client } = engine;
const count = Number(values.count);
const because = { actor: "ada", reason: "looked at it" } as const;
const rests = async (id: string): Promise<void> => {
  while ((await engine.describe(id)).status === "running")
    await new Promise<void>((resolve) => setImmediate(resolve));
};

for (let n = 0; n < count; n += 1) {
  const run = await client.start(waiting, n, { id: `ack-${n}` });
  acknowledged("start");
  await run.signal("note", n);
  acknowledged("signal");
  await run.update("add", n);
  acknowledged("update");
  if (n % 2 === 0) await run.cancel();
  else await engine.apply([{ kind: "terminate", id: run.id, reason: "old" }]);
  acknowledged(n % 2 === 0 ? "cancel" : "terminate");
  const ending = await client.start(short, n, { id: `short-${n}` });
  await ending.result();
  acknowledged("result");
  isMended = false;
  await client.start(broken, undefined, { id: `broken-${n}` });
  await rests(`broken-${n}`);
  isMended = true;
  await engine.apply([{ kind: "resume", id: `broken-${n}`, requestId: `resume-${n}`, ...because }]);
  acknowledged("resume");
  await client.start(doubtful, undefined, { id: `doubtful-${n}` });
  await rests(`doubtful-${n}`);
  const key = (await engine.describe(`doubtful-${n}`)).calls[0]?.key ?? "";
  const resolution = { kind: "done", output: encode(1) } as const;
  await engine.apply([
    { kind: "resolve", id: `doubtful-${n}`, key, resolution, requestId: `r-${n}`, ...because },
  ]);
  acknowledged("resolve");
}
await (await client.start(keeper, undefined, { id: "keeper" })).result();
if (values.venue !== "") await (await client.start(trading, count, { id: "trading" })).result();
process.kill(process.pid, "SIGKILL");
