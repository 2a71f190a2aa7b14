// The resilient trader for a month of virtual time under chaos, with a guard: nothing happens twice, no limit is
// exceeded, every mode is reached by what really broke at the venue, and its books are those of the venue.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resilientTrader } from "@holdfast/agents";
import { type ModeChange, guard, usdc } from "@holdfast/core";
import { carryOut, checkCounters } from "@holdfast/guard";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (day: number, hour = 0): number => VIRTUAL_START + day * DAY_MS + hour * HOUR_MS;

/** Waves of a tenth for a month; in between, on a rise, a fall by two fifths within a minute. */
function prices(): { readonly symbol: string; readonly points: { at: number; price: string }[] } {
  const wave = (n: number): number => 60_000 * (1 + 0.05 * Math.sin(n / 4));
  const before = Array.from({ length: CRASH }, (_, n) => ({ at: at(0, n * 3), price: wave(n) }));
  const after = Array.from({ length: 31 * 8 - CRASH }, (_, n) => ({
    at: at(0, (CRASH + n) * 3) + 60_000,
    price: wave(CRASH + n) * 0.6,
  }));
  const points = [...before, { at: at(0, CRASH * 3), price: wave(CRASH) }, ...after];
  return {
    symbol: "BTC-PERP",
    points: points.map((point) => ({ ...point, price: point.price.toFixed(2) })),
  };
}

/** When the fall is, in steps of three hours: on day 22, where prices have been rising for a day. */
const CRASH = 178;

const policy = guard({
  budgets: [
    { per: "agent", span: "day", limit: "10000.00" },
    { per: "project", span: "week", limit: "40000.00" },
  ],
  only: { symbols: ["BTC-PERP"] },
  maxNotional: "9000.00",
  maxExposure: "9500.00",
  maxPositions: 1,
  maxLeverage: 3,
  liquidationDistance: 0.2,
  freshness: { price: "2m", market: "1m" },
  feeds: { symbols: ["BTC-PERP"], staleAfter: "5h", steadyFor: "3h" },
  loss: { drawdown: 0.15, closeAll: false },
});

const PLAN = {
  symbol: "BTC-PERP",
  sizeUsd: "9000.00",
  leverage: 2,
  every: "2h",
  fast: 2,
  slow: 6,
  ticks: 30 * 12,
} as const;

test("a month under chaos: nothing twice, no limit exceeded, every mode visited, books that agree", async () => {
  const changes: ModeChange[] = [];
  await using scene = await Scene.open({
    definitions: [resilientTrader],
    engine: { guard: policy, policies: {}, onModes: (changed) => changes.push(...changed) },
    sandbox: {
      scripts: [prices()],
      faults: [
        { kind: "status", status: 500, probability: 0.1 },
        { kind: "drop", when: "after", operations: ["open", "close"], probability: 0.2 },
        { kind: "nan", probability: 0.05 },
        // Orders fail for two days: the breaker opens, and again after each probe.
        { kind: "status", status: 503, operations: ["open", "close"], from: at(10), until: at(12) },
        // The feed is away for half a day: nothing is seen.
        { kind: "outage", operations: ["prices"], from: at(5), until: at(5, 12) },
      ],
    },
  });
  const { id } = await scene.client.start(resilientTrader, PLAN, { id: "trader" });
  let crashes = 0;
  let lifted = 0;
  const onJump = async (instant: number): Promise<void> => {
    if (instant >= at(3 * (crashes + 1), 1)) {
      crashes += 1;
      await scene.crash();
    }
    const last = changes.findLast(({ cause }) => cause === "drawdown");
    if (last?.to === "HALTED" && instant >= last.at + DAY_MS) {
      lifted += 1;
      await scene.engine.guard.lift({ scope: last.scope, actor: "ann", reason: "looked at it" });
    }
  };
  const ended = async (): Promise<boolean> =>
    (await scene.client.run(resilientTrader, id).describe()).status === "completed";
  await scene.drive(until(ended), onJump);
  const state = await scene.client.run(resilientTrader, id).result();

  assert.ok(crashes >= 9);
  assert.equal(lifted, 1);
  const visited = changes.map(({ cause, from = "FULL", to = "FULL" }) => `${cause} ${from} ${to}`);
  assert.deepEqual(
    visited.filter((change) => !change.startsWith("breaker")),
    [
      "feed FULL OBSERVATION",
      "feed OBSERVATION FULL",
      "drawdown FULL HALTED",
      "drawdown HALTED FULL",
    ],
  );
  const broken = visited.filter((change) => change.startsWith("breaker"));
  assert.ok(broken.length >= 4, broken.join(", "));
  for (const [n, change] of broken.entries())
    assert.equal(change, n % 2 === 0 ? "breaker FULL REDUCE_ONLY" : "breaker REDUCE_ONLY FULL");
  assert.ok(state.blind > 0 && state.dropped > 0);

  const audit = scene.audit();
  assert.equal(audit.duplicateEffects, 0);
  assert.equal(audit.effects, 1 + state.filled + state.closed);

  const raw = scene.raw(scene.apiKey);
  const postings = await patiently(() => raw.wallet.transactions({ limit: 1_000 }));
  const sum = (...kinds: readonly string[]): bigint =>
    postings
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((total, { amount_micros }) => total + BigInt(amount_micros), 0n);
  assert.equal(sum("fee"), -state.fees);
  const realised = postings.reduce((all, { pnl_micros = "0" }) => all + BigInt(pnl_micros), 0n);
  assert.equal(realised, state.realised);
  const { equity_micros } = await patiently(() => raw.portfolio());
  assert.equal(
    BigInt(equity_micros),
    usdc("10000.00") + state.realised - state.fees - state.funding,
  );
  for (const { kind, amount_micros } of postings)
    if (kind === "margin") assert.ok(-BigInt(amount_micros) <= usdc("4500.00"));
  const { trackers } = policy;
  const now = scene.clock.now();
  const faults = scene.engine.inspect(({ guard: carry }) =>
    carryOut(checkCounters(trackers, now), carry),
  );
  assert.deepEqual(await faults, []);
  assert.equal((await scene.engine.guard.verifyAudit()).fault, undefined);
});

/** A read of the test's own: the faults strike it, too. */
async function patiently<Value>(read: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}
