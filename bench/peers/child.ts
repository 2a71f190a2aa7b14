// The process in which a peer works: opens it, measures what it is told to, and sends the figures. With
// "load" it kills itself in the midst of its work, as `kill -9` does; with "finish" it goes on with what such a
// process left, until it is killed. Its one argument is an `Order` in JSON.

import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { atOnce } from "../workload.ts";
import { EFFECT_STEPS, type Opened, type Peer, type Place } from "./peer.ts";
import { cpuSeconds, memoryMib } from "./proc.ts";
import type { Order, Told } from "./order.ts";
import { RECOVERY, type Scene, WITHIN, sized } from "./workload.ts";

/** Starts in flight at once. */
const START_WIDTH = 250;
const SLEEP_MS = 5_000;
const SLEEP_QUICK_MS = 300;
/** How long the peer may take to write down its last end. */
const LAST_END_MS = 5_000;
const POLL_MS = 100;

// It never outlives the runner; listening keeps it alive until then.
process.once("disconnect", () => process.exit(1));

const order = JSON.parse(process.argv[2] ?? "{}") as Order;
const { peer } = (await import(order.module)) as { readonly peer: Peer };

const tell = (told: Told): Promise<void> =>
  new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error("This process has nobody to tell.");
    process.send(told, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });

/** When each sleeper fell asleep and woke, in milliseconds. */
const asleepAt = new Map<number, number>();
const wokeAt = new Map<number, number>();
let awaited = Number.POSITIVE_INFINITY;
const allAsleep = Promise.withResolvers<void>();
const allAwake = Promise.withResolvers<void>();

/** All runs have been started, so their effects may begin. */
const started = Promise.withResolvers<void>();
let lines = 0;
let killAt = Number.POSITIVE_INFINITY;
const file = openSync(join(order.folder, "effects"), "a");

const place: Place = {
  folder: order.folder,
  addresses: order.addresses,
  resumed: order.what === "finish",
  // Peers that run a function again from its beginning come here again, too.
  asleep: (run) => {
    if (!asleepAt.has(run)) asleepAt.set(run, performance.now());
    if (asleepAt.size === awaited) allAsleep.resolve();
  },
  woke: (run) => {
    if (!wokeAt.has(run)) wokeAt.set(run, performance.now());
    if (wokeAt.size === awaited) allAwake.resolve();
  },
  effect: async (run, step) => {
    await started.promise;
    writeSync(file, `${run} ${step}\n`);
    lines += 1;
    if (lines === killAt) process.kill(process.pid, "SIGKILL");
  },
};

async function allWoken(count: number, ms: number): Promise<readonly number[]> {
  awaited = count;
  await allAwake.promise;
  return [...wokeAt].map(([run, at]) => at - (asleepAt.get(run) ?? Number.NaN) - ms);
}

async function measure(opened: Opened, workload: keyof typeof WITHIN): Promise<void> {
  const used = (): readonly [number, number] => [
    cpuSeconds([process.pid]),
    cpuSeconds(order.servers),
  ];
  let before = used();
  const scene: Scene = {
    opened,
    size: (full, small) => sized(order, full, small),
    sleepMs: order.quick ? SLEEP_QUICK_MS : (order.sleepMs ?? SLEEP_MS),
    memory: () => ({ own: memoryMib([process.pid]), server: memoryMib(order.servers) }),
    allAsleep: () => allAsleep.promise,
    allWoken,
    begin: () => {
      before = used();
    },
  };
  const figures = await WITHIN[workload].measure(scene);
  const [own, server] = used();
  const cpu = { cpu_s: own - before[0], server_cpu_s: server - before[1] };
  await tell({ kind: "figures", figures: { ...figures, ...cpu }, about: peer.about });
}

/** Starts all the runs, then lets their effects happen until half of them have. */
async function load(opened: Opened): Promise<void> {
  const runs = RECOVERY.runs(order);
  await atOnce(runs, START_WIDTH, (run) => opened.effects(run));
  killAt = Math.floor((runs * EFFECT_STEPS) / 2);
  started.resolve();
  await new Promise(() => undefined);
}

/** Goes on with what is left; when asked, tells how many runs have not ended. */
async function finish(opened: Opened): Promise<void> {
  await new Promise((resolve) => process.once("message", resolve));
  const runs = RECOVERY.runs(order);
  const end = performance.now() + LAST_END_MS;
  let open = await opened.unfinished(runs);
  while (open > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    open = await opened.unfinished(runs);
  }
  await tell({ kind: "figures", figures: { not_done: open }, about: peer.about });
}

if (order.what === "finish") started.resolve();
const opened = await peer.open(place);
if (order.what === "load") await load(opened);
else if (order.what === "finish") await finish(opened);
else if (order.what === "hop") {
  const hop = await opened.hop?.();
  await tell({ kind: "hop", hop, about: peer.about });
} else await measure(opened, order.what);
await opened.close?.();
process.exit(0);
