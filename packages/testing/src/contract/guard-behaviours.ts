// Behaviours of the guard, on whatever engine: what it denies never leaves, what it counts is exact over retries and
// crashes, and what it holds back goes on with the same key.

import assert from "node:assert/strict";
import {
  type Activity,
  type GuardOptions,
  type GuardPolicy,
  HoldfastError,
  type Workflow,
  activity,
  guard,
  usdc,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { Effects, code } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

const ADA = { actor: "ada", reason: "contract" } as const;

const policyOf =
  (more: Partial<GuardOptions> = {}) =>
  (): GuardPolicy =>
    guard({
      budgets: [{ per: "agent", span: "total", limit: "10.00" }],
      freshness: "off",
      loss: { minBalance: "off" },
      ...more,
    });

type Behave = (attempt: number, apply: () => number) => number;

/** A money activity of so many whole USDC, which says so to the guard. */
function paying(effects: Effects, behave: Behave, total: "30s" | "1h" = "1h") {
  return activity({
    name: "contract.guarded",
    input: z.number(),
    output: z.number(),
    effect: "money",
    timeouts: { total, attempt: "10s" },
    retry: { first: "1s", max: "1s" },
    guard: (amount) => {
      if (amount < 0) throw new Error("nobody knows what this is");
      return { operation: "pay", kind: "open", amount: usdc(`${amount}.00`) };
    },
    cost: (cost) => usdc(`${cost}.00`),
    run: (_amount, a) => behave(a.attempt, () => effects.apply(a)),
  });
}

function once(called: Activity<number, number>): Workflow<number, number> {
  return workflow({
    name: "contract.guardedOnce",
    input: z.number(),
    output: z.number(),
    run: (ctx, input) => ctx.call(called, input, { ref: `${ctx.info.id}/pay` }),
  });
}

function failing(outcome: "refused" | "not-sent" | "unknown"): HoldfastError {
  const disposition = outcome === "refused" ? "refused" : "retry";
  return new HoldfastError("CONTRACT-FAILED", `failed, ${outcome}`, { disposition, outcome });
}

interface Scene {
  readonly effects: Effects;
  readonly flow: Workflow<number, number>;
}

interface Guarded {
  readonly name: string;
  readonly guard?: () => GuardPolicy;
  readonly total?: "30s" | "1h";
  readonly behave: Behave;
  readonly run: (world: World, scene: Scene) => Promise<void>;
}

function guarded({ name, guard: policy = policyOf(), total, behave, run }: Guarded): Behaviour {
  let scene: Scene | undefined;
  return {
    name,
    guard: policy,
    definitions: () => {
      const effects = new Effects();
      scene = { effects, flow: once(paying(effects, behave, total)) };
      return [scene.flow];
    },
    run: (world) => run(world, scene as Scene),
  };
}

async function spent(world: World): Promise<bigint> {
  return (await world.engine.guard.status()).budgets[0]?.spent ?? 0n;
}

async function denials(world: World): Promise<number> {
  const rows = await world.engine.guard.audit({ limit: 1_000 });
  return rows.filter(({ action }) => action === "guard denied").length;
}

/** Lets time pass, and everything happen that is due. */
async function pass(world: World, ms: number): Promise<void> {
  world.clock.advanceTo(world.clock.now() + ms);
  await world.settle();
}

const whole: Behave = (_attempt, apply) => {
  apply();
  return 3;
};

const denying: readonly Behaviour[] = [
  guarded({
    name: "what the guard denies is never sent, reserves nothing, and its run is told why",
    behave: whole,
    async run(world, { effects, flow }) {
      const over = await world.client.start(flow, 11, { id: "over" });
      await assert.rejects(world.drive(over.result()), (error) => {
        assert.match(String(error), /BUDGET/u);
        return code("HF-GUARD-DENIED")(error);
      });
      const unsaid = await world.client.start(flow, -1, { id: "unsaid" });
      await assert.rejects(world.drive(unsaid.result()), code("HF-GUARD-DENIED"));
      assert.deepEqual([effects.sends.length, await spent(world)], [0, 0n]);
    },
  }),
  guarded({
    name: "a denial outlives a crash before it was told, and is written down once",
    behave: whole,
    async run(world, { effects, flow }) {
      const run = await world.client.start(flow, 11, { id: "over" });
      await world.reopen();
      await assert.rejects(world.drive(run.result()), code("HF-GUARD-DENIED"));
      await world.reopen();
      assert.deepEqual([effects.sends.length, await denials(world)], [0, 1]);
      assert.equal((await world.engine.guard.verifyAudit()).fault, undefined);
    },
  }),
];

const counting: readonly Behaviour[] = [
  guarded({
    name: "a budget is exact over retries and crashes: a retry reserves nothing, and what is not spent is free again",
    behave: (attempt, apply) => {
      if (attempt === 1) throw failing("not-sent");
      apply();
      if (attempt === 2) throw failing("unknown");
      return 2;
    },
    async run(world, { effects, flow }) {
      for (const id of ["one", "two", "three"]) {
        const run = await world.client.start(flow, 4, { id });
        await world.settle();
        await world.reopen();
        assert.equal(await spent(world), usdc(`${2 * effects.count + 4}.00`));
        assert.equal(await world.drive(run.result()), 2);
      }
      assert.equal(await spent(world), usdc("6.00"));
      const over = await world.client.start(flow, 5, { id: "over" });
      await assert.rejects(world.drive(over.result()), code("HF-GUARD-DENIED"));
      assert.equal(effects.count, 3);
    },
  }),
  guarded({
    name: "what the venue has refused is free again",
    behave: () => {
      throw failing("refused");
    },
    async run(world, { flow }) {
      const refused = await world.client.start(flow, 8, { id: "refused" });
      await assert.rejects(world.drive(refused.result()), code("CONTRACT-FAILED"));
      assert.equal(await spent(world), 0n);
    },
  }),
  guarded({
    name: "what is in doubt stays reserved until a person says that it did not happen",
    total: "30s",
    behave: () => {
      throw failing("unknown");
    },
    async run(world, { flow }) {
      const run = await world.client.start(flow, 8, { id: "doubt" });
      const result = run.result();
      result.catch(() => undefined);
      await inStatus(world, "doubt", "in-doubt");
      assert.equal(await spent(world), usdc("8.00"));
      const [call] = (await run.describe()).calls;
      const next = await world.client.start(flow, 8, { id: "next" });
      await assert.rejects(world.drive(next.result()), code("HF-GUARD-DENIED"));
      await world.engine.apply([
        {
          kind: "resolve",
          id: "doubt",
          key: call?.key ?? "",
          resolution: { kind: "not-done" },
          requestId: "resolve-1",
          ...ADA,
        },
      ]);
      await assert.rejects(world.drive(result), code("HF-RESOLVED-NOT-DONE"));
      assert.equal(await spent(world), 0n);
    },
  }),
];

/** Lets time pass until a run stands so. */
async function inStatus(world: World, id: string, status: string): Promise<void> {
  for (let waits = 0; waits < 100; waits += 1) {
    await world.settle();
    if ((await world.engine.describe(id)).status === status) return;
    await pass(world, 1_000);
  }
  assert.equal((await world.engine.describe(id)).status, status);
}

const holding: readonly Behaviour[] = [
  guarded({
    name: "a halt holds back a retry that was let through before, and lift lets it go on with the same key",
    behave: (attempt, apply) => {
      apply();
      if (attempt === 1) throw failing("not-sent");
      return 3;
    },
    async run(world, { effects, flow }) {
      const run = await world.client.start(flow, 3, { id: "held" });
      await world.settle();
      assert.equal(effects.sends.length, 1);
      await world.engine.guard.halt({ scope: "agent:default", ...ADA });
      await pass(world, 5_000);
      await world.reopen();
      await pass(world, 60_000);
      assert.equal(effects.sends.length, 1, "nothing leaves");
      const denied = await world.client.start(flow, 3, { id: "new" });
      await assert.rejects(world.drive(denied.result()), code("HF-GUARD-DENIED"));
      await world.engine.guard.lift({ scope: "agent:default", ...ADA });
      assert.equal(await world.drive(run.result()), 3);
      assert.equal(new Set(effects.sends.map(({ key }) => key)).size, 1);
      assert.deepEqual(
        world.modes.map(({ scope, to }) => [scope, to]),
        [
          ["agent:default", "HALTED"],
          ["agent:default", undefined],
        ],
      );
    },
  }),
  guarded({
    name: "what a halt holds back until its total is over has certainly not been sent",
    total: "30s",
    behave: (_attempt, apply) => {
      apply();
      throw failing("not-sent");
    },
    async run(world, { effects, flow }) {
      const run = await world.client.start(flow, 3, { id: "held" });
      await world.settle();
      await world.engine.guard.halt({ scope: "project", ...ADA });
      await assert.rejects(world.drive(run.result()), code("HF-GUARD-HELD"));
      assert.deepEqual([effects.sends.length, await spent(world)], [1, 0n]);
    },
  }),
  guarded({
    name: "what a halt holds back until its total is over is in doubt where it may have been sent",
    total: "30s",
    behave: (_attempt, apply) => {
      apply();
      throw failing("unknown");
    },
    async run(world, { effects, flow }) {
      await world.client.start(flow, 3, { id: "held" });
      await world.settle();
      await world.engine.guard.halt({ scope: "project", ...ADA });
      await inStatus(world, "held", "in-doubt");
      assert.deepEqual([effects.sends.length, await spent(world)], [1, usdc("3.00")]);
    },
  }),
  {
    name: "what reads tell the guard turns modes on, and no order leaves any more",
    guard: policyOf({ loss: { drawdown: 0.2, minBalance: "off" } }),
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const look = activity({
        name: "contract.look",
        input: z.number(),
        output: z.number(),
        effect: "none",
        observe: (equity) => [{ kind: "equity", equity: usdc(`${equity}.00`) }],
        run: (equity) => equity,
      });
      const pay = paying(effects, whole);
      const flow = workflow({
        name: "contract.looking",
        input: z.number(),
        output: z.number(),
        run: async (ctx, equity) => {
          await ctx.call(look, equity);
          return ctx.call(pay, 3);
        },
      });
      await world.reopen([flow]);
      const first = await world.client.start(flow, 100, { id: "first" });
      assert.equal(await world.drive(first.result()), 3);
      const second = await world.client.start(flow, 79, { id: "second" });
      await assert.rejects(world.drive(second.result()), code("HF-GUARD-DENIED"));
      assert.equal(effects.count, 1);
      const { modes } = await world.engine.guard.status();
      assert.deepEqual(
        modes.map(({ scope, cause, mode }) => [scope, cause, mode]),
        [["agent:default", "drawdown", "HALTED"]],
      );
    },
  },
];

const asking: readonly Behaviour[] = [
  guarded({
    name: "a run waits for a person's yes as long as that takes, and then has its whole total",
    guard: policyOf({ approval: { above: "2.00", expires: "24h" } }),
    behave: (attempt, apply) => {
      if (attempt === 1) throw failing("not-sent");
      apply();
      return 3;
    },
    async run(world, { effects, flow }) {
      const run = await world.client.start(flow, 3, { id: "asking" });
      await inStatus(world, "asking", "awaiting-approval");
      await pass(world, 2 * 3_600_000);
      await world.reopen();
      assert.equal(await spent(world), usdc("3.00"));
      const { letters } = await world.engine.dead({ kind: "awaiting-approval" });
      assert.deepEqual(
        letters.map(({ id, suggestion }) => [id, suggestion]),
        [["asking", "approve"]],
      );
      const [asked] = await world.engine.guard.approvals({ state: "asked" });
      const row = await world.engine.guard.answer({ id: asked?.id ?? "", approved: true, ...ADA });
      assert.deepEqual([row.state, row.decidedBy], ["approved", "ada"]);
      assert.equal(await world.drive(run.result()), 3);
      assert.deepEqual([effects.count, await spent(world)], [1, usdc("3.00")]);
      const kinds = (await world.engine.history("asking")).map(({ entry }) => entry.kind);
      assert.ok(kinds.includes("awaiting-approval") && kinds.includes("resent"));
    },
  }),
  guarded({
    name: "no, and no answer in time, end a call unsent, and free what it had reserved",
    guard: policyOf({ approval: { above: "2.00", expires: "2h" } }),
    behave: whole,
    async run(world, { effects, flow }) {
      const late = await world.client.start(flow, 3, { id: "late" });
      await inStatus(world, "late", "awaiting-approval");
      const no = await world.client.start(flow, 4, { id: "no" });
      await inStatus(world, "no", "awaiting-approval");
      const asked = await world.engine.guard.approvals({ state: "asked" });
      const id = asked.find(({ run }) => run === "no")?.id ?? "";
      await world.engine.guard.answer({ id, approved: false, ...ADA });
      const told = (check: string) => (error: unknown) => {
        assert.equal((error as HoldfastError).details["check"], check);
        return code("HF-GUARD-DENIED")(error);
      };
      await assert.rejects(world.drive(no.result()), told("REJECTED"));
      await assert.rejects(
        world.engine.guard.answer({ id, approved: true, ...ADA }),
        code("HF-APPROVAL-DECIDED"),
      );
      await assert.rejects(world.drive(late.result()), told("EXPIRED"));
      assert.deepEqual([effects.sends.length, await spent(world)], [0, 0n]);
    },
  }),
  guarded({
    name: "a cancelled run asks nobody any more",
    guard: policyOf({ approval: { above: "2.00" } }),
    behave: whole,
    async run(world, { effects, flow }) {
      const run = await world.client.start(flow, 3, { id: "asking" });
      await inStatus(world, "asking", "awaiting-approval");
      await world.engine.apply([
        { kind: "cancel", id: "asking", reason: "enough", requestId: "cancel-1" },
      ]);
      await assert.rejects(world.drive(run.result()), code("HF-CANCELLED"));
      const rows = await world.engine.guard.approvals();
      assert.deepEqual(
        rows.map(({ state }) => state),
        ["withdrawn"],
      );
      assert.deepEqual([effects.sends.length, await spent(world)], [0, 0n]);
    },
  }),
];

export const guardBehaviours: readonly Behaviour[] = [
  ...denying,
  ...counting,
  ...holding,
  ...asking,
];
