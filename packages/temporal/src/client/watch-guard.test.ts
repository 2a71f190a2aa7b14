// The guard of processes that share a store: what one has changed all tell, and an answer finds its run, also where
// the process that took it has died.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  type ApprovalRow,
  type IntentStore,
  type ModeChange,
  type NewIntent,
  guard,
  silentLog,
  usdc,
} from "@holdfast/core";
import { openSqliteIntents } from "@holdfast/storage";
import { VirtualClock } from "@holdfast/testing/clock";
import { type GuardWatch, type WatchGuardOptions, watchGuard } from "./watch-guard.ts";

const ADA = { actor: "ada", reason: "test" } as const;
const policy = guard({ budgets: "none", freshness: "off", approval: { above: "1.00" } });

class Process implements Disposable {
  readonly told: ModeChange[] = [];
  readonly answered: ApprovalRow[] = [];
  rung = 0;
  watch!: GuardWatch;
  readonly heard: PromiseWithResolvers<void> = Promise.withResolvers();

  static async open(
    intents: IntentStore,
    clock: VirtualClock,
    over: Partial<WatchGuardOptions> = {},
  ): Promise<Process> {
    const process = new Process();
    process.watch = await watchGuard({
      intents,
      policy,
      clock,
      log: silentLog,
      onModes: (changes) => {
        process.told.push(...changes);
      },
      ring: () => {
        process.rung += 1;
        process.heard.resolve();
      },
      answered: async (row) => {
        process.answered.push(row);
        process.heard.resolve();
      },
      waiting: async () => [],
      breakers: async () => [],
      ...over,
    });
    return process;
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
  }
}

/** Opens one file as several processes would. */
function placeFor(context: TestContext): () => IntentStore {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-watch-"));
  const stores: IntentStore[] = [];
  context.after(async () => {
    for (const store of stores) await store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const store = openSqliteIntents(join(folder, "intents.sqlite"));
    stores.push(store);
    return store;
  };
}

/** An effect for which a person is asked. */
async function ask(store: IntentStore, at: number): Promise<string> {
  const intent: NewIntent = {
    key: "key-1",
    ref: "pay/1",
    account: "alpha",
    activity: "pay",
    venue: "",
    fingerprint: "f",
    run: "pay",
    owner: "pay/run-1/1",
    lane: undefined,
    recordedAt: at,
  };
  const command = { operation: "pay", kind: "open", amount: usdc("5.00") } as const;
  const { word } = await store.record(intent, { workflow: "pay", command });
  assert.equal(word.kind, "asked");
  return intent.key;
}

test("watchGuard() tells of a halt at once where it was asked for, and within a second elsewhere", async (context) => {
  const open = placeFor(context);
  const clock = new VirtualClock();
  using here = await Process.open(open(), clock);
  using there = await Process.open(open(), clock);
  await here.watch.guard.halt({ scope: "project", ...ADA });
  assert.deepEqual([here.told.length, here.rung], [1, 1]);
  await there.heard.promise;
  await there.watch.guard.lift({ scope: "project", ...ADA });
  assert.deepEqual(
    there.told.map(({ to, actor }) => [to, actor]),
    [
      ["HALTED", "ada"],
      [undefined, "ada"],
    ],
  );
  using later = await Process.open(open(), clock);
  await later.watch.guard.status();
  assert.deepEqual(later.told, [], "what was before it opened is no news");
});

test("watchGuard() tells a run of an answer that stands, whose process has died before it could", async (context) => {
  const open = placeFor(context);
  const clock = new VirtualClock();
  const store = open();
  const desk = await store.guardBy({ policy, now: () => clock.now() });
  const key = await ask(store, clock.now());
  const [asked] = await desk.approvals();
  await desk.answer({ id: asked?.id ?? "", approved: true, ...ADA });
  using process = await Process.open(open(), clock, { waiting: async () => [key] });
  await process.heard.promise;
  assert.deepEqual(
    process.answered.map(({ key: of, state }) => [of, state]),
    [[key, "approved"]],
  );
});

test("watchGuard() leaves runs alone that still wait for an answer, and ends those whose time is over", async (context) => {
  const open = placeFor(context);
  const clock = new VirtualClock();
  const store = open();
  using process = await Process.open(store, clock, { waiting: async () => ["key-1"] });
  await ask(store, clock.now());
  process.watch.look();
  while (process.watch.working > 0) await process.watch.guard.status();
  assert.deepEqual(process.answered, []);
  clock.advanceTo(clock.now() + 86_400_000);
  await process.heard.promise;
  assert.deepEqual(
    process.answered.map(({ state }) => state),
    ["expired"],
  );
  assert.equal((await store.find("key-1"))?.state, "refused");
});

test("watchGuard() keeps an answer that its run cannot be told of now", async (context) => {
  const open = placeFor(context);
  const clock = new VirtualClock();
  const store = open();
  using process = await Process.open(store, clock, {
    answered: async () => {
      throw new Error("the server is away");
    },
  });
  await ask(store, clock.now());
  const [asked] = await process.watch.guard.approvals();
  const answer = { id: asked?.id ?? "", approved: false, ...ADA };
  assert.equal((await process.watch.guard.answer(answer)).state, "rejected");
  assert.equal((await store.find("key-1"))?.state, "refused");
});
