// What verify must be able to say: that a sound agent is proven, that each planted bug is found and named with
// the moment and the effects, and that nothing is proven where nothing happened.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dca } from "@holdfast/agents";
import { workflow } from "@holdfast/core";
import { z } from "zod";
import type { AnyWorkflow } from "../config/config.ts";
import {
  effectAwaited,
  effectUnawaited,
  keyFromAttempt,
  keyFromMinute,
  keyFromOneMinute,
  keyFromRandomness,
  outside,
  sound,
} from "../fixture/planted.ts";
import type { VerifyReport, Violation } from "./report.ts";
import { type VerifyOptions, verify } from "./verify.ts";

function verified(
  agent: AnyWorkflow,
  input: unknown,
  more: VerifyOptions = {},
): Promise<VerifyReport> {
  return verify(agent, input, { id: "agent", for: "30d", ...more });
}

const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 3 } as const;

describe("sound agents", () => {
  // The plan reads the price before each of its purchases.
  for (const [name, agent, input, calls] of [
    ["the ready-made plan", dca, plan, 6],
    ["a purchase with the key sent by hand", sound, undefined, 3],
  ] as const) {
    test(`${name} is proven at every moment`, async () => {
      const report = await verified(agent, input, { strictOutput: true });
      assert.deepEqual([report.violations, report.verdict], [[], "proven"]);
      assert.deepEqual([report.clean.refs, report.clean.effects], [3, 3]);
      assert.deepEqual([report.notTried, report.notMet], [0, 0]);
      const rows = report.rows.map(({ mishap, variants, refs, effects }) => {
        assert.deepEqual([refs, effects], [3 * variants, 3 * variants], mishap);
        return [mishap, variants];
      });
      const commits = report.rows.find(({ mishap }) => mishap === "commit.before")?.variants ?? 0;
      assert.ok(commits >= 7, `${commits} commits`);
      assert.deepEqual(rows, [
        ["commit.before", commits],
        ["commit.after", commits],
        ["attempt.start", calls],
        ["attempt.answered", calls],
        ["answer-dropped", calls],
        ["answer-late", calls],
        ["request-late", 3],
      ]);
    });
  }
});

/** The one violation of a kind that a planted bug must show. */
function found(report: VerifyReport, fault: Violation["fault"], at: RegExp): Violation {
  assert.equal(report.verdict, "violated");
  const one = report.violations.find(
    (violation) => violation.fault === fault && at.test(violation.at),
  );
  assert.ok(one, `${fault} at ${at.source}: ${JSON.stringify(report.violations, null, 1)}`);
  return one;
}

describe("planted bugs", () => {
  for (const [name, agent, at] of [
    [
      "a key from randomness",
      keyFromRandomness,
      /^crash after a call is answered #2 \(agent\/1\)$/u,
    ],
    ["a key from the attempt", keyFromAttempt, /^answer dropped #2 \(open agent\/1\)$/u],
    ["a key from the minute", keyFromMinute, /^crash after a call is answered #2 \(agent\/1\)$/u],
  ] as const) {
    test(`${name} doubles a purchase, and both effects are named`, async () => {
      const { ref, effects, message } = found(await verified(agent, undefined), "doubled", at);
      assert.equal(ref, "agent/1");
      assert.match(message, /"agent\/1" happened twice; it was decided once/u);
      assert.deepEqual(
        effects.map((effect) => [effect.ref, effect.operation]),
        [
          ["agent/1", "open"],
          ["agent/1", "open"],
        ],
      );
      assert.notEqual(effects[0]?.key, effects[1]?.key);
    });
  }

  test("a key from the minute loses the second purchase of a minute, in the clean run", async () => {
    const report = await verified(keyFromOneMinute, undefined);
    const { ref, effects } = found(report, "lost", /^the clean run$/u);
    assert.equal(ref, "agent/1");
    assert.deepEqual(
      effects.map((effect) => [effect.ref, effect.replays]),
      [["agent/0", 2]],
    );
  });

  const resources: VerifyOptions["resources"] = (venue) => {
    outside.client = venue.client();
    return [];
  };

  test("an effect outside an activity is found, and doubled by the replay after a crash", async () => {
    const report = await verified(effectUnawaited, undefined, { resources });
    const clean = found(report, "outside", /^the clean run$/u);
    assert.match(clean.message, /2 of 2 effects carry neither key nor ref of a call/u);
    // Without any crash, it acts again when it is brought back to memory.
    assert.equal(found(report, "doubled", /^the clean run$/u).effects.length, 2);
    const { ref, effects } = found(report, "doubled", /^crash after a commit #2$/u);
    assert.equal(ref, "agent/own");
    assert.equal(new Set(effects.map(({ key }) => key)).size, 2);
  });

  test("an effect outside an activity that is waited for parks the run, and is doubled", async () => {
    const report = await verified(effectAwaited, undefined, { resources });
    const { message } = found(report, "problem", /^the clean run$/u);
    assert.match(message, /^HF-FOREIGN-AWAIT: /u);
    found(report, "outside", /^the clean run$/u);
    const { ref, effects } = found(report, "doubled", /^crash after a commit #2$/u);
    assert.deepEqual([ref, effects.length], ["agent/own", 2]);
  });

  test("a workflow that decides by what no journal holds does not replay", async () => {
    let calls = 0;
    const forgetful = workflow({
      name: "planted.forgetful",
      input: z.void(),
      output: z.number(),
      run: async (ctx) => {
        calls += 1;
        await ctx.sleep(calls);
        return calls;
      },
    });
    const report = await verified(forgetful, undefined);
    assert.match(found(report, "problem", /^the clean run$/u).message, /HF-TEST-JOURNAL/u);
  });
});

describe("limits", () => {
  test("a run without any effect proves nothing", async () => {
    const idle = workflow({
      name: "planted.idle",
      input: z.void(),
      output: z.void(),
      run: (ctx) => ctx.sleep("1d"),
    });
    const report = await verified(idle, undefined);
    assert.deepEqual([report.verdict, report.rows, report.violations], ["no-effects", [], []]);
  });

  test("a limit tries moments of effects first, and says how many were left out", async () => {
    const all = await verified(dca, plan);
    const total = all.rows.reduce((sum, { variants }) => sum + variants, 0);
    const report = await verified(dca, plan, { max: 10 });
    const tried = report.rows.reduce((sum, { variants }) => sum + variants, 0);
    assert.deepEqual([tried, report.notTried, report.verdict], [10, total - 10, "proven"]);
  });

  test("time that is over proves nothing, and a clean run that takes all of it is refused", async () => {
    const clock = { now: 0 };
    const elapsed = (): number => clock.now;
    const onProgress = (): void => {
      clock.now = 1_000;
    };
    const report = await verified(dca, plan, { elapsed, onProgress, maxSeconds: 0.1 });
    assert.equal(report.rows.length, 1);
    assert.ok(report.notTried > 10);
    await assert.rejects(
      verified(dca, plan, { elapsed: () => (clock.now += 100), maxSeconds: 1 }),
      /HF-VERIFY-LONG|Cannot verify run "agent" in this time/u,
    );
  });

  test("a run without an end is watched to the horizon", async () => {
    const endless = { ...plan, periods: 500, every: "1d" } as const;
    const report = await verified(dca, endless, { for: "3d", max: 20 });
    assert.deepEqual(
      [report.clean.status, report.clean.effects, report.verdict],
      ["running", 4, "proven"],
    );
  });
});
