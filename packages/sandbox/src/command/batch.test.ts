// Group commit: one transaction for the writes of a turn, in their order, and each of them undone alone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { START, testFolder } from "../fixture/kit.ts";
import { type Venue, createVenue } from "../venue.ts";
import { BATCH_WRITES_MAX, createBatch } from "./batch.ts";
import type { Command } from "./command.ts";
import type { Write } from "./executor.ts";

function openVenue(path = ":memory:"): { readonly venue: Venue; readonly agent: string } {
  const clock = { mode: "scaled", now: START, rate: 1 } as const;
  const venue = createVenue({ path, clock, verify: true });
  const command = { operation: "register", name: "batch", description: "" } as const;
  return { venue, agent: String(venue.execute(command, { agent: "" }).body["agent_id"]) };
}

const deposit = (amount: bigint): Command => ({ operation: "deposit", asset: "USDC", amount });
/** More than there is of the venue's clearing: no; a size that breaks the file's own check. */
const broken = { operation: "deposit", asset: "USDC", amount: -1n } as Command;

describe("venue.submit()", () => {
  test("carries out the writes of one turn in order, and answers each with its own", async () => {
    const { venue, agent } = openVenue();
    using _venue = venue;
    const amounts = [1n, 2n, 3n, 4n, 5n];
    const ends = await Promise.all(
      amounts.map((amount) => venue.submit(deposit(amount), { agent, key: `k${amount}` })),
    );
    assert.deepEqual(
      ends.map(({ body }) => body["amount_units"]),
      ["1", "2", "3", "4", "5"],
    );
    const balances = ends.map(({ body }) => BigInt(String(body["balance_units"])));
    const grant = 10_000_000_000n;
    assert.deepEqual(
      balances,
      [1n, 3n, 6n, 10n, 15n].map((sum) => grant + sum),
    );
    const at = new Set(venue.effects({ agent }, 1, 10).map((effect) => effect.at));
    assert.equal(at.size, 1, "they share one instant, because they share one transaction");
  });

  test("undoes only the write that throws", async () => {
    const { venue, agent } = openVenue();
    using _venue = venue;
    const ends = await Promise.allSettled([
      venue.submit(deposit(1n), { agent, key: "a" }),
      venue.submit(broken, { agent, key: "b" }),
      venue.submit(deposit(2n), { agent, key: "c" }),
    ]);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(venue.balance(agent).usdc_micros, "10000000003");
    assert.equal(venue.lookup(agent, "b"), undefined);
    venue.assertInvariants();
  });

  test("answers a repetition in the same turn from memory", async () => {
    const { venue, agent } = openVenue();
    using _venue = venue;
    const sender = { agent, key: "same" };
    const ends = await Promise.all([1, 2, 3].map(() => venue.submit(deposit(7n), sender)));
    assert.deepEqual(
      ends.map(({ replayed }) => replayed),
      [false, true, true],
    );
    assert.equal(venue.balance(agent).usdc_micros, "10000000007");
  });

  test("answers nothing before the commit: what is answered is in the file", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const { venue, agent } = openVenue(path);
    let inside = 0;
    const leave = venue.onEvents(() => (inside += 1));
    await Promise.all([1n, 2n].map((amount) => venue.submit(deposit(amount), { agent })));
    leave();
    assert.equal(inside, 1, "one commit told of both");
    venue[Symbol.dispose]();
    using again = createVenue({ path });
    assert.equal(again.balance(agent).usdc_micros, "10000000003");
  });

  test("gives up what is queued when the venue closes", async () => {
    const { venue, agent } = openVenue();
    const queued = venue.submit(deposit(1n), { agent });
    venue[Symbol.dispose]();
    await assert.rejects(queued, /closed/);
    await assert.rejects(venue.submit(deposit(1n), { agent }), /closed/);
  });
});

describe("createBatch()", () => {
  const sender = { agent: "a" };
  const done = { status: 200, body: {}, replayed: false } as const;
  const execute = (): never => assert.fail("the clock does not stand still");

  test("commits at most so many at once, and the rest in the next turn", async () => {
    const sizes: number[] = [];
    const executeAll = (writes: readonly Write[]) => {
      sizes.push(writes.length);
      return writes.map(() => ({ status: "fulfilled", value: done }) as const);
    };
    const batch = createBatch({ execute, executeAll }, { mode: "real" });
    const count = BATCH_WRITES_MAX + 10;
    await Promise.all(Array.from({ length: count }, () => batch.submit(deposit(1n), sender)));
    assert.deepEqual(sizes, [BATCH_WRITES_MAX, 10]);
  });

  test("fails everybody of a commit that fails, and goes on", async () => {
    let failing = true;
    const executeAll = (writes: readonly Write[]) => {
      if (failing) throw new Error("disk full");
      return writes.map(() => ({ status: "fulfilled", value: done }) as const);
    };
    const batch = createBatch({ execute, executeAll }, { mode: "real" });
    const ends = await Promise.allSettled([1n, 2n].map((n) => batch.submit(deposit(n), sender)));
    assert.ok(ends.every(({ status }) => status === "rejected"));
    failing = false;
    assert.deepEqual(await batch.submit(deposit(1n), sender), done);
  });
});
