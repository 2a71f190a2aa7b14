// What happens to the runs of `crossing.ts` from outside, and what became of them. Each request has an id of
// its own, so that the play may be begun again after a crash, and is then one play.

import assert from "node:assert/strict";
import { type Client, type DeadLetter, type Engine, encode, hasCode } from "@holdfast/core";
import type { Crossing, Shop } from "./crossing.ts";

export interface Stage {
  readonly engine: Engine;
  readonly client: Client;
  readonly shop: Shop;
  /** Lets time pass until the promise settles. */
  readonly drive: <Value>(promise: Promise<Value>) => Promise<Value>;
  /** Lets time pass until the condition holds. */
  readonly until: (condition: () => Promise<boolean>) => Promise<void>;
}

const because = { actor: "ada", reason: "looked at it" } as const;

/** What happens before the second deployment. */
export async function playOld({ client }: Stage, runs: Crossing): Promise<void> {
  await client.start(runs.patched, undefined, started("veteran"));
}

/** What happens after it. */
export async function playNew(stage: Stage, runs: Crossing): Promise<void> {
  const { client, drive } = stage;
  const veteran = client.run(runs.patched, "veteran");
  const newcomer = await client.start(runs.patched, undefined, started("newcomer"));
  for (const run of [veteran, newcomer]) {
    await run.signal("next", undefined, { requestId: `${run.id}-next-0` });
    await run.signal("next", undefined, { requestId: `${run.id}-next-1` });
    await drive(run.result());
  }
  await playFamily(stage, runs);
  await playFailures(stage, runs);
  const chain = await client.start(runs.chain, 0, started("chain"));
  const loop = await client.start(runs.loop, undefined, started("loop"));
  await drive(chain.result());
  await drive(loop.result());
}

/** A start that is one start however often it is asked for. */
function started(id: string): { readonly id: string; readonly requestId: string } {
  return { id, requestId: `play-${id}` };
}

async function playFamily({ client, engine, drive, until }: Stage, runs: Crossing): Promise<void> {
  const { waiter } = runs;
  const hub = await client.start(runs.hub, undefined, started("hub"));
  await client.start(waiter, undefined, started("lonely"));
  await drive(hub.update("add", 2, { requestId: "hub-add-2" }));
  const family = await client.start(runs.family, undefined, started("family"));
  await drive(family.result());
  await hub.signal("word", "c", { requestId: "hub-word-c" });
  await drive(hub.update("add", 3, { requestId: "hub-add-3" }));
  await hub.signal("stop", undefined, { requestId: "hub-stop" });
  const abandoned = client.run(waiter, "kid-abandon");
  await abandoned.signal("stop", undefined, { requestId: "kid-stop" });
  for (const id of ["hub", "lonely", "kid-cancel", "kid-late", "kid-abandon"])
    await drive(engine.result({ id }));
  // The heir outlives the first elder, and the second takes it over.
  await client.start(runs.elder, undefined, started("elder"));
  await engine.apply([{ kind: "cancel", id: "elder", reason: "old", requestId: "elder-cancel" }]);
  await until(
    async () => (await engine.list({ idPrefix: "elder", status: "closed" })).runs.length > 0,
  );
  const again = { onClosed: "restart", effects: "continue" } as const;
  await client.start(runs.elder, undefined, { id: "elder", requestId: "elder-again", ...again });
  await client.run(waiter, "heir").signal("stop", undefined, { requestId: "heir-stop" });
  await drive(engine.result({ id: "elder" }));
}

async function playFailures(stage: Stage, runs: Crossing): Promise<void> {
  const { client, engine, shop, drive } = stage;
  const payer = await client.start(runs.payer, 4, started("payer"));
  await drive(
    payer.result().catch((error: unknown) => {
      if (!hasCode(error, "CLOSED")) throw error;
    }),
  );
  shop.open();
  const resume = { kind: "resume", id: "payer", requestId: "resume-payer", ...because } as const;
  await engine.apply([resume]);
  await drive(payer.result());
  // This one fails, too, and nobody takes care of it.
  await client.start(runs.trip, undefined, started("trip"));
  await drive(engine.result({ id: "trip" }));
  const doubtful = await client.start(runs.doubtful, undefined, started("doubtful"));
  await stage.until(async () => (await doubtful.describe()).status !== "running");
  const [call] = (await doubtful.describe()).calls;
  if (call !== undefined) {
    const resolution = { kind: "done", output: encode(7) } as const;
    const request = { id: "doubtful", requestId: "resolve-doubtful", key: call.key, ...because };
    await engine.apply([{ kind: "resolve", resolution, ...request }]);
  }
  await drive(doubtful.result());
}

export interface PlayOutcome {
  readonly runs: readonly unknown[];
  /** By workflow id: the output of the last run with this id, encoded, or the code of its failure. */
  readonly ends: Readonly<Record<string, unknown>>;
  readonly dead: readonly Omit<DeadLetter, "runId" | "firstAt" | "lastAt">[];
}

/** What is the same however often the engine died on the way: all but run ids and the order of rows. */
export async function outcomeOf(engine: Engine): Promise<PlayOutcome> {
  const { runs } = await engine.list({ limit: 1_000 });
  const ends: Record<string, unknown> = {};
  for (const { id } of runs) {
    const { output, failure } = await engine.describe(id);
    ends[id] = output ?? failure?.code;
  }
  const { letters } = await engine.dead();
  return {
    ends,
    runs: runs
      .map(({ id, generation, status, parent, tags, workflow }) =>
        JSON.stringify({ id, generation, status, parent, tags, workflow }),
      )
      .toSorted(),
    dead: letters.map(({ runId: _runId, firstAt: _firstAt, lastAt: _lastAt, ...letter }) => letter),
  };
}

/** Holds what came of the play to what its runs say. */
export function assertAsWritten({ ends, dead }: PlayOutcome, effects: readonly string[]): void {
  assert.deepEqual(ends, ENDS);
  assert.deepEqual(
    dead.map(({ id, kind, attempts }) => [id, kind, attempts]),
    [["trip", "failed", 1]],
  );
  const trips = ["trip", "family/crossing.trip/0"].flatMap((trip) =>
    ["book/flight", "book/hotel", "undo/flight", "undo/hotel"].map((what) => `${trip}/${what}`),
  );
  assert.deepEqual(effects.toSorted(), [...EFFECTS.split(/\s+/u), ...trips].toSorted());
}

const ENDS: PlayOutcome["ends"] = {
  chain: "2",
  doubtful: "7",
  elder: '"heir of elder"',
  family: '["HF-CANCELLED","NO-VISA","5"]',
  "family/crossing.trip/0": "NO-VISA",
  heir: '"heir of elder"',
  hub: '{"words":"a b c","total":5}',
  "kid-abandon": '"kid-abandon of family"',
  "kid-cancel": "HF-CANCELLED",
  "kid-late": "HF-CANCELLED",
  "kid-terminate": "HF-TERMINATED",
  lonely: "HF-CANCELLED",
  loop: "6",
  "loop+1/crossing.member/0": "3",
  "loop/crossing.member/0": "0",
  "loop/crossing.member/1": "1",
  "loop/crossing.member/2": "2",
  newcomer: '["fee","fee"]',
  payer: "10",
  "payer/crossing.payments/0": "10",
  trip: "NO-VISA",
  veteran: '["free","fee"]',
};

/** Beside those of the trips. */
const EFFECTS =
  "chain/link/0 chain/link/1 chain/link/2 family/last hub/add/2 hub/add/3 " +
  "kid-cancel/cleanup kid-late/cleanup lonely/cleanup loop/0 loop/1 loop/2 loop/3 " +
  "newcomer/fee/0 newcomer/fee/1 veteran/fee/1 payments/1 payments/2 payments/3 payments/4";
