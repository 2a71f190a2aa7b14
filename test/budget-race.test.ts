// 64 workers in four processes race a budget of 100 units against one store, while processes are killed and begun
// again. What the venue has counted is exactly 100, whatever was refused, lost or left in doubt on the way.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type IntentStore, type StoredIntent, encode } from "@holdfast/core";
import { type Steps, carrierOf, carryOut, carryOutOn, checkCounters } from "@holdfast/guard";
import { openPostgresIntents, openSqliteIntents } from "@holdfast/storage";
import { Client } from "pg";
import { BUDGET, CountingVenue, UNITS, fateOf, race } from "./harness/budget-race.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const KILLS = everything ? 120 : 12;
/** Requests from one kill to the next: an answer and a half for each process. */
const EVERY = everything ? 5 : 9;
const ROUNDS_MAX = 20;

interface Place {
  readonly intents: string;
  readonly schema: string;
  readonly open: () => Promise<IntentStore>;
  /** A procedure over the tables, beside the store. */
  readonly look: <Result>(steps: Steps<Result>) => Promise<Result>;
}

void test("64 workers in four processes spend exactly what a budget on SQLite lasts for, under kills", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-race-"));
  const intents = join(folder, "intents.sqlite");
  try {
    await raced({
      intents,
      schema: "",
      open: async () => openSqliteIntents(intents),
      look: async (steps) => {
        using database = new DatabaseSync(intents);
        return carryOut(steps, carrierOf(database));
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const url = process.env["HOLDFAST_POSTGRES"];
const why =
  "PostgreSQL is not there: npm run services -- postgres -- npm test -- budget-race. The race on it was NOT run.";

void test(
  "64 workers in four processes spend exactly what a budget on PostgreSQL lasts for, under kills",
  { skip: url === undefined ? why : false },
  async () => {
    const schema = `race_${randomBytes(6).toString("hex")}`;
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await raced({
        intents: url ?? "",
        schema,
        open: () => openPostgresIntents({ url: url ?? "", schema }),
        look: async (steps) => {
          await client.query(`SET search_path = ${schema}`);
          return carryOutOn(steps, async ({ sql, values }) => {
            let count = 0;
            const numbered = sql.replaceAll("?", () => `$${(count += 1)}`);
            return (await client.query<Record<string, unknown>>(numbered, [...values])).rows;
          });
        },
      });
    } finally {
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.end();
    }
  },
);

async function raced(place: Place): Promise<void> {
  await using venue = await CountingVenue.open();
  let killed = 0;
  let doubted = 0;
  for (let round = 0; ; round += 1) {
    assert.ok(round < ROUNDS_MAX, "the budget is spent in so many rounds");
    killed += await race({ ...place, venue, round, kills: KILLS - killed, every: EVERY });
    await using store = await place.open();
    const all = await everyIntent(store);
    assertAsTheVenueSays(all, venue);
    const spent = all.filter(({ state }) => state === "done" || state === "in-doubt");
    assert.ok(spent.length <= UNITS, `${spent.length} units are spent or in doubt`);
    assert.ok(venue.spent.size <= UNITS, `${venue.spent.size} units are spent at the venue`);
    await assertCounted(store, place, spent.length);
    doubted += await resolve(store, all, venue);
    if (spent.length === UNITS && (await everyIntent(store)).filter(isDone).length === UNITS) break;
  }
  assert.equal(venue.spent.size, UNITS);
  assert.ok(killed > 0 && doubted > 0, `${killed} kills, ${doubted} in doubt`);
}

function isDone({ state }: StoredIntent): boolean {
  return state === "done";
}

/** By ref: what is done happened, what was refused did not, and nothing happened that nobody has decided. */
function assertAsTheVenueSays(all: readonly StoredIntent[], venue: CountingVenue): void {
  const byKey = new Map(all.map((intent) => [intent.key, intent]));
  for (const { key, state, lastFailure } of all) {
    if (state === "open") assert.fail(`${key} is open, and everybody has ended`);
    if (state === "done") assert.ok(venue.spent.has(key), `${key} did happen`);
    if (state === "refused") assert.ok(!venue.spent.has(key), `${key} did not happen`);
    if (state === "refused" && lastFailure?.code === "RACE")
      assert.ok(["refused", "dropped"].includes(fateOf(key)), key);
  }
  for (const key of venue.spent.keys())
    assert.ok(["done", "in-doubt"].includes(byKey.get(key)?.state ?? ""), `${key} was decided`);
}

/** The counters are the sums of the ledger, the ledger is what the intents say, and the audit log is whole. */
async function assertCounted(store: IntentStore, place: Place, units: number): Promise<void> {
  const desk = await store.guardBy({ policy: BUDGET, now: () => Date.now() });
  const { budgets } = await desk.status();
  for (const { spent } of budgets) assert.equal(spent, BigInt(units) * 1_000_000n);
  assert.deepEqual(await place.look(checkCounters(BUDGET.trackers, Date.now())), []);
  assert.equal((await desk.verifyAudit()).fault, undefined);
}

/** A person looks at the venue for each that is in doubt. Gives how many there were. */
async function resolve(
  store: IntentStore,
  all: readonly StoredIntent[],
  venue: CountingVenue,
): Promise<number> {
  const doubts = all.filter(({ state }) => state === "in-doubt");
  for (const { key, lastFailure } of doubts) {
    const happened = venue.spent.has(key);
    if (!happened && lastFailure === undefined) assert.fail(`${key} has no failure`);
    const settlement = happened
      ? ({ state: "done", output: encode(1) } as const)
      : ({ state: "refused", failure: lastFailure as NonNullable<typeof lastFailure> } as const);
    await store.settle(key, settlement, Date.now());
  }
  return doubts.length;
}

async function everyIntent(store: IntentStore): Promise<readonly StoredIntent[]> {
  const all: StoredIntent[] = [];
  for (;;) {
    const page = await store.list({ after: all.at(-1)?.key, limit: 1_000 });
    all.push(...page);
    if (page.length < 1_000) return all;
  }
}
