// Behaviours of runs that will not go on by themselves: the list of dead letters, resuming, giving up.

import assert from "node:assert/strict";
import { type Activity, HoldfastError, type Workflow, workflow } from "@holdfast/core";
import { z } from "zod";
import { Effects, code, double, pay } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

const because = { actor: "ada", reason: "the venue is back" } as const;

/** A plan of payments whose third is refused while the venue says so. */
function payments(effects: Effects, venue: { closed: boolean }): Workflow<number, number[]> {
  const paying = pay(effects, (_attempt, apply) => {
    if (venue.closed && effects.count === 2)
      throw new HoldfastError("CLOSED", "the venue is closed", {
        disposition: "refused",
        outcome: "refused",
      });
    return apply();
  });
  return workflow({
    name: "contract.payments",
    input: z.number(),
    output: z.array(z.number()),
    run: async (ctx, count) => {
      const paid: number[] = [];
      for (let n = 0; n < count; n += 1) {
        await ctx.sleep("1h");
        paid.push(await ctx.call(paying, n));
      }
      return paid;
    },
  });
}

function buggy(fixed: boolean): Workflow<void, number> {
  return workflow({
    name: "contract.buggy",
    input: z.void(),
    output: z.number(),
    run: async (ctx) => {
      const four = await ctx.call(double, 2);
      if (!fixed) throw new TypeError("four is not a function");
      return four + (await ctx.call(double, 3));
    },
  });
}

async function failPayments(world: World): Promise<{
  readonly effects: Effects;
  readonly venue: { closed: boolean };
  readonly flow: Workflow<number, number[]>;
}> {
  const effects = new Effects();
  const venue = { closed: true };
  const flow = payments(effects, venue);
  await world.reopen([flow, parentOf(flow)]);
  return { effects, venue, flow };
}

function parentOf(flow: Workflow<number, number[]>): Workflow<number, number> {
  return workflow({
    name: "contract.payments-parent",
    input: z.number(),
    output: z.number(),
    run: async (ctx, count) => (await ctx.child(flow, count)).length,
  });
}

function paying(called: Activity<number, number>): Workflow<void, number> {
  return workflow({
    name: "contract.paying",
    input: z.void(),
    output: z.number(),
    run: async (ctx) => ctx.call(called, 1),
  });
}

/** Terminates a run whose one money call is open. */
async function terminateOpen(world: World, flow: Workflow<void, number>): Promise<void> {
  await world.reopen([flow]);
  await world.client.start(flow, undefined, { id: "run" });
  await world.settle();
  await world.engine.apply([{ kind: "terminate", id: "run", reason: "test" }]);
  await world.settle();
  assert.equal((await world.engine.dead({ kind: "in-doubt" })).total, 1);
}

const resume = (id: string, requestId = "r1") =>
  ({ kind: "resume", id, requestId, ...because }) as const;

export const deadBehaviours: readonly Behaviour[] = [
  {
    name: "a failed run is a dead letter with its cause, and resume() repeats what failed with its key",
    definitions: () => [],
    async run(world) {
      const { effects, venue, flow } = await failPayments(world);
      const run = await world.client.start(flow, 4, { id: "plan" });
      await assert.rejects(world.drive(run.result()), code("CLOSED"));
      const { letters, total } = await world.engine.dead();
      assert.equal(total, 1);
      assert.deepEqual(
        letters.map(({ id, kind, code: cause, suggestion, attempts }) => [
          id,
          kind,
          cause,
          suggestion,
          attempts,
        ]),
        [["plan", "failed", "CLOSED", "resume", 1]],
      );
      const refusedKey = effects.sends.length;
      venue.closed = false;
      await world.engine.apply([resume("plan")]);
      assert.deepEqual(await world.drive(run.result()), [1, 2, 3, 4]);
      assert.equal(effects.count, 4);
      assert.equal(effects.sends.length, refusedKey + 2);
      assert.equal((await world.engine.dead()).total, 0);
      const kinds = (await world.engine.history("plan")).map(({ entry }) => entry.kind);
      assert.ok(kinds.includes("run-failed") && kinds.includes("resumed"));
    },
  },
  {
    name: "resume() lets new code take over from before the failure; what was done is not done again",
    definitions: () => [buggy(false)],
    async run(world) {
      const run = await world.client.start(buggy(false), undefined, { id: "run" });
      await assert.rejects(world.drive(run.result()), /not a function/u);
      await world.reopen([buggy(true)]);
      await world.engine.apply([resume("run")]);
      assert.equal(await world.drive(run.result()), 10);
      const calls = (await world.engine.history("run")).filter(
        ({ entry }) => entry.kind === "done",
      );
      // The first answer is told again, to the new code.
      assert.equal(calls.length, 3);
    },
  },
  {
    name: "resume() of a run that fails again is one letter, counted on",
    definitions: () => [],
    async run(world) {
      const { flow } = await failPayments(world);
      const run = await world.client.start(flow, 4, { id: "plan" });
      await assert.rejects(world.drive(run.result()), code("CLOSED"));
      const [before] = (await world.engine.dead()).letters;
      world.clock.advanceTo(world.clock.now() + 60_000);
      await world.engine.apply([resume("plan")]);
      await world.settle();
      await assert.rejects(world.drive(run.result()), code("CLOSED"));
      const [after] = (await world.engine.dead()).letters;
      assert.deepEqual([before?.attempts, after?.attempts], [1, 2]);
      assert.ok((after?.lastAt ?? 0) > (before?.lastAt ?? 0));
    },
  },
  {
    name: "resume() survives a crash right after it was accepted, and is one however often it is sent",
    definitions: () => [],
    async run(world) {
      const { venue, flow, effects } = await failPayments(world);
      const run = await world.client.start(flow, 3, { id: "plan" });
      await assert.rejects(world.drive(run.result()), code("CLOSED"));
      venue.closed = false;
      await world.engine.apply([resume("plan")]);
      await world.reopen();
      await world.engine.apply([resume("plan")]);
      assert.deepEqual(await world.drive(world.client.run(flow, "plan").result()), [1, 2, 3]);
      assert.equal(effects.count, 3);
    },
  },
  {
    name: "resume() of a parent takes its failed child along",
    definitions: () => [],
    async run(world) {
      const { venue, flow, effects } = await failPayments(world);
      const parent = parentOf(flow);
      const run = await world.client.start(parent, 3, { id: "dad" });
      await assert.rejects(world.drive(run.result()), code("CLOSED"));
      venue.closed = false;
      await assert.rejects(
        world.engine.apply([resume("dad/contract.payments/0")]),
        code("HF-NOT-RESUMABLE"),
      );
      await world.engine.apply([resume("dad")]);
      assert.equal(await world.drive(run.result()), 3);
      assert.equal(effects.count, 3);
    },
  },
  {
    name: "resume() refuses runs that have not failed",
    definitions: () => [buggy(true)],
    async run(world) {
      const run = await world.client.start(buggy(true), undefined, { id: "fine" });
      await world.drive(run.result());
      await assert.rejects(world.engine.apply([resume("fine")]), code("HF-NO-DEAD-LETTER"));
      await assert.rejects(world.engine.apply([resume("nobody")]), code("HF-RUN-UNKNOWN"));
    },
  },
  {
    name: "discard() takes a failed run from the list and leaves its journal",
    definitions: () => [buggy(false)],
    async run(world) {
      const run = await world.client.start(buggy(false), undefined, { id: "run" });
      await assert.rejects(world.drive(run.result()), /not a function/u);
      await world.engine.apply([{ kind: "discard", id: "run", requestId: "d", ...because }]);
      assert.equal((await world.engine.dead()).total, 0);
      assert.equal((await run.describe()).status, "failed");
      await assert.rejects(
        world.engine.apply([{ kind: "discard", id: "run", requestId: "e", ...because }]),
        code("HF-NO-DEAD-LETTER"),
      );
    },
  },
  {
    name: "discard() of a run in doubt terminates it, and its effect stays recorded as in doubt",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const paying = pay(effects, () => {
        throw new HoldfastError("LOST", "no answer", { disposition: "terminal" });
      });
      const flow = workflow({
        name: "contract.doubtful",
        input: z.void(),
        output: z.number(),
        run: async (ctx) => ctx.call(paying, 1),
      });
      await world.reopen([flow]);
      await world.client.start(flow, undefined, { id: "run" });
      await world.settle();
      const { letters } = await world.engine.dead({ kind: "in-doubt" });
      assert.deepEqual(
        letters.map(({ id, suggestion }) => [id, suggestion]),
        [["run", "resolve"]],
      );
      await world.engine.apply([{ kind: "discard", id: "run", requestId: "d", ...because }]);
      await world.settle();
      assert.equal((await world.engine.describe("run")).status, "terminated");
      assert.equal((await world.engine.dead()).total, 0);
    },
  },
  {
    name: "dead() filters by kind, workflow, code and class, and pages",
    definitions: () => [buggy(false)],
    async run(world) {
      for (const id of ["a", "b", "c"]) {
        const run = await world.client.start(buggy(false), undefined, { id });
        await assert.rejects(world.drive(run.result()));
      }
      const first = await world.engine.dead({ limit: 2 });
      assert.deepEqual([first.letters.map(({ id }) => id), first.total], [["c", "b"], 3]);
      const second = await world.engine.dead({ limit: 2, cursor: first.cursor });
      assert.deepEqual([second.letters.map(({ id }) => id), second.cursor], [["a"], undefined]);
      const of = async (filter: object): Promise<number> => (await world.engine.dead(filter)).total;
      assert.deepEqual(
        [
          await of({ kind: "failed" }),
          await of({ kind: "stuck" }),
          await of({ workflow: "contract.buggy" }),
          await of({ code: "HF-USER-ERROR", class: "logic" }),
          await of({ class: "network" }),
        ],
        [3, 0, 3, 3, 0],
      );
      const [one, two] = first.letters;
      assert.equal(one?.fingerprint, two?.fingerprint);
    },
  },
  {
    name: "terminate() of a run with an open money call leaves a letter in doubt",
    definitions: () => [],
    async run(world) {
      await terminateOpen(
        world,
        paying(pay(new Effects(), () => new Promise<number>(() => undefined))),
      );
      const { letters } = await world.engine.dead();
      assert.deepEqual(
        letters.map(({ id, kind }) => [id, kind]),
        [["run", "in-doubt"]],
      );
    },
  },
  {
    name: "a late answer to a terminated run's money call settles its intent, and the letter is gone",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      const flow = paying(
        pay(effects, async (_attempt, apply) => {
          await answered;
          return apply();
        }),
      );
      await terminateOpen(world, flow);
      answer();
      await world.settle();
      assert.deepEqual([effects.sends.length, (await world.engine.dead()).total], [1, 0]);
    },
  },
  ...([false, true] as const).map((crash): Behaviour => ({
    name: `a terminated run's money call of unknown outcome is reconciled by itself${crash ? ", after a crash too" : ""}, and not sent again`,
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const lost = pay(
        effects,
        (_attempt, apply) => {
          apply();
          throw new HoldfastError("LOST", "no answer", { disposition: "retry" });
        },
        ({ key }) =>
          effects.has(key) ? { kind: "done", output: 1 } : { kind: "unknown", reason: "?" },
      );
      await terminateOpen(world, paying(lost));
      const sent = effects.sends.length;
      if (crash) await world.reopen();
      await world.settle();
      world.clock.advanceTo(world.clock.now() + 120_000);
      await world.settle();
      assert.equal((await world.engine.dead()).total, 0);
      assert.equal(effects.sends.length, sent);
    },
  })),
  {
    name: "terminate() ends a run that is stuck",
    definitions: () => [buggy(true)],
    async run(world) {
      const gone: Workflow<void, number> = workflow({
        name: "contract.gone",
        input: z.void(),
        output: z.number(),
        run: async (ctx) => {
          await ctx.sleep("1w");
          return 1;
        },
      });
      await world.reopen([gone]);
      await world.client.start(gone, undefined, { id: "run" });
      await world.reopen([buggy(true)]);
      // The workflow is gone from the project: the run shows it when it is looked at.
      await world.engine.apply([{ kind: "cancel", id: "run", reason: "x", requestId: "c" }]);
      await world.settle();
      assert.equal((await world.engine.describe("run")).status, "stuck");
      await world.engine.apply([{ kind: "terminate", id: "run", reason: "test" }]);
      assert.equal((await world.engine.describe("run")).status, "terminated");
      assert.equal((await world.engine.dead()).total, 0);
    },
  },
];
