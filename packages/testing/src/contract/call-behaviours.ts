// Behaviours of calls: retries by total, time-outs, keys, money, doubt, crashes.

import assert from "node:assert/strict";
import {
  type Activity,
  HoldfastError,
  type Workflow,
  activity,
  encode,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { Effects, code, pay } from "./definitions.ts";
import type { Behaviour } from "./harness.ts";

/** A workflow that makes one call and gives its outcome. */
function once(
  called: Activity<number, number>,
  options: { readonly key?: string } = {},
): Workflow<number, number> {
  return workflow({
    name: "contract.once",
    input: z.number(),
    output: z.number(),
    run: (ctx, input) => ctx.call(called, input, { ref: `${ctx.info.id}/pay`, ...options }),
  });
}

function failing(
  outcome: "refused" | "not-sent" | "unknown",
  disposition: "retry" | "refused" = "retry",
): HoldfastError {
  return new HoldfastError("CONTRACT-FAILED", `failed, ${outcome}`, {
    class: "network",
    disposition,
    outcome,
  });
}

interface Scene {
  readonly effects: Effects;
  readonly attempts: number[];
}

/** A behaviour around one money call whose attempts do as told. */
function money(
  name: string,
  behave: (attempt: number, apply: () => number, scene: Scene) => number | Promise<number>,
  run: (
    world: Parameters<Behaviour["run"]>[0],
    scene: Scene,
    workflow: Workflow<number, number>,
  ) => Promise<void>,
): Behaviour {
  let scene: Scene = { effects: new Effects(), attempts: [] };
  let flow: Workflow<number, number> | undefined;
  return {
    name,
    definitions: () => {
      scene = { effects: new Effects(), attempts: [] };
      const current = scene;
      flow = once(
        pay(current.effects, (attempt, apply) => {
          current.attempts.push(attempt);
          return behave(attempt, apply, current);
        }),
      );
      return [flow];
    },
    run: (world) => run(world, scene, flow as Workflow<number, number>),
  };
}

export const callBehaviours: readonly Behaviour[] = [
  money(
    "a money call whose answers are lost is sent again with the same key, and takes effect once",
    (attempt, apply) => {
      apply();
      if (attempt < 4) throw failing("unknown");
      return 7;
    },
    async (world, { effects }, flow) => {
      const run = await world.client.start(flow, 1, { id: "lost" });
      assert.equal(await world.drive(run.result()), 7);
      assert.equal(effects.count, 1);
      assert.equal(new Set(effects.sends.map(({ key }) => key)).size, 1);
    },
  ),
  money(
    "a money call that is refused fails, and is not sent again",
    () => {
      throw failing("refused", "refused");
    },
    async (world, { effects, attempts }, flow) => {
      const run = await world.client.start(flow, 1, { id: "refused" });
      await assert.rejects(world.drive(run.result()), code("CONTRACT-FAILED"));
      assert.deepEqual([effects.count, attempts.length], [0, 1]);
    },
  ),
  money(
    "a money call that never left fails when its total is over",
    () => {
      throw failing("not-sent");
    },
    async (world, { attempts }, flow) => {
      const start = world.clock.now();
      const run = await world.client.start(flow, 1, { id: "unsent" });
      await assert.rejects(world.drive(run.result()), code("HF-TOTAL-EXCEEDED"));
      assert.ok(world.clock.now() - start <= 3_600_000);
      assert.ok(attempts.length > 10);
    },
  ),
  money(
    "a money call whose outcome stays unknown is in doubt: not failed, not sent again, settled by a person once",
    (_attempt, apply) => {
      apply();
      throw failing("unknown");
    },
    async (world, { effects, attempts }, flow) => {
      const run = await world.client.start(flow, 1, { id: "doubt" });
      await inDoubt(world, "doubt");
      const sent = attempts.length;
      const [call] = (await run.describe()).calls;
      assert.equal(call?.state, "in-doubt");
      const resolution = { kind: "done", output: encode(42) } as const;
      const request = {
        kind: "resolve",
        id: "doubt",
        key: call.key,
        resolution,
        actor: "ann",
        reason: "seen at the venue",
      } as const;
      await world.engine.apply([{ ...request, requestId: "r1" }]);
      await world.engine.apply([{ ...request, requestId: "r1" }]);
      assert.equal(await world.drive(run.result()), 42);
      assert.deepEqual([effects.count, attempts.length], [1, sent]);
      await assert.rejects(
        world.engine.apply([{ ...request, requestId: "r2" }]),
        code("HF-RUN-CLOSED"),
      );
    },
  ),
  money(
    "a person cannot resend a doubt whose key the venue has forgotten, after a restart neither",
    (_attempt, apply) => {
      apply();
      throw failing("unknown");
    },
    async (world, { effects, attempts }, flow) => {
      await world.client.start(flow, 1, { id: "late" });
      await inDoubt(world, "late");
      const sent = attempts.length;
      const [call] = (await world.engine.describe("late")).calls;
      world.clock.advanceTo(world.clock.now() + 2 * 86_400_000);
      for (const requestId of ["before", "after"]) {
        const resend = world.engine.apply([
          {
            kind: "resolve",
            id: "late",
            key: call?.key ?? "",
            resolution: { kind: "resend" },
            actor: "ann",
            reason: "it did not arrive",
            requestId,
          },
        ]);
        await assert.rejects(resend, code("HF-RESEND-UNSAFE"));
        await world.reopen();
        await world.settle();
      }
      assert.deepEqual([effects.count, attempts.length], [1, sent]);
    },
  ),
  money(
    "a run waits for an effect in doubt through cancel, and a second resolver is refused",
    () => {
      throw failing("unknown");
    },
    async (world, _scene, flow) => {
      const run = await world.client.start(flow, 1, { id: "stays" });
      await inDoubt(world, "stays");
      await run.cancel();
      await world.settle();
      const described = await run.describe();
      assert.deepEqual([described.status, described.cancelRequested], ["in-doubt", true]);
      const key = described.calls[0]?.key ?? "";
      const common = {
        kind: "resolve",
        id: "stays",
        key,
        actor: "bob",
        reason: "not at the venue",
      } as const;
      const results = await Promise.allSettled([
        world.engine.apply([{ ...common, resolution: { kind: "not-done" }, requestId: "a" }]),
        world.drive(run.result()),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["fulfilled", "rejected"],
      );
    },
  ),
  money(
    "an attempt that outlives its time-out is given up, and its late answer still counts",
    (attempt, apply) => {
      if (attempt === 1) return new Promise(() => undefined);
      return apply();
    },
    async (world, { effects, attempts }, flow) => {
      const run = await world.client.start(flow, 1, { id: "slow" });
      const result = run.result();
      await world.settle();
      // The first attempt never answers: time must pass for its time-out, with it in flight.
      world.clock.advanceTo(world.clock.now() + 10_000);
      await world.settle();
      assert.equal(await world.drive(result), 1);
      assert.deepEqual([effects.count, attempts], [1, [1, 2]]);
    },
  ),
  {
    name: "two calls with one user key in different generations and roots: once per root",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const flow = once(
        pay(effects, (_attempt, apply) => apply()),
        { key: "period-1" },
      );
      await world.reopen([flow]);
      await world.drive((await world.client.start(flow, 1, { id: "p" })).result());
      await world.drive(
        (
          await world.client.start(flow, 1, { id: "p", onClosed: "restart", effects: "continue" })
        ).result(),
      );
      assert.equal(effects.sends.length, 1, "a done intent is not sent again");
      await world.drive(
        (
          await world.client.start(flow, 1, { id: "p", onClosed: "restart", effects: "again" })
        ).result(),
      );
      assert.deepEqual([effects.count, effects.sends.length], [2, 2]);
      const other = await world.client.start(flow, 2, {
        id: "p",
        onClosed: "restart",
        effects: "continue",
      });
      void other.result().catch(() => undefined);
      await inDoubt(world, "p");
      assert.equal(effects.sends.length, 2, "another body under an existing key is never sent");
    },
  },
  {
    name: "a crash between a call's start and its answer repeats it with the same key",
    definitions: () => [],
    async run(world) {
      const effects = new Effects();
      const hang = once(
        pay(effects, (_attempt, apply) => {
          apply();
          return new Promise(() => undefined);
        }),
      );
      const answer = once(pay(effects, (_attempt, apply) => apply()));
      await world.reopen([hang]);
      await world.client.start(hang, 1, { id: "crash" });
      await world.settle();
      await world.reopen([answer]);
      assert.equal(await world.drive(world.client.run(answer, "crash").result()), 1);
      assert.deepEqual([effects.count, effects.sends.length], [1, 2]);
    },
  },
  {
    name: "code that no longer fits parks the run with both sides named, and code that fits lets it go on",
    definitions: () => [],
    async run(world) {
      const version = (first: "10m" | "20m"): Workflow<undefined, string> =>
        workflow({
          name: "contract.changed",
          input: z.undefined(),
          output: z.string(),
          signals: { go: z.string() },
          run: async (ctx) => {
            let word = "";
            ctx.onSignal("go", (text) => {
              word = text;
            });
            await ctx.sleep(first);
            await ctx.until(() => word !== "");
            return word;
          },
        });
      const old = version("10m");
      await world.reopen([old]);
      await world.client.start(old, undefined, { id: "changed" });
      await world.settle();
      const changed = version("20m");
      await world.reopen([changed]);
      await assert.rejects(world.engine.query({ id: "changed", query: "x" }), code("HF-RUN-STUCK"));
      const stuck = await world.engine.describe("changed");
      assert.equal(stuck.status, "stuck");
      assert.match(
        stuck.problem?.message ?? "",
        /Expected from history: timer 0 until .* Got from code: timer 0 until/u,
      );
      await world.engine.apply([
        { kind: "signal", id: "changed", signal: "go", payload: encode("kept"), requestId: "s1" },
      ]);
      await world.reopen([old]);
      assert.equal(await world.drive(world.client.run(old, "changed").result()), "kept");
    },
  },
  {
    name: "code that awaits something foreign parks the run",
    definitions: () => [],
    async run(world) {
      const foreign = workflow({
        name: "contract.foreign",
        input: z.undefined(),
        output: z.number(),
        run: async (ctx) => {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          await ctx.sleep("1h");
          return 1;
        },
      });
      await world.reopen([foreign]);
      await world.client.start(foreign, undefined, { id: "foreign" });
      await world.settle();
      const described = await world.engine.describe("foreign");
      assert.deepEqual([described.status, described.problem?.code], ["stuck", "HF-FOREIGN-AWAIT"]);
    },
  },
  {
    name: "an activity's input that its schema refuses fails at once; an output that it refuses too",
    definitions: () => [],
    async run(world) {
      let runs = 0;
      const picky = activity({
        name: "contract.picky",
        input: z.number().max(5),
        output: z.number().max(5),
        effect: "none",
        run: (input) => {
          runs += 1;
          return input * 2;
        },
      });
      const flow = once(picky);
      await world.reopen([flow]);
      await assert.rejects(
        world.drive((await world.client.start(flow, 9, { id: "in" })).result()),
        code("HF-INPUT-INVALID"),
      );
      assert.equal(runs, 0);
      await assert.rejects(
        world.drive((await world.client.start(flow, 4, { id: "out" })).result()),
        code("HF-INPUT-INVALID"),
      );
      assert.equal(runs, 1);
    },
  },
  {
    name: "apply() commits all operations of a request or none",
    definitions: () => [],
    async run(world) {
      const flow = once(pay(new Effects(), (_attempt, apply) => apply()));
      await world.reopen([flow]);
      const start = {
        kind: "start",
        workflow: flow.name,
        input: encode(1),
        account: "default",
      } as const;
      await assert.rejects(
        world.engine.apply([
          { ...start, id: "kept", requestId: "1" },
          { kind: "cursor", name: "stream", value: "5" },
          { kind: "signal", id: "missing", signal: "x", payload: encode(1), requestId: "2" },
        ]),
        code("HF-RUN-UNKNOWN"),
      );
      assert.deepEqual(
        [(await world.engine.list()).runs.length, await world.engine.cursor("stream")],
        [0, undefined],
      );
      await world.engine.apply([
        { ...start, id: "kept", requestId: "1" },
        { kind: "cursor", name: "stream", value: "5" },
      ]);
      assert.equal(await world.engine.cursor("stream"), "5");
      assert.equal((await world.engine.list({ idPrefix: "ke" })).runs.length, 1);
    },
  },
];

/** Drives time until the run is in doubt. */
async function inDoubt(world: Parameters<Behaviour["run"]>[0], id: string): Promise<void> {
  for (let steps = 0; steps < 10_000; steps += 1) {
    await world.settle();
    if ((await world.engine.describe(id)).status === "in-doubt") return;
    const { next } = world.clock;
    assert.ok(next !== undefined, "nothing is due, and the run is not in doubt");
    world.clock.advanceTo(next);
  }
  assert.fail("the run does not come to be in doubt");
}
