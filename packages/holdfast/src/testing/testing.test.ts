// The testing kit does what it promises, on the ready-made plan and on small agents: a year in an instant,
// crashes where they are asked for, restarts with other code, journals as fixtures; and it can fail.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { dca } from "@holdfast/agents";
import { type Workflow, hasCode, signal, workflow } from "@holdfast/core";
import { VIRTUAL_START } from "@holdfast/testing/clock";
import { z } from "zod";
import { defineConfig, paper, run as fleetRun } from "../config/config.ts";
import { TestFolder } from "../fixture/folder.ts";
import { replayJournal } from "./recorded-journal.ts";
import { type TestProject, testProject } from "./test-project.ts";

const WEEK_MS = 604_800_000;
const weekly = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 } as const;
const codeIs = (code: string) => (error: unknown) => hasCode(error, code);

async function counted(t: TestProject): Promise<readonly number[]> {
  const { refs, effects, unnamed, duplicateEffects } = await t.venue.audit();
  return [refs, effects, unnamed, duplicateEffects];
}

/** Sleeps for so long, then waits for a signal. */
function gate(hours: number): Workflow<void, string, { open: ReturnType<typeof signal> }> {
  return workflow({
    name: "kit.gate",
    input: z.void(),
    output: z.string(),
    signals: { open: signal() },
    run: async (ctx) => {
      let open = false;
      ctx.onSignal("open", () => {
        open = true;
      });
      await ctx.sleep(`${hours}h`);
      await ctx.until(() => open);
      return "opened";
    },
  });
}

describe("time", () => {
  test("runUntilClosed() brings a plan of a year to its end", async () => {
    await using t = await testProject({ definitions: [dca] });
    const run = await t.client.start(dca, weekly, { id: "plan" });
    assert.equal((await t.runUntilClosed(run)).bought, 52);
    assert.equal(t.clock.now(), VIRTUAL_START + 51 * WEEK_MS);
    assert.deepEqual(await counted(t), [52, 52, 0, 0]);
  });

  test("advance() does what is due by its end, whole, and nothing more", async () => {
    await using t = await testProject({ definitions: [dca] });
    await t.client.start(dca, weekly, { id: "plan" });
    await t.advance("4w");
    assert.equal(t.clock.now(), VIRTUAL_START + 4 * WEEK_MS);
    assert.deepEqual(await counted(t), [5, 5, 0, 0]);
    await t.advance(WEEK_MS - 1);
    assert.deepEqual(await counted(t), [5, 5, 0, 0]);
    await t.advance(1);
    assert.deepEqual(await counted(t), [6, 6, 0, 0]);
  });

  test("runUntil() stands still when its condition holds, and says when it never will", async () => {
    await using t = await testProject({ definitions: [dca] });
    const run = await t.client.start(dca, weekly, { id: "plan" });
    await t.runUntil(async () => (await run.query("progress")).done === 3);
    assert.equal(t.clock.now(), VIRTUAL_START + 2 * WEEK_MS);
    await assert.rejects(
      t.runUntil(() => false, { within: "3w" }),
      codeIs("HF-TEST-LATE"),
    );
  });

  test("runUntilClosed() says that a run waits for ever, is stuck, or failed", async () => {
    const failing = workflow({
      name: "kit.failing",
      input: z.void(),
      output: z.void(),
      run: async () => {
        throw new Error("as it should");
      },
    });
    const foreign = workflow({
      name: "kit.foreign",
      input: z.void(),
      output: z.void(),
      run: async () => {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      },
    });
    await using t = await testProject({ definitions: [gate(1), failing, foreign] });
    const waiting = await t.client.start(gate(1), undefined, { id: "waiting" });
    await assert.rejects(t.runUntilClosed(waiting, { within: "1w" }), codeIs("HF-TEST-LATE"));
    const failed = await t.client.start(failing, undefined, { id: "failing" });
    await assert.rejects(t.runUntilClosed(failed), /as it should/u);
    const stuck = await t.client.start(foreign, undefined, { id: "foreign" });
    await assert.rejects(t.runUntilClosed(stuck), codeIs("HF-FOREIGN-AWAIT"));
  });

  test("projects run beside each other, each in its own time", async () => {
    const ends = await Promise.all(
      [3, 9, 27].map(async (periods) => {
        await using t = await testProject({ definitions: [dca], seed: `${periods}` });
        const run = await t.client.start(dca, { ...weekly, periods }, { id: "plan" });
        await t.runUntilClosed(run);
        return (t.clock.now() - VIRTUAL_START) / WEEK_MS;
      }),
    );
    assert.deepEqual(ends, [2, 8, 26]);
  });

  test("the same seed gives the same effects", async () => {
    const effects = async (seed: string): Promise<unknown> => {
      await using t = await testProject({ definitions: [dca], seed });
      const run = await t.client.start(dca, { ...weekly, periods: 2 }, { id: "plan" });
      await t.runUntilClosed(run);
      return [await t.venue.effects(), await t.venue.client().wallet.balance()];
    };
    assert.deepEqual(await effects("a"), await effects("a"));
    assert.notDeepEqual(await effects("a"), await effects("b"));
  });
});

describe("crashes", () => {
  // How often each moment of one purchase comes: what the crash undid or cut off comes again.
  for (const [point, times] of [
    ["commit.before", 3],
    ["commit.after", 2],
    ["attempt.start", 2],
    ["attempt.answered", 2],
  ] as const) {
    test(`crashAt("${point}") drops the engine there, and nothing happens twice`, async () => {
      const met: string[] = [];
      await using t = await testProject({
        definitions: [dca],
        onPoint: (at, about) => met.push(`${at} ${about}`),
      });
      const run = await t.client.start(dca, { ...weekly, periods: 3 }, { id: "plan" });
      t.crashAt(point, { ref: "plan/1", away: "90s" });
      assert.equal((await t.runUntilClosed(run)).bought, 3);
      assert.deepEqual(await counted(t), [3, 3, 0, 0]);
      const again = met.filter((one) => one.startsWith(point) && one.endsWith("plan/1"));
      assert.equal(again.length, times, met.join("; "));
      const [effect] = (await t.venue.effects()).filter(({ ref }) => ref === "plan/1");
      const late = (effect?.at ?? 0) - VIRTUAL_START - WEEK_MS;
      assert.equal(late, point === "attempt.answered" ? 0 : 90_000);
    });
  }

  test("a crash at the commit of a start loses neither the start nor who waits for it", async () => {
    await using t = await testProject({ definitions: [dca] });
    t.crashAt("commit.before");
    t.crashAt("commit.after", { nth: 2 });
    const run = await t.client.start(dca, { ...weekly, periods: 1 }, { id: "plan" });
    const result = run.result();
    await t.crash();
    await t.runUntilClosed(run);
    assert.equal((await result).bought, 1);
    assert.deepEqual(await counted(t), [1, 1, 0, 0]);
  });

  test("a crash that is never met fails the test", async () => {
    const t = await testProject({ definitions: [dca] });
    t.crashAt("attempt.start", { ref: "plam/1" });
    const run = await t.client.start(dca, { ...weekly, periods: 2 }, { id: "plan" });
    await t.runUntilClosed(run);
    await assert.rejects(t[Symbol.asyncDispose](), codeIs("HF-TEST-CRASH-UNMET"));
  });

  test("a journal in a file outlives a crash, too", async () => {
    using folder = new TestFolder();
    const journal = folder.join("journal.sqlite");
    await using t = await testProject({ definitions: [dca], journal });
    const run = await t.client.start(dca, { ...weekly, periods: 2 }, { id: "plan" });
    t.crashAt("attempt.answered", { nth: 2 });
    assert.equal((await t.runUntilClosed(run)).bought, 2);
    assert.ok(existsSync(journal));
    assert.deepEqual(await counted(t), [2, 2, 0, 0]);
  });

  test("faults of the venue meet retries, and are counted once", async () => {
    await using t = await testProject({
      definitions: [dca],
      venue: { faults: [{ kind: "drop", operations: ["open"], count: 2 }] },
    });
    const run = await t.client.start(dca, { ...weekly, periods: 2 }, { id: "plan" });
    await t.runUntilClosed(run);
    assert.deepEqual(await counted(t), [2, 2, 0, 0]);
    assert.deepEqual(
      t.venue.faults.list().map(({ hits }) => hits),
      [2],
    );
  });
});

describe("code and journals", () => {
  test("restart() goes on with other code, and parks what does not fit it", async () => {
    await using t = await testProject({ definitions: [gate(1)] });
    const run = await t.client.start(gate(1), undefined, { id: "gate" });
    await t.restart({ definitions: [gate(2)] });
    await assert.rejects(t.runUntilClosed(run), codeIs("HF-DETERMINISM"));
    await t.restart({ definitions: [gate(1)] });
    await t.advance("1h");
    await run.signal("open");
    assert.equal(await t.runUntilClosed(run), "opened");
  });

  test("replayJournal() accepts the code of then, and names what has changed", async () => {
    await using t = await testProject({ definitions: [gate(1)] });
    const run = await t.client.start(gate(1), undefined, { id: "gate" });
    await t.advance("1h");
    await run.signal("open");
    await t.runUntilClosed(run);
    const text = JSON.stringify(await t.exportJournal("gate"));
    await replayJournal([gate(1)], JSON.parse(text));
    await assert.rejects(replayJournal([gate(2)], JSON.parse(text)), (error: Error) => {
      assert.ok(hasCode(error, "HF-DETERMINISM"));
      assert.match(error.message, /Expected from history: .*Got from code: /u);
      return true;
    });
    await assert.rejects(replayJournal([dca], JSON.parse(text)), codeIs("HF-WORKFLOW-UNKNOWN"));
    await assert.rejects(replayJournal([dca], {}), codeIs("HF-FIXTURE-INVALID"));
    await assert.rejects(t.exportJournal("gat"), codeIs("HF-RUN-UNKNOWN"));
  });

  test("a configuration gives workflows, accounts and fleet", async () => {
    const config = defineConfig({
      venue: paper({ grant: "100.00" }),
      accounts: { alice: {}, bob: {} },
      fleet: [
        fleetRun(dca, { ...weekly, periods: 1 }, { id: "plan-alice", account: "alice" }),
        fleetRun(dca, { ...weekly, periods: 2 }, { id: "plan-bob", account: "bob" }),
      ],
    });
    await using t = await testProject({ config });
    await t.launch();
    await t.runUntilClosed(t.client.run(dca, "plan-bob"));
    assert.deepEqual(await counted(t), [3, 3, 0, 0]);
    const balances = await Promise.all(
      ["alice", "bob"].map((account) => t.venue.client(account).trade.positions()),
    );
    assert.deepEqual(
      balances.map((positions) => positions.length),
      [1, 2],
    );
    assert.throws(() => t.venue.client("carol"), codeIs("HF-ACCOUNT-UNKNOWN"));
  });
});
