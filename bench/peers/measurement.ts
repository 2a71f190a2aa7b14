// One measurement of one workload of one peer: a folder and a server of its own, a process that does the work,
// and for W6 two processes, of which the first kills itself.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { atExit } from "./at-exit.ts";
import type { Order } from "./order.ts";
import { type About, EFFECT_STEPS, type Hop, type WorkloadId } from "./peer.ts";
import type { Listed } from "./peers.ts";
import { cpuSeconds } from "./proc.ts";
import type { Server } from "./server.ts";
import { Witness } from "./witness.ts";
import { Worker } from "./worker.ts";
import { type Figures, RECOVERY, type Size } from "./workload.ts";

/** How long a process may take for a measurement, a server's start not counted. */
const LIMIT_MS = 240_000;
/** How long the second process of W6 may take for what the first had left. */
const RECOVERY_MS = 180_000;
const POLL_MS = 5;
const MS_PER_S = 1_000;

export interface Where extends Size {
  readonly base: string;
  /** A server that runs already, and stays. Default: the peer's own, for this measurement alone. */
  readonly server?: Server | undefined;
  readonly profile?: string | undefined;
}

export interface Measured {
  readonly figures: Figures;
  readonly about: About;
}

/** Does the work in a folder with the peer's server; the folder, and a server of its own, are gone afterwards. */
async function within<Value>(
  peer: Listed,
  { base, server: shared, ...rest }: Where,
  work: (order: Omit<Order, "what">) => Promise<Value>,
): Promise<Value> {
  const root = mkdtempSync(join(base, "holdfast-peers-"));
  // A server may run as another user, whose folder lies in this one.
  chmodSync(root, 0o711);
  const folder = join(root, "peer");
  const servers = join(root, "server");
  mkdirSync(folder);
  mkdirSync(servers);
  using _folder = atExit(() => {
    // Who was killed just now may write a last time.
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  await using own: Server | undefined =
    shared === undefined ? await peer.server?.(servers) : undefined;
  const { module } = peer;
  const { addresses = {}, pids = [] } = shared ?? own ?? {};
  return await work({ ...rest, module, folder, addresses, servers: pids });
}

/** Measures the workload once. Throws ServerMissing, TooSlow. */
export function measureOnce(peer: Listed, id: WorkloadId, where: Where): Promise<Measured> {
  return within(peer, where, (order) =>
    id === "W6" ? recover(order) : measureWithin({ ...order, what: id }),
  );
}

async function measureWithin(order: Order): Promise<Measured> {
  await using worker = new Worker(order, LIMIT_MS);
  const told = await worker.told();
  if (told.kind !== "figures") throw new Error(`A peer told its ${told.kind}, not its figures.`);
  return told;
}

/** What the way to the peer's server costs, and who is there; undefined where there is no server. */
export function measureHop(
  peer: Listed,
  where: Where,
): Promise<{ readonly hop: Hop | undefined; readonly about: About }> {
  return within(peer, where, async (order) => {
    await using worker = new Worker({ ...order, what: "hop" }, LIMIT_MS);
    const told = await worker.told();
    if (told.kind !== "hop") throw new Error(`A peer told its ${told.kind}, not its hop.`);
    return told;
  });
}

/** Kills a process in the midst of its work, and times the next until the last step is done. */
async function recover(order: Omit<Order, "what">): Promise<Measured> {
  await using loading = new Worker({ ...order, what: "load" }, LIMIT_MS);
  await loading.killsItself();
  using witness = new Witness(join(order.folder, "effects"));
  const expected = RECOVERY.runs(order) * EFFECT_STEPS;
  const start = performance.now();
  const before = cpuSeconds(order.servers);
  await using finishing = new Worker({ ...order, what: "finish" }, LIMIT_MS);
  const end = start + RECOVERY_MS;
  while (witness.read() < expected && performance.now() < end) {
    finishing.check();
    await after(POLL_MS);
  }
  const seconds = (performance.now() - start) / MS_PER_S;
  const cpu_s = cpuSeconds([finishing.pid]);
  const server_cpu_s = cpuSeconds(order.servers) - before;
  const steps_missing = expected - witness.read();
  finishing.ask();
  const told = await finishing.told();
  if (told.kind !== "figures") throw new Error(`A peer told its ${told.kind}, not its figures.`);
  // What the last process did after the last step may repeat one, too.
  witness.read();
  const figures = { s: seconds, steps_twice: witness.twice, steps_missing, cpu_s, server_cpu_s };
  return { figures: { ...figures, ...told.figures }, about: told.about };
}
