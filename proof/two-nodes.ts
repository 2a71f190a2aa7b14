// `npm run two-nodes`: plans of the DCA agent on a Temporal cluster of two nodes over PostgreSQL, of which each is killed
// with SIGKILL in turn while they buy. Every purchase must have one effect at the venue. Not part of any check: it needs
// PostgreSQL and the server's programs, which it names where they are not installed. Linux only.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Stage, eventually } from "../test/harness/cluster.ts";
import { postgres, startPostgres } from "../tools/services/postgres.ts";
import {
  DATABASE_SETTINGS,
  type Node,
  findNodePrograms,
  makeDatabases,
  startNode,
} from "../tools/services/temporal-nodes.ts";
import { findTemporal } from "../tools/services/temporal.ts";
import { Balancer } from "./two-nodes/balancer.ts";

const PLANS = 8;
const PERIODS = 15;
const EVERY = "2s";
/** Purchases after which a node is killed, and the other one. */
const FIRST_KILL = 3 * PLANS;
const SECOND_KILL = 9 * PLANS;
const ALL = PLANS * PERIODS;

const begun = performance.now();
const say = (line: string): void => {
  console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
};

const programs = findNodePrograms();
const cli = findTemporal();
const bin = await postgres.find();
assert.ok(cli !== undefined && bin !== undefined, "npm run services -- temporal postgres --yes");

await using stack = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), "holdfast-two-nodes-"));
stack.defer(() => {
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(1)));
const database = stack.use(await startPostgres(bin, DATABASE_SETTINGS));
const url = database.variables["HOLDFAST_POSTGRES"] ?? "";
makeDatabases(programs.sql, url);
// The Compose file does so at each start.
makeDatabases(programs.sql, url);
say("PostgreSQL is there, with the tables of the server");

const network = `127.77.${process.pid % 250}`;
const addresses = [1, 2].map((host) => `${network}.${host}`);
const nodes: Node[] = [];
stack.defer(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
});
for (const [index] of addresses.entries()) await up(index);
await eventually("two nodes that know each other", () => knowEachOther(nodes[0]?.log() ?? ""));
say(`two nodes know each other: ${addresses.join(", ")}`);

const balancer = stack.use(await Balancer.open(nodes.map(({ frontend }) => frontend)));
await makeNamespace();
const stage = stack.use(
  await Stage.open({
    address: balancer.address,
    intents: url,
    periods: PERIODS,
    plans: PLANS,
    every: EVERY,
  }),
);
const worker = stage.work();
await worker.until(/serving/u);
say(`a worker serves ${PLANS} plans of ${PERIODS} purchases, one every ${EVERY} each`);
await killAt(FIRST_KILL, 0);
await up(0);
say(`node 1 is back after ${effects()} purchases`);
await killAt(SECOND_KILL, 1);
const said = await worker.ended();
assert.match(said, new RegExp(`bought ${ALL}\n`, "u"));
const [refs, all, doubled] = stage.counts();
say(`purchases: ${refs}, effects: ${all}, doubled: ${doubled}, asked twice: ${stage.replays}`);
assert.deepEqual([refs, all, doubled], [ALL, ALL, 0]);

/** Starts a node, or starts it again. */
async function up(index: number): Promise<void> {
  const address = addresses[index] ?? "";
  nodes[index] = await startNode(programs, { url, address, folder: join(folder, address) });
}

/** Whether a node's log says that both are in the ring of the history's shards. */
function knowEachOther(log: string): boolean {
  return log
    .split("\n")
    .some((line) => addresses.every((address) => line.includes(`${address}:7234`)));
}

async function makeNamespace(): Promise<void> {
  const flags = ["--address", balancer.address, "--namespace", "holdfast", "--retention", "72h"];
  // Not while this process waits: the balancer is in it.
  const execute = promisify(execFile);
  const made = async (): Promise<boolean> => {
    try {
      await execute(cli ?? "", ["operator", "namespace", "create", ...flags]);
      return true;
    } catch {
      return false;
    }
  };
  await eventually("a namespace", made);
}

function effects(): number {
  return stage.counts()[1] ?? 0;
}

/** Kills a node after so many purchases, and waits until others have followed. */
async function killAt(count: number, index: number): Promise<void> {
  await eventually(`${count} purchases`, () => effects() >= count);
  nodes[index]?.process.kill("SIGKILL");
  await nodes[index]?.ended;
  const at = performance.now();
  const before = effects();
  say(`node ${index + 1} was killed after ${before} purchases`);
  // Those under way end by themselves; so many more need the plans to go on.
  await eventually("purchases after the kill", () => effects() >= before + 2 * PLANS);
  const seconds = ((performance.now() - at) / 1_000).toFixed(1);
  say(`${effects() - before} purchases more, the last ${seconds} s after the kill`);
}
