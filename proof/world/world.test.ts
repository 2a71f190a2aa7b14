// The world: the same seed gives the same order of everything, and a play that meets crashes, backups and a
// deleted journal leaves all invariants whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dca } from "@holdfast/agents";
import { brokenInvariants, inWords } from "./invariants.ts";
import { World, type WorldOptions } from "./world.ts";

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1h", periods: 6 } as const;

const faults = [
  { kind: "drop", when: "after", probability: 0.3 },
  { kind: "status", status: 503, when: "before", probability: 0.2 },
  { kind: "latency", ms: 2_000, probability: 0.5 },
] as const;

/** Two plans over a bad line; the engine dies at each ninth point. */
async function play(seed: string, more: Partial<WorldOptions> = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  let points = 0;
  const world = await World.open({
    seed,
    definitions: [dca],
    accounts: ["one", "two"],
    venue: { faults },
    onPoint: () => (++points % 9 === 0 ? 10_000 : undefined),
    trace: (line) => lines.push(line),
    ...more,
  });
  await using _ = world;
  for (const account of ["one", "two"])
    await world.client.start(dca, plan, { id: `dca-${account}`, account });
  for (const account of ["one", "two"]) {
    const { bought } = await world.drive(world.client.run(dca, `dca-${account}`).result());
    assert.equal(bought, 6);
  }
  assert.equal(inWords(await brokenInvariants(world)), "");
  for (const { ref, at } of world.venue.effects()) lines.push(`${ref} at ${at}`);
  assert.equal(world.venue.effects().length, 12);
  assert.ok(world.lives > 5, `${world.lives} lives`);
  return lines;
}

test("the same seed gives byte-equal traces, another seed gives others", async () => {
  const first = await play("seed-1");
  const second = await play("seed-1");
  assert.ok(first.length > 200, `${first.length} lines`);
  assert.equal(first.join("\n"), second.join("\n"));
  assert.notEqual(first.join("\n"), (await play("seed-2")).join("\n"));
});

test("a journal put back to a backup, or deleted, repeats no effect within the keys' time", async () => {
  for (const way of ["folder", "file", "deleted"] as const) {
    await using world = await World.open({
      seed: way,
      definitions: [dca],
      whileAway: () => {
        if (way === "deleted") world.deleteJournal();
        else world.restoreJournal(backup, way);
      },
    });
    const start = (): Promise<unknown> =>
      world.client.start(dca, plan, { id: "dca", requestId: "start-dca", onClosed: "attach" });
    await start();
    const backup = world.backupJournal();
    await world.drive(world.client.run(dca, "dca").result());
    await world.crash();
    await start();
    await world.drive(world.client.run(dca, "dca").result());
    assert.equal(inWords(await brokenInvariants(world)), "");
    assert.equal(world.venue.effects().length, 6);
    // Where the engine notices what was done to its journal, it asks before it sends anything.
    assert.equal(world.venue.audit().replays, way === "file" ? 0 : 6, way);
  }
});

test("a second engine is refused while the first lives", async () => {
  await using world = await World.open({ seed: "owner", definitions: [dca] });
  assert.equal(await world.tryTakeover(), true);
  assert.equal(inWords(await brokenInvariants(world)), "");
});

test("a venue that crashes and comes back keeps what it has committed", async () => {
  await using world = await World.open({
    seed: "venue",
    definitions: [dca],
    venue: { faults: [{ kind: "crash", nth: 2 }] },
  });
  await world.client.start(dca, plan, { id: "dca" });
  const result = world.client.run(dca, "dca").result();
  await world.drive(result, () => {
    if (!world.venue.hasCrashed) return;
    world.venue.crash();
    world.venue.open([]);
  });
  assert.equal(inWords(await brokenInvariants(world)), "");
  assert.equal(world.venue.hits().get("crash"), 1);
});
