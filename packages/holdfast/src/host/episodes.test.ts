// What waits for a person is told by runs: with a real engine, whose crash at any moment forgets nothing.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { activity, createClient, provide, resource, silentLog } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { type Channel, channel, createNotifier, notification, notifier } from "@holdfast/notify";
import { VirtualClock, drive } from "@holdfast/testing/clock";
import { z } from "zod";
import { testWorkflows } from "../fixture/definitions.ts";
import { CrashableEngine } from "../testing/crash.ts";
import { breakerSource } from "./breaker-source.ts";
import { Episodes } from "./episodes.ts";

// A venue of its own, whose breaker a person can hold.
const venue = resource({
  name: "notifier-test",
  venue: { idempotency: "header", keyTtlMs: 86_400_000, settleMs: 1_000 },
  bind: (raw) => raw,
});
activity({
  name: "notifier-test.read",
  input: z.string(),
  output: z.string(),
  effect: "none",
  uses: { venue },
  run: (what) => what,
});

const named = (name: string) =>
  testWorkflows.find((workflow) => workflow.name === name) ?? assert.fail(name);

interface Told {
  readonly state: string;
  readonly title: string;
  readonly key: string;
}

/** A channel that remembers what it was told. */
function listening(told: Told[]): Channel {
  return channel({
    name: "ear",
    send: async ({ state, title }, { key }) => {
      told.push({ state, title, key });
    },
  });
}

const resourcesOf = (told: Told[]) => {
  const found = createNotifier({
    channels: [listening(told)],
    source: "test",
    secret: () => undefined,
  });
  return [provide(notifier, () => found)];
};

async function stage(critical: readonly string[], deadLettersAbove = 10) {
  const told: Told[] = [];
  const config = { notify: { channels: [], critical, deadLettersAbove } };
  const episodes = new Episodes({
    config,
    log: silentLog,
    account: "default",
    sources: [breakerSource],
  });
  const engine = await openEngine({
    path: ":memory:",
    definitions: [...testWorkflows, notification],
    resources: resourcesOf(told),
    onDeadLetters: () => void episodes.look(),
    policies: {},
  });
  await episodes.attach(engine);
  /** Until nothing is left to tell. */
  const settle = async (): Promise<readonly string[]> => {
    for (let turns = 0; turns < 20; turns += 1) {
      await episodes.look();
      await engine.idle();
    }
    return told.map(({ state, title }) => `${state} ${title}`);
  };
  const fail = async (id: string): Promise<void> => {
    await assert.rejects(
      (await engine.client.start(named("test.failing"), undefined, { id })).result(),
    );
  };
  const discard = (id: string) =>
    engine.apply([{ kind: "discard", id, actor: "a", reason: "b", requestId: `discard-${id}` }]);
  return { engine, settle, fail, discard, [Symbol.asyncDispose]: () => engine.close() };
}

test("a critical run that failed is told, once, and that it was seen to as well", async () => {
  await using it = await stage(["a"]);
  await it.fail("a");
  await it.fail("b");
  assert.deepEqual(await it.settle(), ["raised A run has failed: a"]);
  assert.deepEqual(await it.settle(), ["raised A run has failed: a"]);
  await it.discard("a");
  assert.deepEqual(await it.settle(), ["raised A run has failed: a", "over A run has failed: a"]);
});

test("an open breaker is told once, and again after it was closed", async () => {
  await using it = await stage([]);
  const name = "notifier-test/read";
  const say = (wish: "open" | "auto"): Promise<unknown> =>
    it.engine.apply([{ kind: "breaker", name, wish, actor: "ann", reason: "why" }]);
  await say("open");
  const raised = `raised Breaker ${name} is open`;
  const over = `over Breaker ${name} is open`;
  assert.deepEqual(await it.settle(), [raised]);
  assert.deepEqual(await it.settle(), [raised]);
  await say("auto");
  assert.deepEqual(await it.settle(), [raised, over]);
  await say("open");
  assert.deepEqual(await it.settle(), [raised, over, raised]);
});

test("a run with a long name in many bytes is told, too", async () => {
  const id = "長".repeat(80);
  await using it = await stage([id]);
  await it.fail(id);
  assert.deepEqual(await it.settle(), [`raised A run has failed: ${id}`]);
});

test("too many letters are told, and again after they were fewer", async () => {
  await using it = await stage([], 1);
  const [raised, over] = ["raised", "over"].map(
    (state) => `${state} More than 1 runs wait for a person`,
  );
  await it.fail("a");
  assert.deepEqual(await it.settle(), []);
  await it.fail("b");
  await it.fail("c");
  assert.deepEqual(await it.settle(), [raised]);
  await it.discard("a");
  await it.discard("b");
  assert.deepEqual(await it.settle(), [raised, over]);
  await it.fail("d");
  assert.deepEqual(await it.settle(), [raised, over, raised]);
});

test("a crash at each moment tells every message, and repeats one under its key only", async () => {
  for (let moment = 1; ; moment += 1) {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-episodes-"));
    const clock = new VirtualClock();
    const told: Told[] = [];
    let left = moment;
    await using engine = await CrashableEngine.open({
      open: (_life, point) =>
        openEngine({
          path: join(folder, "journal.sqlite"),
          clock,
          definitions: [notification],
          resources: resourcesOf(told),
          point,
        }),
      crashes: () => ((left -= 1) === 0 ? 0 : undefined),
      away: async () => undefined,
    });
    let ids = 0;
    const client = createClient({ engine, newId: () => `request-${(ids += 1)}` });
    const notice = {
      episode: "feed",
      level: "warning",
      title: "stale",
      text: "",
      lasts: true,
    } as const;
    const run = await client.start(notification, notice, { id: "notify/feed", onClosed: "attach" });
    await drive(
      run.signal("over", {}).then(() => run.result()),
      { clock, engines: () => [engine] },
    );
    const keys = new Set(told.map(({ state, key }) => `${state} ${key}`));
    // What was over before it was told is not told at all.
    assert.ok(keys.size === 2 || (keys.size === 0 && told.length === 0), `moment ${moment}`);
    rmSync(folder, { recursive: true, force: true });
    if (left > 0) return assert.ok(moment > 5, `${moment} moments`);
  }
});
