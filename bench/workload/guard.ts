// What the guard costs: one money call from its decision to its outcome, with a policy that uses every check and
// three budgets. The floor is the same call without a policy: the bare commits of its intent. And how long the kill
// switch takes, while 64 callers send, from the command to the instant behind which nothing leaves; its floor is the
// start of a run, one bare commit.

import {
  type Activity,
  type GuardPolicy,
  type Workflow,
  activity,
  guard,
  provide,
  resource,
  usdc,
  workflow,
} from "@holdfast/core";
import { type EmbeddedEngine, openEngine } from "@holdfast/engine";
import { z } from "zod";
import { percentile } from "../statistics.ts";
import { type Part, type Place, type Workload, atOnce, journalIn, timed } from "../workload.ts";

const desk = resource<unknown>({
  name: "desk",
  venue: { idempotency: "header", keyTtlMs: 86_400_000, settleMs: 1_000 },
  bind: (raw) => raw,
});

const Order = z.object({ symbol: z.string(), to: z.string(), n: z.number() });

const pay: Activity<z.input<typeof Order>, z.output<typeof Order>> = activity({
  name: "bench.pay",
  input: Order,
  output: Order,
  effect: "money",
  uses: { desk },
  timeouts: { total: "1m" },
  guard: ({ symbol, to, n }) => ({
    operation: "pay",
    kind: "open",
    amount: usdc("0.01"),
    symbol,
    counterparty: to,
    leverage: 2,
    again: String(n),
  }),
  run: (order) => order,
});

const once: Workflow<number, number> = workflow({
  name: "bench.pay",
  input: z.number(),
  output: z.number(),
  run: async (ctx, n) => (await ctx.call(pay, { symbol: "BTC-PERP", to: "shop", n })).n,
});

const POLICY: GuardPolicy = guard({
  budgets: [
    { per: "agent", span: "hour", limit: "100000.00" },
    { per: "counterparty", span: "day", limit: "1000000.00" },
    { per: "project", span: "total", limit: "10000000.00" },
  ],
  freshness: "off",
  maxNotional: "100.00",
  maxLeverage: 3,
  maxPositions: 1_000_000,
  maxExposure: "10000000.00",
  rate: { perSecond: 100_000, perDay: 10_000_000 },
  approval: { above: "50.00" },
});

function open(place: Place, policy?: GuardPolicy): Promise<EmbeddedEngine> {
  return openEngine({
    path: journalIn(place),
    definitions: [once],
    resources: [provide(desk, () => ({}))],
    durability: "full",
    guard: policy,
  });
}

function intents(policy?: GuardPolicy): Part {
  return async (place) => {
    await using engine = await open(place, policy);
    const samples: number[] = [];
    for (let n = 0; n < place.size(1_000, 100); n += 1) {
      samples.push(
        await timed(async () => {
          const run = await engine.client.start(once, n, { id: `pay-${n}` });
          await run.result();
        }),
      );
    }
    return [percentile(samples, 0.5), percentile(samples, 0.99)];
  };
}

const target = { of: "floor", aim: 1.5 } as const;

/** One money call under a policy, beside one without. */
export const guardedIntent: Workload = {
  figures: [
    { id: "guard.intent_p50_ms", unit: "ms", better: "lower", target },
    { id: "guard.intent_p99_ms", unit: "ms", better: "lower", target },
  ],
  engine: intents(POLICY),
  floor: intents(),
};

/** Times something now and then while 64 callers send. */
function whileSending(ask: (engine: EmbeddedEngine, n: number) => Promise<unknown>): Part {
  return async (place) => {
    await using engine = await open(place, POLICY);
    const samples: number[] = [];
    const count = place.size(3_000, 300);
    await atOnce(count, 64, async (n) => {
      if (n % 30 === 0) samples.push(await timed(() => ask(engine, n)));
      await engine.client.start(once, n, { id: `pay-${n}` });
    });
    return [percentile(samples, 0.5), percentile(samples, 0.99)];
  };
}

/** From the command to halt to the instant behind which nothing leaves. */
export const killSwitch: Workload = {
  figures: [
    { id: "guard.halt_p50_ms", unit: "ms", better: "lower" },
    { id: "guard.halt_p99_ms", unit: "ms", better: "lower" },
  ],
  engine: whileSending((engine, n) =>
    engine.guard.halt({ scope: `agent:other-${n}`, actor: "bench", reason: "measured" }),
  ),
  floor: whileSending((engine, n) => engine.client.start(once, n, { id: `bare-${n}` })),
};
